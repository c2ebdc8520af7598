import type { ErrorData } from '../../core/errors.js';
import type { CaptureRequest, RunEvent, SourceFormat, StopReason } from '../../pipeline/pipeline-messages.js';
import type { CameraEffect } from './camera-effects.js';
import type { RecordingFacts, RecordingState, Stop, TakeOrder } from './recording-state.js';

/** The states of a camera and what moves it from one to another. The rules are in `camera-state.ts` and its parts. */

/** How far an opening has come, from the order to the first frame. It may take several runs. */
export interface Opening {
  /** 0: the host assigned the camera. From 1: attempts to open it again. */
  readonly attempt: number;
  /** When the camera was lost, monotonic clock. `null`: it was not lost. */
  readonly lostAtNs: bigint | null;
  /** Another attempt follows a failure. It is always so for a camera that was lost. */
  readonly keepsTrying: boolean;
  /** The take that starts with the first frame. It was interrupted, or a start arrived before that frame. */
  readonly next: TakeOrder | null;
  /**
   * Whether the camera is restarted if other settings apply when the first frame comes. Once an opening, and once more after
   * each change that comes meanwhile.
   */
  readonly mayRestart: boolean;
}

/** A camera that delivered frames is opened again at once, because other settings apply. */
export interface Restart {
  /** What the camera is to be asked for. */
  readonly wanted: CaptureRequest;
  /** What it was asked for until now. It is asked for again if no frame comes with what is wanted. */
  readonly fallback: CaptureRequest;
  /** Why no frame came with what is wanted, so that `fallback` is asked for again. `null`: that is not so. */
  readonly refusal: ErrorData | null;
  /** Whether a command waits for the outcome. */
  readonly isAsked: boolean;
  /** Whether `device_ready` was told. A camera that fails with `fallback` too is then a lost one. */
  readonly wasReady: boolean;
}

export type CameraState =
  /**
   * `attempts`: how many were made to open the camera again before it was given up. `recording`: the take whose end was not told
   * when the closing was overdue. It is told when it comes.
   */
  | {
      readonly kind: 'closed';
      readonly run: number;
      readonly portReleased: boolean;
      readonly attempts?: number;
      readonly recording?: RecordingState;
    }
  /** `request`: what the run is asked for. `restart`: why this run follows another one at once, or `null`. */
  | (Opening & {
      readonly kind: 'opening';
      readonly run: number;
      readonly request: CaptureRequest;
      readonly restart: Restart | null;
    })
  /** The run is being ended. The next one is asked for what is wanted. */
  | (Opening & { readonly kind: 'restarting'; readonly run: number; readonly restart: Restart })
  | {
      readonly kind: 'streaming';
      readonly run: number;
      readonly request: CaptureRequest;
      readonly format: SourceFormat;
      readonly fps: number;
      readonly recording: RecordingState; // a recording can only start in this state
    }
  /** Waiting for the delay before attempt number `attempt`. `lostAtNs` and `next` as in `Opening`. */
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
  | ({ readonly type: 'stopRecording' } & Stop)
  /** A start that waits for its instant was answered, and is called off. */
  | { readonly type: 'cancelStart' }
  /** A command changes the settings. `request`: what the camera is to be asked for. Answered by `settleChange`. */
  | { readonly type: 'changeSettings'; readonly request: CaptureRequest }
  /** A change that no run was restarted for applies from now on. */
  | { readonly type: 'settingsTaken' }
  /** The pipeline did not answer `close` in time, because the process could not be ended. */
  | { readonly type: 'closeOverdue' }
  | RunEvent;

export interface Transition {
  readonly state: CameraState;
  readonly effects: readonly CameraEffect[];
}

/** Everything that the transitions need besides state and event. */
export interface CameraFacts extends RecordingFacts {
  /** What the camera is to be asked for by the settings that apply now. */
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
