import type {
  CameraSource,
  CameraStream,
  CaptureRequest,
  SourceFormat,
  SourceListener,
} from '../../src/capture/camera-source.js';
import type { CsiCamerasError } from '../../src/core/errors.js';
import { Frame } from '../../src/core/frame.js';
import type { FrameMemory, FrameMetadata, FrameTimes } from '../../src/core/frame.js';

export const FAKE_FORMAT: SourceFormat = {
  index: 0,
  cameraId: '/base/axi/pcie@120000/rp1/i2c@88000/imx296@1a',
  model: 'imx296',
  width: 1456,
  height: 1088,
};

/** Counts the frames that somebody still holds: 0 where everything was released. */
export class FrameLedger {
  held = 0;

  /** Memory whose `bytes` are overwritten when nobody holds it any more, as a reader would. */
  memory(bytes: Buffer): FrameMemory {
    let references = 1;
    this.held += 1;
    return {
      retain: () => {
        references += 1;
      },
      release: () => {
        references -= 1;
        if (references < 0) throw new Error('Frame memory was released more often than it was retained.');
        if (references > 0) return;
        this.held -= 1;
        bytes.fill(0xff);
      },
    };
  }
}

export interface FrameWish {
  readonly byteLength?: number;
  readonly times?: Partial<FrameTimes>;
  readonly ledger?: FrameLedger;
  readonly metadata?: FrameMetadata | null;
}

/** A frame whose first four bytes carry its number (little-endian), so that a test can follow it. */
export function makeFrame(number: number, wish: FrameWish = {}): Frame {
  const bytes = Buffer.alloc(Math.max(4, wish.byteLength ?? 100));
  bytes.writeUInt32LE(number);
  const sensorTimestampNs = wish.times?.sensorTimestampNs ?? BigInt(number) * 33_333_000n;
  const times: FrameTimes = {
    sensorTimestampNs,
    arrivedMonotonicNs: sensorTimestampNs + 5_000_000n,
    wallClockUs: 1_767_709_852_000_000n + sensorTimestampNs / 1_000n,
    ...wish.times,
  };
  const memory = [(wish.ledger ?? new FrameLedger()).memory(bytes)];
  return new Frame([bytes], bytes.length, times, memory, wish.metadata ?? null);
}

export function numberOf(frame: Frame): number {
  return frame.bytes[0]?.readUInt32LE() ?? -1;
}

/** One opened stream: the test plays the camera. */
export class FakeCameraStream implements CameraStream {
  isPaused = false;
  pauses = 0;
  isClosed = false;
  /** What `close` waits for besides a turn; a promise that never resolves is a camera that cannot be ended. */
  closing: Promise<void> = Promise.resolve();
  /** Called when it is asked to end: frames that still arrive are delivered here. */
  onClose: () => void = () => undefined;
  portReleased = true;
  closeLimits: number[] = [];
  /** How many frames each `catchUp` wanted at once. */
  catchUps: number[] = [];
  /** Called when it is asked to catch up: frames that were read are handed over here. */
  onCatchUp: () => void = () => undefined;
  /** What the frames tell of the camera from now on. */
  metadata: FrameMetadata | null = null;
  #delivered = 0;

  constructor(
    readonly request: CaptureRequest,
    readonly listener: SourceListener,
    readonly ledger: FrameLedger,
    /** Sensor timestamp of the first frame, nanoseconds. */
    /** Sensor time of the first frame. */
    readonly startNs: bigint,
  ) {}

  get delivered(): number {
    return this.#delivered;
  }

  giveFormat(format: SourceFormat = FAKE_FORMAT): void {
    this.listener.onFormat(format);
  }

  /** Delivers one frame and lets go of it, as a source does. Frames are numbered from 1. */
  giveFrame(times: Partial<FrameTimes> = {}, byteLength?: number): void {
    this.#delivered += 1;
    const frame = makeFrame(this.#delivered, {
      ...(byteLength === undefined ? {} : { byteLength }),
      times,
      ledger: this.ledger,
      metadata: this.metadata,
    });
    this.listener.onFrame(frame);
    frame.release();
  }

  /** Delivers frames at an even rate, `fps` a second of sensor time (the rate asked for, unless given). */
  giveFrames(count: number, fps = this.request.settings.fps): void {
    for (let sent = 0; sent < count; sent += 1) {
      const sensorTimestampNs = this.startNs + BigInt(Math.round((this.#delivered * 1e9) / fps));
      this.giveFrame({ sensorTimestampNs });
    }
  }

  lose(error: CsiCamerasError, endedNs?: bigint): void {
    this.listener.onLost(error, endedNs);
  }

  pause(): void {
    this.isPaused = true;
    this.pauses += 1;
  }

  resume(): void {
    this.isPaused = false;
  }

  catchUp(frames = 0): void {
    this.catchUps.push(frames);
    this.onCatchUp();
  }

  async close(limitMs: number): Promise<{ readonly portReleased: boolean }> {
    this.closeLimits.push(limitMs);
    if (!this.isClosed) {
      this.isClosed = true;
      this.onClose();
    }
    await this.closing;
    return { portReleased: this.portReleased };
  }
}

/** A `CameraSource` whose streams a test plays by hand. */
export class FakeCameraSource implements CameraSource {
  readonly ledger = new FrameLedger();
  readonly streams: FakeCameraStream[] = [];
  /** Thrown by the next `open`s while set. */
  openError: Error | null = null;
  /** What `open` waits for (an abort ends the wait); a promise that never resolves is a process that does not start. */
  opening: Promise<void> = Promise.resolve();
  /** False: `open` takes no notice of its signal. */
  heedsAbort = true;
  /** Called for each stream before `open` resolves. */
  onOpen: (stream: FakeCameraStream) => void = () => undefined;

  constructor(private readonly startNs = 1_000_000_000_000n) {}

  /** The stream opened last. Throws where there is none. */
  get stream(): FakeCameraStream {
    const stream = this.streams.at(-1);
    if (stream === undefined) throw new Error('No stream was opened.');
    return stream;
  }

  async open(request: CaptureRequest, listener: SourceListener, signal: AbortSignal): Promise<CameraStream> {
    await Promise.race([this.opening, ...(this.heedsAbort ? [rejectedOnAbort(signal)] : [])]);
    if (this.openError !== null) throw this.openError;
    const stream = new FakeCameraStream(request, listener, this.ledger, this.startNs);
    this.streams.push(stream);
    this.onOpen(stream);
    return stream;
  }
}

function rejectedOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
}
