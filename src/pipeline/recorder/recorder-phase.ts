import type { ErrorData } from '../../core/errors.js';
import type { RecordingSummary, StopReason } from '../pipeline-messages.js';

/**
 * The phase of a recording. It only moves down this list. `accepting`: frames are accepted. `finishing`: it was told to end and
 * writes the frames that wait. `failed`: those are lost, and the files keep what they hold. `over`: the outcome is out.
 */
export type RecorderPhase =
  | { readonly kind: 'accepting' }
  /** `cause`: the error, if the state of the disk ended it. */
  | { readonly kind: 'finishing'; readonly reason: StopReason; readonly cause: ErrorData | null }
  /** `reason`: why it was told to end, before or since; `null`: it was not told. */
  | { readonly kind: 'failed'; readonly reason: StopReason | null; readonly error: ErrorData }
  | { readonly kind: 'over' };

/** The phase after it is told to end. The first reason counts; if nothing changes, the same object is returned. */
export function toldToEnd(phase: RecorderPhase, reason: StopReason, cause: ErrorData | null): RecorderPhase {
  if (phase.kind === 'accepting') return { kind: 'finishing', reason, cause };
  if (phase.kind === 'failed' && phase.reason === null) return { ...phase, reason };
  return phase;
}

/** The phase after a failure. The first failure counts; if nothing changes, the same object is returned. */
export function failedBy(phase: RecorderPhase, error: ErrorData): RecorderPhase {
  if (phase.kind === 'accepting') return { kind: 'failed', reason: null, error };
  if (phase.kind === 'finishing') return { kind: 'failed', reason: phase.reason, error };
  return phase;
}

/** Why the recording ended, for its summary; `null` if it has not ended or was over before. */
export function endOf(phase: RecorderPhase): Pick<RecordingSummary, 'reason' | 'error'> | null {
  if (phase.kind === 'finishing') return { reason: phase.reason, error: phase.cause };
  if (phase.kind !== 'failed') return null;
  const { reason, error } = phase;
  return { reason: reason ?? (error.code === 'disk_full' ? 'disk_full' : 'io_error'), error };
}
