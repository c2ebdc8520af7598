import type { ErrorData } from '../../core/errors.js';
import type { CaptureRequest, RunEvent, SourceFormat, StopReason } from '../../pipeline/pipeline-messages.js';
import type { CameraEffect } from './camera-effects.js';
import type { RecordingFacts, RecordingState, TakeOrder } from './recording-state.js';

/** The states of a camera and what moves it from one to another. The rules are in `camera-state.ts` and its parts. */

/**
 * `lostAtNs`: time when the camera was lost, monotonic clock. `null`: it was not lost.
 * `next`: the take that starts with the first frame. It was interrupted, or a start arrived before that frame.
 */
export type CameraState =
  /** `recording`: the take whose end was not told when the closing was overdue. It is told when it comes. */
  | {
      readonly kind: 'closed';
      readonly run: number;
      readonly portReleased: boolean;
      readonly recording?: RecordingState;
    }
  /**
   * `attempt` 0: the host assigned the camera. From 1: attempts to open it again. `keepsTrying`: another attempt follows a
   * failure. It is always so for a camera that was lost.
   */
  | {
      readonly kind: 'opening';
      readonly run: number;
      readonly attempt: number;
      readonly lostAtNs: bigint | null;
      readonly keepsTrying: boolean;
      readonly next: TakeOrder | null;
    }
  | {
      readonly kind: 'streaming';
      readonly run: number;
      readonly format: SourceFormat;
      readonly fps: number;
      readonly recording: RecordingState; // a recording can only start in this state
    }
  /** Waiting for the delay before attempt number `attempt`. */
  | {
      readonly kind: 'waiting';
      readonly run: number;
      readonly attempt: number;
      readonly lostAtNs: bigint | null;
      readonly next: TakeOrder | null;
      readonly cause: ErrorData;
      /** Whether the lost run's process ended. */
      readonly portReleased: boolean;
    }
  | { readonly kind: 'closing'; readonly run: number; readonly recording: RecordingState };

export type CameraEvent =
  /** The host assigns the camera. `keepsTrying`: until a frame comes, also if the camera cannot be opened now. */
  | { readonly type: 'open'; readonly keepsTrying: boolean }
  /** The backoff is over. */
  | { readonly type: 'reopen' }
  | { readonly type: 'close'; readonly reason: StopReason; readonly untilNs: bigint }
  | { readonly type: 'startRecording'; readonly order: TakeOrder }
  | { readonly type: 'stopRecording'; readonly reason: StopReason }
  /** The pipeline did not answer `close` in time, because the process could not be ended. */
  | { readonly type: 'closeOverdue' }
  | RunEvent;

export interface Transition {
  readonly state: CameraState;
  readonly effects: readonly CameraEffect[];
}

/** Everything that the transitions need besides state and event. */
export interface CameraFacts extends RecordingFacts {
  readonly request: CaptureRequest;
  readonly resumesAfterReconnect: boolean;
  /** The configuration names the capture tool. One that is missing does not come by itself. */
  readonly isToolNamed: boolean;
  /** Attempts to reopen before the camera is given up. 0: no limit. */
  readonly maxAttempts: number;
  /** Delay before an attempt to reopen, ms. Attempts count from 1. */
  readonly delayMs: (attempt: number) => number;
  /** The present time of the monotonic clock. */
  readonly nowNs: bigint;
}

export const unchanged = (state: CameraState): Transition => ({ state, effects: [] });
