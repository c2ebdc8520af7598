import type { OpenFile } from '../../src/core/disk-space.js';
import type { Frame } from '../../src/core/frame.js';
import type {
  ClosedRecording,
  Recording,
  RecordingPaths,
  RecordingRequest,
  RecordingSession,
  Unreachable,
  Whereabouts,
} from '../../src/recording/recording-session.js';
import { numberOf } from './fake-camera-source.js';

/** A gate that calls wait at: closed, they wait until it opens. */
export class Barrier {
  #waiting: (() => void)[] = [];
  #isClosed = false;

  get waiting(): number {
    return this.#waiting.length;
  }

  close(): void {
    this.#isClosed = true;
  }

  open(): void {
    this.#isClosed = false;
    this.letThrough(this.#waiting.length);
  }

  /** Lets `count` of those that wait go on; the barrier stays as it is. */
  letThrough(count = 1): void {
    for (const goOn of this.#waiting.splice(0, count)) goOn();
  }

  async pass(): Promise<void> {
    if (!this.#isClosed) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}

export interface FakeFailure {
  readonly error: Error;
  /** The append (counted from 1) that fails. */
  readonly atAppend?: number;
  /** Frames of the failed append that are in the file all the same. */
  readonly fitted?: number;
}

/** What a recording does when it is asked, set by the test before or meanwhile. */
export class FakeDisk {
  readonly appends = new Barrier();
  readonly checkpoints = new Barrier();
  readonly closes = new Barrier();
  appendFailure: FakeFailure | null = null;
  checkpointError: Error | null = null;
  closeFailure: Error | null = null;
  /** Makes `close` reject, which the contract forbids. */
  closeThrows: Error | null = null;
  /** What `locate` says; an error rejects. */
  whereabouts: Whereabouts | Error = { kind: 'inPlace' };
  /** A file that `close` finds no path to. */
  unreachableAtClose: Unreachable | null = null;
  /** Frames that turn out to be missing when the file is closed. */
  lostAtClose = 0;
}

/** A recording in memory that keeps what it was given, and complains about a caller who breaks the contract. */
export class FakeRecording implements Recording {
  paths: RecordingPaths | null = null;
  frames = 0;
  bytes = 0;
  /** Numbers of the frames in the file, in order. */
  readonly numbers: number[] = [];
  /** How many frames each append brought. */
  readonly batches: number[] = [];
  checkpoints = 0;
  isClosed = false;
  openVideo: OpenFile | null = null;
  #busy = false;
  #failed = false;
  #appends = 0;
  #firstNs = 0n;
  #lastNs = 0n;

  constructor(
    readonly request: RecordingRequest,
    private readonly take: number,
    private readonly disk: FakeDisk,
  ) {}

  append(frames: readonly Frame[]): Promise<void> {
    return this.#alone('append', async () => {
      if (frames.length === 0) throw new Error('append was called without frames');
      this.#appends += 1;
      await this.disk.appends.pass();
      const failure = this.disk.appendFailure;
      if (failure !== null && (failure.atAppend ?? 1) <= this.#appends) {
        this.#keep(frames.slice(0, failure.fitted ?? 0));
        this.#failed = true;
        throw failure.error;
      }
      this.batches.push(frames.length);
      this.#keep(frames);
    });
  }

  checkpoint(): Promise<void> {
    return this.#alone('checkpoint', async () => {
      this.checkpoints += 1;
      await this.disk.checkpoints.pass();
      if (this.disk.checkpointError === null) return;
      this.#failed = true;
      throw this.disk.checkpointError;
    });
  }

  async locate(): Promise<Whereabouts> {
    const { whereabouts } = this.disk;
    if (whereabouts instanceof Error) throw whereabouts;
    return whereabouts;
  }

  async close(): Promise<ClosedRecording> {
    if (this.#busy) throw new Error('close was called while another call was in flight');
    await this.disk.closes.pass();
    this.isClosed = true;
    this.openVideo = null;
    if (this.disk.closeThrows !== null) throw this.disk.closeThrows;
    const frames = this.frames - this.disk.lostAtClose;
    const span = Number(this.#lastNs - this.#firstNs) / 1e9;
    return {
      paths: frames === 0 ? null : this.paths,
      frames,
      durationS: frames > 1 ? (span * frames) / (frames - 1) : 0,
      bytes: this.bytes,
      ...(this.disk.unreachableAtClose === null ? {} : { unreachable: this.disk.unreachableAtClose }),
      ...(this.disk.closeFailure === null ? {} : { failure: this.disk.closeFailure }),
    };
  }

  async #alone(name: string, work: () => Promise<void>): Promise<void> {
    if (this.#busy) throw new Error(`${name} was called while another call was in flight`);
    if (this.isClosed || this.#failed) throw new Error(`${name} was called after the end`);
    this.#busy = true;
    try {
      await work();
    } finally {
      this.#busy = false;
    }
  }

  #keep(frames: readonly Frame[]): void {
    for (const frame of frames) {
      if (this.frames === 0) {
        this.#firstNs = frame.timelineNs;
        this.paths = this.#makePaths();
        this.openVideo = { fd: 20 };
      }
      this.#lastNs = frame.timelineNs;
      this.frames += 1;
      this.bytes += frame.byteLength;
      // Read only now: a frame whose memory was given back too early would show another number here.
      this.numbers.push(numberOf(frame));
    }
  }

  #makePaths(): RecordingPaths {
    const { sessionDir, cameraLabel, trialNumber } = this.request;
    const stem = `${sessionDir}/CSICameras/${cameraLabel}/trial${trialNumber}_take${this.take}`;
    return { take: this.take, videoPath: `${stem}.avi`, timingPath: `${stem}_timing.csv` };
  }
}

/** A `RecordingSession` without a disk. */
export class FakeRecordingSession implements RecordingSession {
  readonly disk = new FakeDisk();
  readonly recordings: FakeRecording[] = [];
  /** Thrown by `begin` while set. */
  beginError: Error | null = null;

  /** The recording begun last. Throws where there is none. */
  get recording(): FakeRecording {
    const recording = this.recordings.at(-1);
    if (recording === undefined) throw new Error('No recording was begun.');
    return recording;
  }

  begin(request: RecordingRequest): Recording {
    if (this.beginError !== null) throw this.beginError;
    const take = 1 + this.recordings.filter((one) => one.request.trialNumber === request.trialNumber).length;
    const recording = new FakeRecording(request, take, this.disk);
    this.recordings.push(recording);
    return recording;
  }
}
