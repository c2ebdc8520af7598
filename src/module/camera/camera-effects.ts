import type { PipelineCommand } from '../../pipeline/pipeline-messages.js';
import type { Report } from '../../protocol/statuses.js';

/** What is to be done after a transition, in order. `camera.ts` does it. */
export type CameraEffect =
  | { readonly do: 'send'; readonly command: PipelineCommand }
  | { readonly do: 'report' | 'tell'; readonly report: Report }
  | { readonly do: 'reopenLater'; readonly attempt: number; readonly delayMs: number }
  | { readonly do: 'cancelReopen' };

export function send(command: PipelineCommand): CameraEffect {
  return { do: 'send', command };
}

/** A status that ends the operation which waits for one of its kind; where none does, the host hears it all the same. */
export function report(made: Report): CameraEffect {
  return { do: 'report', report: made };
}

/** A status that is no answer: it speaks of an earlier take than the operation that waits. */
export function tell(made: Report): CameraEffect {
  return { do: 'tell', report: made };
}
