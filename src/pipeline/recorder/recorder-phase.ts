import type { ErrorData } from '../../core/errors.js';
import type { RecordingSummary, StopReason } from '../pipeline-messages.js';

/**
 * What a recording is in; it only ever goes down this list. `accepting`: frames are taken. `finishing`: it was told to end, and
 * the frames that wait are written. `failed`: those are lost, and the files keep what they hold. `over`: the outcome is out.
 */
export type RecorderPhase =
  | { readonly kind: 'accepting' }
  /** `cause`: why, where the state of the disk told it to end. */
  | { readonly kind: 'finishing'; readonly reason: StopReason; readonly cause: ErrorData | null }
  /** `reason`: what it was told, before or since; `null`: nothing. */
  | { readonly kind: 'failed'; readonly reason: StopReason | null; readonly error: ErrorData }
  | { readonly kind: 'over' };

/** It is told to end. The first reason counts: the same phase where that changes nothing. */
export function toldToEnd(phase: RecorderPhase, reason: StopReason, cause: ErrorData | null): RecorderPhase {
  if (phase.kind === 'accepting') return { kind: 'finishing', reason, cause };
  if (phase.kind === 'failed' && phase.reason === null) return { ...phase, reason };
  return phase;
}

/** Something failed. The first failure counts: the same phase where that changes nothing. */
export function failedBy(phase: RecorderPhase, error: ErrorData): RecorderPhase {
  if (phase.kind === 'accepting') return { kind: 'failed', reason: null, error };
  if (phase.kind === 'finishing') return { kind: 'failed', reason: phase.reason, error };
  return phase;
}

/** Why a recording ended, for its summary; `null` where it has not, or was over before. */
export function endOf(phase: RecorderPhase): Pick<RecordingSummary, 'reason' | 'error'> | null {
  if (phase.kind === 'finishing') return { reason: phase.reason, error: phase.cause };
  if (phase.kind !== 'failed') return null;
  const { reason, error } = phase;
  return { reason: reason ?? (error.code === 'disk_full' ? 'disk_full' : 'io_error'), error };
}
