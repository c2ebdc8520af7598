import type { PipelineCommand } from '../../pipeline/pipeline-messages.js';
import type { Report } from '../../protocol/statuses.js';

/** An action that follows a transition. `camera.ts` performs the effects in order. */
export type CameraEffect =
  | { readonly do: 'send'; readonly command: PipelineCommand }
  | { readonly do: 'report' | 'tell'; readonly report: Report }
  | { readonly do: 'reopenLater'; readonly attempt: number; readonly delayMs: number }
  | { readonly do: 'cancelReopen' };

export function send(command: PipelineCommand): CameraEffect {
  return { do: 'send', command };
}

/** Reports a status. It answers the operation that waits for it. If no operation waits, the host gets it anyway. */
export function report(made: Report): CameraEffect {
  return { do: 'report', report: made };
}

/** Reports a status that must not answer an operation, because it is about an earlier take. */
export function tell(made: Report): CameraEffect {
  return { do: 'tell', report: made };
}
