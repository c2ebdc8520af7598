/**
 * The stream. Frames become due, wait in the camera's buffers while nothing reads them, and are lost when the buffers
 * are full. The listener (`streaming.ts`) ends the process.
 */
import { writeSync } from 'node:fs';

import { type ByteSink } from './byte-sink.js';
import { type FrameComposer } from './picture/frame-composer.js';
import { type Ending, FrameFaults } from './frame-faults.js';
import { FrameSchedule, monotonicUs, type Schedule, WallClock } from './frame-schedule.js';
import { lineEnds, type MetadataWriter } from './metadata.js';
import { type Misbehaviours } from './misbehaviours.js';
import { type FrameSync } from './sync/frame-sync.js';

// Room for a frame's metadata block, bytes.
const MAX_METADATA_BYTES = 1024;
// Without a rate limit, each write gathers about this many bytes; otherwise small frames would cost most in system
// calls.
const BATCH_BYTES = 256 * 1024;
const GARBAGE_BYTES_A_FRAME = 16 * 1024;

export interface StreamDependencies {
  /** Frames a second. */
  readonly fps: number;
  readonly composer: FrameComposer;
  readonly sink: Pick<ByteSink, 'write'>;
  readonly metadata: MetadataWriter | undefined;
  /** Destination of the metadata: among the frames, or a descriptor of its own. */
  readonly metadataTarget: 'with-frames' | number;
  /** Frames that may wait while one is being written. */
  readonly bufferCount: number;
  /** Frames at the start that are not sent. */
  readonly withheldFrames: number;
  /** Number of frames to send; 0 for no limit. */
  readonly frames: number;
  /** Milliseconds to run; 0 for ever. */
  readonly timeoutMs: number;
  /** Sends as fast as the reader reads. Timestamps still follow the schedule. */
  readonly isUnlimited: boolean;
  /** With other cameras; `undefined` for a camera of its own. Not without a rate limit. */
  readonly sync: FrameSync | undefined;
}

export interface StreamListener {
  /** All waiting frames were written: a clean end, requested by signal, timeout or number of frames. */
  onFinished(): void;
  onTimeoutReached(): void;
  /** A misbehaviour is due, because its frame has been sent. */
  onEnding(ending: Ending): void;
}

export class CameraStream {
  readonly #dependencies: StreamDependencies;
  readonly #listener: StreamListener;
  readonly #wallClock = new WallClock();
  #buffer = Buffer.alloc(0);
  readonly #waiting: number[] = [];
  #faults: FrameFaults;
  #timer: NodeJS.Timeout | undefined;
  // Without a rate limit nothing else keeps the process alive while it hangs.
  #keepAlive: NodeJS.Timeout | undefined;
  // Replaced at the start, because the schedule begins with the stream.
  #schedule: Schedule = new FrameSchedule(0, 1);
  #startedUs = 0;
  #followedUs = 0;
  #next = 1;
  #given = 0;
  /** Number of the last frame that was fetched for sending. */
  #lastFetched = 0;
  #isInterrupted = false;
  #isComplete = false;
  #isHung = false;
  // True from fetching a frame until its last byte is written, which may take several writes.
  #isSending = false;
  #isFinished = false;

  constructor(dependencies: StreamDependencies, listener: StreamListener, misbehaviours: Misbehaviours) {
    this.#dependencies = dependencies;
    this.#listener = listener;
    this.#faults = this.#prepare(new FrameFaults(misbehaviours, 0));
    this.#next = 1 + dependencies.withheldFrames;
  }

  get faults(): FrameFaults {
    return this.#faults;
  }

  start(): void {
    this.#startedUs = monotonicUs();
    const { fps, sync } = this.#dependencies;
    this.#schedule = sync?.open(this.#startedUs) ?? new FrameSchedule(this.#startedUs, fps);
    this.#keepAlive = setInterval(() => undefined, 60_000);
    if (this.#checkEnding()) return;
    this.#resume();
  }

  /** SIGINT takes effect when the next frame completes, and never while no frame completes. */
  interrupt(): void {
    this.#isInterrupted = true;
  }

  /** Replaces all misbehaviours. Their frame counts begin now. A hanging stream resumes. */
  misbehave(asked: Misbehaviours): void {
    this.#faults = this.#prepare(new FrameFaults(asked, this.#lastFetched));
    this.#isHung = false;
    // A write in flight checks for it when it is done.
    if (!this.#isSending && this.#checkEnding()) return;
    this.#resume();
  }

  /** Sends no more frames until `misbehave`; the sensor's clock goes on. */
  hang(): void {
    this.#isHung = true;
    this.#waiting.length = 0;
  }

  /** Stops all frames and timers. */
  close(): void {
    this.#isFinished = true;
    clearTimeout(this.#timer);
    clearInterval(this.#keepAlive);
    this.#dependencies.sync?.close();
  }

  /** Makes room for the bytes that the faults add to the stream. A write in flight keeps its buffer. */
  #prepare(faults: FrameFaults): FrameFaults {
    const { composer, isUnlimited } = this.#dependencies;
    composer.hasEndOfImageInHeader = faults.hasEndOfImageInHeader;
    const frameBytes = composer.maxFrameBytes + MAX_METADATA_BYTES;
    const wanted = frameBytes + faults.garbageBytes + GARBAGE_BYTES_A_FRAME + (isUnlimited ? BATCH_BYTES : 0);
    if (this.#buffer.length < wanted) this.#buffer = Buffer.allocUnsafe(wanted);
    return faults;
  }

  #resume(): void {
    if (this.#dependencies.isUnlimited) this.#pump();
    else this.#tick();
  }

  #tick(): void {
    clearTimeout(this.#timer);
    const schedule = this.#schedule;
    const nowUs = monotonicUs();
    this.#followWallClock(nowUs);
    this.#dependencies.sync?.attend(nowUs, this.#waiting[0] ?? this.#next);
    const last = schedule.lastComplete(nowUs);
    while (this.#next <= last && !this.#isComplete) {
      this.#frameCompleted(this.#next, nowUs);
      this.#next += 1;
      // Send at once. After a late timer, the first frame then frees a buffer for the frames behind it.
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
    // While all buffers are in use the sensor's frame is lost. No request completes then, so a signal has no effect
    // either.
    if (this.#isHung || this.#waiting.length >= this.#dependencies.bufferCount) return;
    if (this.#shouldStop(nowUs) || this.#dependencies.sync?.isHeldBack(number)) return;
    this.#given += 1;
    this.#waiting.push(number);
  }

  #shouldStop(nowUs: number): boolean {
    const { frames, timeoutMs } = this.#dependencies;
    const isTimeUp = frames === 0 && timeoutMs > 0 && nowUs - this.#startedUs > timeoutMs * 1000;
    const isEnough = frames > 0 && this.#given >= frames;
    if (!isTimeUp && !isEnough && !this.#isInterrupted) return false;
    if (isTimeUp) this.#listener.onTimeoutReached();
    this.#isComplete = true;
    return true;
  }

  /** Returns the next frame to send: one that waits or, without a rate limit, simply the next one. */
  #fetch(): number | undefined {
    if (!this.#dependencies.isUnlimited) return this.#waiting.shift();
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
      const number = this.#fetch();
      if (number === undefined) break;
      this.#lastFetched = number;
      if (this.#faults.isDropped(number)) continue;
      if (this.#faults.claimCutStream(number)) return this.#cutStream(number, end);
      end = this.#put(number, end);
      if (this.#faults.isMetadataInPieces) return this.#writeInPieces(end);
    } while (this.#dependencies.isUnlimited && end < BATCH_BYTES && !this.#faults.endingAfter(this.#lastFetched));
    if (end > 0) {
      this.#isSending = true;
      this.#dependencies.sink.write(this.#buffer, 0, end, () => this.#written());
      return;
    }
    if (this.#waiting.length > 0) return this.#pump(); // the previous frame was dropped
    if (this.#checkEnding()) return;
    if (this.#isComplete) this.#finish();
  }

  #written(): void {
    this.#isSending = false;
    if (!this.#checkEnding()) this.#pump();
  }

  #checkEnding(): boolean {
    const ending = this.#isHung ? undefined : this.#faults.endingAfter(this.#lastFetched);
    if (!ending) return false;
    this.#listener.onEnding(ending);
    return true;
  }

  /** Puts a frame, its metadata and any garbage before it into the buffer. Returns the index after it. */
  #put(number: number, start: number): number {
    const { composer, metadata, metadataTarget } = this.#dependencies;
    const faults = this.#faults;
    if (faults.isGarbage(number)) return fillWithGarbage(this.#buffer, start, start + GARBAGE_BYTES_A_FRAME);
    const garbage = faults.claimGarbage(number) ? faults.garbageBytes : 0;
    const frameStart = fillWithGarbage(this.#buffer, start, start + garbage);
    const wallUs = this.#wallClock.at(this.#schedule.timestampUs(number));
    const sensorUs = this.#schedule.timestampUs(faults.stampedAs(number)) + faults.stampAheadUs(number);
    const end = composer.compose(number, sensorUs, wallUs, this.#buffer, frameStart);
    if (faults.claimCutFrame(number)) return frameStart + Math.floor((end - frameStart) / 2);
    if (!metadata || !faults.hasMetadata(number)) return end;
    const block = metadata.block(number, sensorUs, wallUs, faults);
    if (metadataTarget === 'with-frames') return end + this.#buffer.write(block, end, 'latin1');
    writeSync(metadataTarget, block);
    return end;
  }

  #cutStream(number: number, start: number): void {
    const end = this.#put(number, start);
    this.#isSending = true;
    this.#dependencies.sink.write(this.#buffer, 0, start + Math.floor((end - start) / 2), () =>
      this.#listener.onEnding({ kind: 'exit', code: this.#faults.cutStreamCode }),
    );
  }

  /** Writes the frame in one piece and then each metadata line separately, as the real tool flushes them. */
  #writeInPieces(end: number): void {
    // The last FF D9 is the frame's own end, because metadata is plain text.
    this.#isSending = true;
    const buffer = this.#buffer;
    const frameEnd = buffer.lastIndexOf('\u00FF\u00D9', end, 'latin1') + 2;
    const ends = [frameEnd, ...lineEnds(buffer, frameEnd, end), end];
    const writeFrom = (start: number): void => {
      const pieceEnd = ends.find((one) => one > start);
      if (pieceEnd === undefined) return this.#written();
      this.#dependencies.sink.write(buffer, start, pieceEnd, () => setImmediate(() => writeFrom(pieceEnd)));
    };
    writeFrom(0);
  }

  #finish(): void {
    this.close();
    const { metadata, metadataTarget, sink } = this.#dependencies;
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

/** Fills with bytes that are not a frame. They are the same every time and contain no marker. Returns `end`. */
function fillWithGarbage(target: Uint8Array, start: number, end: number): number {
  let state = 0x9e3779b9 ^ start;
  for (let at = start; at < end; at += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    const byte = state >>> 24;
    target[at] = byte === 0xff ? 0xfe : byte;
  }
  return end;
}
