import { errorDataOf } from '../core/errors.js';
import type { PipelineEvent } from './pipeline-messages.js';

/** A listener that throws is heard of in a log event, and harms nothing. */
export function guarded(onEvent: (event: PipelineEvent) => void): (event: PipelineEvent) => void {
  return (event) => {
    try {
      onEvent(event);
    } catch (thrown) {
      try {
        const context = { error: errorDataOf(thrown, 'capture_failed') };
        onEvent({ type: 'log', level: 'error', message: `The listener failed at ${event.type}.`, context });
      } catch {
        // It fails at logs as well: there is nobody left to tell.
      }
    }
  };
}
