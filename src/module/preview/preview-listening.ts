import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { Clock } from '../../core/clock.js';
import { messageOf } from '../../core/errors.js';
import type { PreviewAnswer, PreviewPicture, PreviewWant } from '../../core/preview-words.js';
import type { LogSink } from '../../logging/log-sink.js';

/** A picture of a camera's stream, to look at. */
export interface PreviewFrame {
  readonly deviceId: string;
  /**
   * The JPEG. Valid until the listener returns, or until its promise settles: its memory is then used for a later picture,
   * and the array is empty. A listener may transfer `jpeg.buffer` to another thread.
   */
  readonly jpeg: Uint8Array;
  /** Position since the camera was opened, from 1. */
  readonly frameNumber: number;
  /** Start of the sensor's readout, monotonic clock, nanoseconds; 0n if the camera gave none. */
  readonly sensorTimestampNs: bigint;
  /** When the frame was read, monotonic clock (as `process.hrtime.bigint()`), nanoseconds. */
  readonly arrivedMonotonicNs: bigint;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

/** It is called again when it has returned and its promise, if any, has settled. */
export type PreviewListener = (frame: PreviewFrame) => void | Promise<void>;

export interface PreviewListeningDependencies {
  readonly deviceId: string;
  readonly listener: PreviewListener;
  readonly clock: Clock;
  readonly logs: LogSink;
  /** Hands a port to the camera, now or when it is assigned. */
  readonly connect: (port: MessagePort) => void;
}

/** A listener that takes longer than this is told of in the log. */
const SLOW_LISTENER_MS = 2_000;
/** Time before a closed port is replaced, so that a pipeline which closes every port costs no busy loop. */
const RECONNECT_MS = 250;

/**
 * One listener of one camera's preview, in the module's thread. It holds its own port and connects again when that is
 * closed, so it outlives assignments, lost cameras and dead threads. What the listener does wrong is logged once each.
 */
export class PreviewListening {
  #port: MessagePort | null = null;
  /** The camera's thread has the port: it told its state. */
  #isConnected = false;
  /** The listener has not returned, or its promise has not settled. */
  #isBusy = false;
  #isEnded = false;
  #hasToldFailure = false;
  #hasToldSlowness = false;
  #cancelSlowness = (): void => undefined;
  #cancelReconnect = (): void => undefined;

  constructor(private readonly dependencies: PreviewListeningDependencies) {}

  open(): void {
    const { port1: port, port2 } = new MessageChannel();
    this.#port = port;
    this.#isConnected = false;
    port.on('message', (answer: PreviewAnswer) => {
      if (port === this.#port) this.#hear(answer);
    });
    port.once('close', () => {
      if (port === this.#port) this.#reconnect();
    });
    port.unref();
    this.dependencies.connect(port2);
  }

  /** The listener is not called again. May be called twice. */
  end(): void {
    this.#isEnded = true;
    this.#cancelSlowness();
    this.#cancelReconnect();
    this.#port?.close();
    this.#port = null;
  }

  #hear(answer: PreviewAnswer): void {
    if (answer.type === 'frame') {
      void this.#show(answer); // never rejects
      return;
    }
    const isFirst = !this.#isConnected;
    this.#isConnected = true;
    if (isFirst && !this.#isBusy) this.#want();
  }

  #reconnect(): void {
    this.#port = null;
    this.#cancelReconnect = this.dependencies.clock.after(RECONNECT_MS, () => {
      this.open();
    });
  }

  /** `buffer`: of the last picture. It is left behind where the listener transferred it, or forbade that. */
  #want(buffer?: ArrayBuffer): void {
    const want: PreviewWant = { type: 'want' };
    if (buffer === undefined || buffer.byteLength === 0) {
      this.#port?.postMessage(want);
      return;
    }
    try {
      this.#port?.postMessage({ ...want, buffer } satisfies PreviewWant, [buffer]);
    } catch {
      this.#port?.postMessage(want); // `markAsUntransferable` was called on it: the next picture gets a new one
    }
  }

  async #show(picture: PreviewPicture): Promise<void> {
    const { clock, listener } = this.dependencies;
    const beganNs = clock.monotonicNs();
    this.#isBusy = true;
    this.#cancelSlowness = clock.after(SLOW_LISTENER_MS, () => {
      this.#tellSlowness();
    });
    try {
      await listener(this.#frameOf(picture));
    } catch (thrown) {
      this.#tellFailure(thrown);
    }
    this.#cancelSlowness();
    // The timer does not see a listener that blocks its own thread.
    if (clock.monotonicNs() - beganNs >= BigInt(SLOW_LISTENER_MS) * 1_000_000n) this.#tellSlowness();
    this.#isBusy = false;
    if (this.#isConnected) this.#want(picture.buffer);
  }

  #frameOf({
    buffer,
    byteLength,
    frameNumber,
    sensorTimestampNs,
    arrivedMonotonicNs,
    width,
    height,
  }: PreviewPicture): PreviewFrame {
    const { deviceId } = this.dependencies;
    const jpeg = new Uint8Array(buffer, 0, byteLength);
    return { deviceId, jpeg, frameNumber, sensorTimestampNs, arrivedMonotonicNs, width, height };
  }

  #tellFailure(thrown: unknown): void {
    if (this.#hasToldFailure) return;
    this.#hasToldFailure = true;
    const context = { device: this.dependencies.deviceId, error: messageOf(thrown) };
    this.dependencies.logs.log('warn', 'A preview listener failed. It is called again with later pictures.', context);
  }

  #tellSlowness(): void {
    if (this.#hasToldSlowness || this.#isEnded) return;
    this.#hasToldSlowness = true;
    const context = { device: this.dependencies.deviceId, limitMs: SLOW_LISTENER_MS };
    const message = 'A preview listener takes long. It gets no further picture until it is ready; recording goes on.';
    this.dependencies.logs.log('warn', message, context);
  }
}
