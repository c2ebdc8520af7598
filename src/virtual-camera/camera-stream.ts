/**
 * The stream: frames come due, wait in the camera's buffers while nobody reads, and are lost when these are full.
 * Ending the process is the business of the one who listens (`main.ts`).
 */
import { writeSync } from 'node:fs';

import { type ByteSink } from './byte-sink.js';
import { type FrameComposer } from './frame-composer.js';
import { type Ending, FrameFaults } from './frame-faults.js';
import { FrameSchedule, monotonicUs, WallClock } from './frame-schedule.js';
import { lineEnds, type MetadataWriter } from './metadata.js';
import { type Misbehaviours } from './misbehaviours.js';

// Room for a frame's metadata block, bytes.
const MAX_METADATA_BYTES = 1024;
// Without a rate, frames are gathered to about this much for each write: a small frame a write would cost most in calls.
const BATCH_BYTES = 256 * 1024;
const GARBAGE_BYTES_A_FRAME = 16 * 1024;

export interface StreamSettings {
  /** Frames a second. */
  readonly fps: number;
  readonly composer: FrameComposer;
  readonly sink: Pick<ByteSink, 'write'>;
  readonly metadata: MetadataWriter | undefined;
  /** Where metadata goes: with the frames, or to a descriptor of its own. */
  readonly metadataTarget: 'with-frames' | number;
  /** Frames that may wait while one is being written. */
  readonly bufferCount: number;
  /** Frames at the start that are not given. */
  readonly withheldFrames: number;
  /** Number of frames to give, 0 for no limit. */
  readonly frames: number;
  /** Milliseconds to run, 0 for ever. */
  readonly timeoutMs: number;
  /** As fast as the reader reads; timestamps are those of the schedule all the same. */
  readonly isUnlimited: boolean;
}

export interface StreamListener {
  /** Every frame that was waiting is written: a clean end, asked for by signal, timeout or number of frames. */
  onFinished(): void;
  onTimeoutReached(): void;
  /** A misbehaviour whose frame has been sent. */
  onEnding(ending: Ending): void;
}

export class CameraStream {
  readonly #settings: StreamSettings;
  readonly #listener: StreamListener;
  readonly #wallClock = new WallClock();
  #buffer = Buffer.alloc(0);
  readonly #waiting: number[] = [];
  #faults: FrameFaults;
  #timer: NodeJS.Timeout | undefined;
  // Without a rate nothing else keeps the process alive while it hangs.
  #keepAlive: NodeJS.Timeout | undefined;
  // Made anew at the start: the grid begins with the stream.
  #schedule = new FrameSchedule(0, 1);
  #startedUs = 0;
  #followedUs = 0;
  #next = 1;
  #given = 0;
  /** Number of the last frame that was taken to be sent. */
  #lastTaken = 0;
  #isInterrupted = false;
  #isComplete = false;
  #isHung = false;
  // From taking a frame until its last byte is out, which may be more than one write.
  #isSending = false;
  #isFinished = false;

  constructor(settings: StreamSettings, listener: StreamListener, misbehaviours: Misbehaviours) {
    this.#settings = settings;
    this.#listener = listener;
    this.#faults = this.#prepare(new FrameFaults(misbehaviours, 0));
    this.#next = 1 + settings.withheldFrames;
  }

  get faults(): FrameFaults {
    return this.#faults;
  }

  start(): void {
    this.#startedUs = monotonicUs();
    this.#schedule = new FrameSchedule(this.#startedUs, this.#settings.fps);
    this.#keepAlive = setInterval(() => undefined, 60_000);
    if (this.#checkEnding()) return;
    this.#resume();
  }

  /** SIGINT: heard when the next frame completes, and never while none does. */
  interrupt(): void {
    this.#isInterrupted = true;
  }

  /** Replaces all misbehaviours; their frame counts begin now. What hung goes on. */
  misbehave(asked: Misbehaviours): void {
    this.#faults = this.#prepare(new FrameFaults(asked, this.#lastTaken));
    this.#isHung = false;
    // A write in flight looks at it when it is done.
    if (!this.#isSending && this.#checkEnding()) return;
    this.#resume();
  }

  /** No more frames until `misbehave`; the sensor's clock goes on. */
  hang(): void {
    this.#isHung = true;
    this.#waiting.length = 0;
  }

  /** No more frames, no more timers. */
  close(): void {
    this.#isFinished = true;
    clearTimeout(this.#timer);
    clearInterval(this.#keepAlive);
  }

  /** Makes room for what the faults put into the stream. A write in flight keeps the buffer that it has. */
  #prepare(faults: FrameFaults): FrameFaults {
    const { composer, isUnlimited } = this.#settings;
    composer.hasEndOfImageInHeader = faults.hasEndOfImageInHeader;
    const frameBytes = composer.maxFrameBytes + MAX_METADATA_BYTES;
    const wanted = frameBytes + faults.garbageBytes + GARBAGE_BYTES_A_FRAME + (isUnlimited ? BATCH_BYTES : 0);
    if (this.#buffer.length < wanted) this.#buffer = Buffer.allocUnsafe(wanted);
    return faults;
  }

  #resume(): void {
    if (this.#settings.isUnlimited) this.#pump();
    else this.#tick();
  }

  #tick(): void {
    clearTimeout(this.#timer);
    const schedule = this.#schedule;
    const nowUs = monotonicUs();
    this.#followWallClock(nowUs);
    const last = schedule.lastComplete(nowUs);
    while (this.#next <= last && !this.#isComplete) {
      this.#frameCompleted(this.#next, nowUs);
      this.#next += 1;
      // At once, so that after a late timer the first one leaves a buffer to those behind it.
      this.#pump();
    }
    if (!this.#isComplete && !this.#isFinished)
      this.#timer = setTimeout(() => this.#tick(), Math.ceil(schedule.msUntil(this.#next, nowUs)));
    this.#pump();
  }

  #followWallClock(nowUs: number): void {
    if (nowUs - this.#followedUs < 1_000_000) return;
    this.#followedUs = nowUs;
    this.#wallClock.follow(nowUs, Date.now());
  }

  #frameCompleted(number: number, nowUs: number): void {
    // With all buffers taken the sensor's frame is lost, and as no request completes nobody hears a signal.
    if (this.#isHung || this.#waiting.length >= this.#settings.bufferCount) return;
    if (this.#shouldStop(nowUs)) return;
    this.#given += 1;
    this.#waiting.push(number);
  }

  #shouldStop(nowUs: number): boolean {
    const { frames, timeoutMs } = this.#settings;
    const isTimeUp = frames === 0 && timeoutMs > 0 && nowUs - this.#startedUs > timeoutMs * 1000;
    const isEnough = frames > 0 && this.#given >= frames;
    if (!isTimeUp && !isEnough && !this.#isInterrupted) return false;
    if (isTimeUp) this.#listener.onTimeoutReached();
    this.#isComplete = true;
    return true;
  }

  /** Takes the next frame to send: one that waits or, without a rate, the next there is. */
  #take(): number | undefined {
    if (!this.#settings.isUnlimited) return this.#waiting.shift();
    if (this.#isComplete || this.#isHung) return undefined;
    const nowUs = monotonicUs();
    this.#followWallClock(nowUs);
    if (this.#shouldStop(nowUs)) return undefined;
    this.#given += 1;
    return this.#next++;
  }

  #pump(): void {
    if (this.#isSending || this.#isHung || this.#isFinished) return;
    let end = 0;
    do {
      const number = this.#take();
      if (number === undefined) break;
      this.#lastTaken = number;
      if (this.#faults.isDropped(number)) continue;
      if (this.#faults.takeCutStream(number)) return this.#cutStream(number, end);
      end = this.#put(number, end);
      if (this.#faults.isMetadataInPieces) return this.#writeInPieces(end);
    } while (this.#settings.isUnlimited && end < BATCH_BYTES && !this.#faults.endingAfter(this.#lastTaken));
    if (end > 0) {
      this.#isSending = true;
      this.#settings.sink.write(this.#buffer, 0, end, () => this.#written());
      return;
    }
    if (this.#waiting.length > 0) return this.#pump(); // the one before was dropped
    if (this.#checkEnding()) return;
    if (this.#isComplete) this.#finish();
  }

  #written(): void {
    this.#isSending = false;
    if (!this.#checkEnding()) this.#pump();
  }

  #checkEnding(): boolean {
    const ending = this.#isHung ? undefined : this.#faults.endingAfter(this.#lastTaken);
    if (!ending) return false;
    this.#listener.onEnding(ending);
    return true;
  }

  /** Puts a frame, its metadata and what garbage belongs there into the buffer; returns the index past it. */
  #put(number: number, start: number): number {
    const { composer, metadata, metadataTarget } = this.#settings;
    const faults = this.#faults;
    if (faults.isGarbage(number)) return fillWithGarbage(this.#buffer, start, start + GARBAGE_BYTES_A_FRAME);
    const garbage = faults.takeGarbage(number) ? faults.garbageBytes : 0;
    const frameStart = fillWithGarbage(this.#buffer, start, start + garbage);
    const sensorUs = this.#schedule.timestampUs(number);
    const wallUs = this.#wallClock.at(sensorUs);
    const end = composer.compose(number, sensorUs, wallUs, this.#buffer, frameStart);
    if (faults.takeCutFrame(number)) return frameStart + Math.floor((end - frameStart) / 2);
    if (!metadata || !faults.hasMetadata(number)) return end;
    const block = metadata.block(number, sensorUs, wallUs, faults);
    if (metadataTarget === 'with-frames') return end + this.#buffer.write(block, end, 'latin1');
    writeSync(metadataTarget, block);
    return end;
  }

  #cutStream(number: number, start: number): void {
    const end = this.#put(number, start);
    this.#isSending = true;
    this.#settings.sink.write(this.#buffer, 0, start + Math.floor((end - start) / 2), () =>
      this.#listener.onEnding({ kind: 'exit', code: this.#faults.cutStreamCode }),
    );
  }

  /** One write for the frame and one for each line behind it, as the real tool flushes them. */
  #writeInPieces(end: number): void {
    // The frame's own end is the last FF D9: metadata is plain text.
    this.#isSending = true;
    const buffer = this.#buffer;
    const frameEnd = buffer.lastIndexOf('\u00FF\u00D9', end, 'latin1') + 2;
    const ends = [frameEnd, ...lineEnds(buffer, frameEnd, end), end];
    const writeFrom = (start: number): void => {
      const pieceEnd = ends.find((one) => one > start);
      if (pieceEnd === undefined) return this.#written();
      this.#settings.sink.write(buffer, start, pieceEnd, () => setImmediate(() => writeFrom(pieceEnd)));
    };
    writeFrom(0);
  }

  #finish(): void {
    this.close();
    const { metadata, metadataTarget, sink } = this.#settings;
    const ending = metadata?.ending() ?? '';
    if (ending !== '' && metadataTarget === 'with-frames') {
      const length = this.#buffer.write(ending, 0, 'latin1');
      sink.write(this.#buffer, 0, length, () => this.#listener.onFinished());
      return;
    }
    if (ending !== '' && metadataTarget !== 'with-frames') writeSync(metadataTarget, ending);
    this.#listener.onFinished();
  }
}

/** Bytes that are no frame: the same in every run, and no marker among them. Returns `end`. */
function fillWithGarbage(target: Uint8Array, start: number, end: number): number {
  let state = 0x9e3779b9 ^ start;
  for (let at = start; at < end; at += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    const byte = state >>> 24;
    target[at] = byte === 0xff ? 0xfe : byte;
  }
  return end;
}
