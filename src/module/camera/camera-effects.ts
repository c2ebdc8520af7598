import type { ErrorCode, ErrorData } from '../../core/errors.js';
import type { CaptureRequest, PipelineCommand } from '../../pipeline/pipeline-messages.js';
import type { Report } from '../../protocol/statuses.js';

/** An action that follows a transition. `camera.ts` performs the effects in order. */
export type CameraEffect =
  | { readonly do: 'send'; readonly command: PipelineCommand }
  | { readonly do: 'report' | 'tell' | 'answer'; readonly report: Report }
  | { readonly do: 'reopenLater'; readonly attempt: number; readonly delayMs: number }
  | { readonly do: 'cancelReopen' }
  | { readonly do: 'settleChange'; readonly outcome: ChangeOutcome }
  /** From now on `instead` is asked for where `avoided` would be: no frame came with that. */
  | {
      readonly do: 'avoidSettings';
      readonly avoided: CaptureRequest;
      readonly instead: CaptureRequest;
      readonly why: ErrorData;
    };

/** What became of a change of settings that a command asked for. */
export type ChangeOutcome =
  /** The camera delivers frames with it. `unchanged`: as it did before. */
  | { readonly kind: 'restarted' | 'unchanged' }
  /** It is for the next opening. */
  | { readonly kind: 'later' }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string };

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

/** Answers the operation that waits for this status. If none waits, nobody is told. */
export function answer(made: Report): CameraEffect {
  return { do: 'answer', report: made };
}

export function settleChange(outcome: ChangeOutcome): CameraEffect {
  return { do: 'settleChange', outcome };
}
