import type { Clock } from '../../core/clock.js';
import { ERROR_ADVICE, type ErrorCode } from '../../core/errors.js';
import type { Report } from '../../protocol/statuses.js';
import type { CameraOperations } from './camera-operations.js';
import type { TakeOrder } from './recording-state.js';
import { comingTake, isRecording, isTakeFar } from './state-queries.js';
import type { CameraEvent, CameraState } from './state-types.js';

/** What the takes of a camera need of it. */
export interface TakesDependencies {
  readonly deviceId: string;
  readonly clock: Clock;
  readonly operations: CameraOperations;
  readonly state: () => CameraState;
  readonly push: (event: CameraEvent) => void;
  /** Pushes an event, and expects its answer right before it is handled. */
  readonly ask: (event: CameraEvent, expect: () => Promise<Report>) => Promise<Report>;
}

/** The starts and stops of a camera's takes: each waits for its answer, and a start that waits is answered when it must not wait. */
export class CameraTakes {
  /** A stop waits behind the start, so the start must not wait for frames. */
  #isStopBehindStart = false;
  /** The take of a start is under way, and its first frame has not come as soon as a stop may wait for it. */
  #isStartSlow = false;
  #onStartFar: () => void = () => {};

  constructor(private readonly dependencies: TakesDependencies) {}

  /** Whether a take is starting or running. */
  get isUnderWay(): boolean {
    return isRecording(this.dependencies.state());
  }

  /** Whether a start waits for more than the next frame, or for a slow one: a stop must not wait for it. */
  get isStartFar(): boolean {
    const isSlow = this.#isStartSlow && this.isUnderWay;
    return isSlow || isTakeFar(this.dependencies.state(), this.dependencies.clock.monotonicNs());
  }

  /** See `Camera.startRecording`. */
  start(order: TakeOrder, replyTo: string | undefined, onFar: () => void): Promise<Report> {
    const { ask, deviceId, operations, state } = this.dependencies;
    this.#isStopBehindStart = false;
    this.#onStartFar = onFar;
    const onSlow = (): void => {
      this.#isStartSlow = true;
      this.#onStartFar();
    };
    return ask({ type: 'startRecording', order }, () => {
      const why = `Another start replaced this one before ${deviceId} delivered a frame.`;
      if (!this.isUnderWay) operations.abort('startRecording', 'camera_disconnected', why);
      // A start that is answered with the take under way waits for the instant of that take.
      const { startNs } = (this.isUnderWay ? comingTake(state()) : null) ?? order;
      return operations.expectInTime('startRecording', replyTo, () => this.#onStartOverdue(), startNs, onSlow);
    });
  }

  /** See `Camera.releaseStart`. */
  releaseStart(): void {
    const { deviceId, operations, state } = this.dependencies;
    // A start that waits for the disk now may have to wait for frames soon.
    this.#isStopBehindStart = true;
    const code = 'start_cancelled';
    this.#cancelStart(code, `${deviceId} was stopped before the instant of its start. ${ERROR_ADVICE[code]}`);
    if (state().kind === 'streaming') return;
    operations.abort('startRecording', 'camera_disconnected', `${deviceId} delivered no frame before the stop.`);
  }

  /** See `Camera.stopRecording`. */
  stop(replyTo: string | undefined, stopNs: bigint | null): Promise<Report> {
    const { ask, operations } = this.dependencies;
    return ask({ type: 'stopRecording', reason: 'command', stopNs }, () =>
      operations.expectInTime('stopRecording', replyTo),
    );
  }

  /** Answers a start that waits, because the camera is about to be released. */
  abortStart(code: ErrorCode, why: string): void {
    this.#cancelStart(code, `${why} before the instant of its start.`);
    // A start that waits for its camera is remembered. It must not begin while the release waits for its turn.
    if (this.dependencies.state().kind !== 'streaming') this.dependencies.push({ type: 'cancelStart' });
    this.dependencies.operations.abort('startRecording', code, `${why} before the first frame was recorded.`);
  }

  /** Call it right before a take is ordered from the pipeline. */
  begin(): void {
    this.#isStartSlow = false;
    // Until now the start may have waited for a frame, or for the end of the last take.
    this.dependencies.operations.prolong('startRecording');
  }

  /** Call it after each event of the camera. */
  notice(): void {
    if (this.dependencies.state().kind === 'streaming') return;
    if (this.#isStopBehindStart) this.releaseStart();
    this.#onStartFar();
  }

  #onStartOverdue(): void {
    const { deviceId, operations, push, state } = this.dependencies;
    const present = state();
    if (present.kind === 'streaming') {
      if (present.recording.kind === 'stopping') operations.giveUp('startRecording', 'stopRecording');
      else operations.giveUp('startRecording');
      push({ type: 'stopRecording', reason: 'io_error', stopNs: null });
      return;
    }
    const why = `${deviceId} delivers no frames. The take starts by itself with the first frame. stop_recording cancels it.`;
    operations.abort('startRecording', 'camera_disconnected', why);
  }

  /** Nothing begins afterwards, even if the command that ends the wait is carried out later. */
  #cancelStart(code: ErrorCode, why: string): void {
    const { operations, push, state } = this.dependencies;
    if (operations.cancelStart(comingTake(state()), code, why)) push({ type: 'cancelStart' });
  }
}
