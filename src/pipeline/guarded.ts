import { errorDataOf } from '../core/errors.js';
import type { PipelineEvent } from './pipeline-messages.js';

/** Wraps a listener. If it throws, the error becomes a log event and the caller goes on. */
export function guarded(onEvent: (event: PipelineEvent) => void): (event: PipelineEvent) => void {
  return (event) => {
    try {
      onEvent(event);
    } catch (thrown) {
      try {
        const context = { error: errorDataOf(thrown, 'capture_failed') };
        onEvent({ type: 'log', level: 'error', message: `The listener failed at ${event.type}.`, context });
      } catch {
        // The listener fails at log events too, so the error cannot be reported.
      }
    }
  };
}
