import type { Frame } from '../../core/frame.js';

export interface RingLimits {
  /** Maximum number of frames, including those in a pending write. At least 1. */
  readonly maxFrames: number;
  /** Maximum number of bytes, including those in a pending write. */
  readonly maxBytes: number;
  /**
   * `pauseSource`: no frame is evicted. The source must pause when the ring is full; until it does, the ring grows.
   */
  readonly whenFull: 'dropOldest' | 'pauseSource';
}

/** A frame that had to leave the ring. The receiver must release it. */
export interface EvictedFrame {
  readonly frame: Frame;
  readonly number: number;
}

/** The frames of one write. The object is reused for every write. The arrays have the same length. */
export class FrameBatch {
  readonly frames: Frame[] = [];
  /** Each frame's number since the camera was opened, from 1. */
  readonly numbers: number[] = [];
  /** Each frame's time on the run's timeline, ms. */
  readonly timesMs: number[] = [];
  /** Sum of the frames' lengths, bytes. */
  byteLength = 0;
}

const NONE: readonly EvictedFrame[] = [];

/**
 * The frames that wait for the disk, bounded in frames and bytes. With `dropOldest`, a full ring evicts its oldest frame,
 * never the newest; with `pauseSource` it evicts none and grows. Frames in a write are pinned: they are not evicted, but they count until they are released.
 *
 * The ring retains its frames. It allocates nothing for a frame that fits.
 */
export class FrameRing {
  #frames: (Frame | null)[];
  #numbers: Float64Array;
  #timesMs: Float64Array;
  #head = 0;
  #waitingFrames = 0;
  #waitingBytes = 0;
  #pinnedFrames = 0;
  #pinnedBytes = 0;

  constructor(private readonly limits: RingLimits) {
    const slots = Math.max(1, Math.floor(limits.maxFrames));
    this.#frames = Array.from<Frame | null>({ length: slots }).fill(null);
    this.#numbers = new Float64Array(slots);
    this.#timesMs = new Float64Array(slots);
  }

  /** Frames that wait plus frames that are being written. */
  get frames(): number {
    return this.#waitingFrames + this.#pinnedFrames;
  }

  /** Bytes that wait plus bytes that are being written. */
  get bytes(): number {
    return this.#waitingBytes + this.#pinnedBytes;
  }

  get waitingFrames(): number {
    return this.#waitingFrames;
  }

  /** 0 to 1, whichever is fuller: frames or bytes. Above 1 if a frame came in over the bound. */
  get fill(): number {
    return Math.max(this.frames / this.#frameLimit, this.bytes / this.limits.maxBytes);
  }

  /**
   * Retains the frame and returns the frames that had to leave for it, oldest first (usually none). The newest frame
   * always comes in. While a write pins nearly everything, the ring exceeds its bound by this one frame.
   */
  push(frame: Frame, number: number, timeMs: number): readonly EvictedFrame[] {
    const evicted = this.limits.whenFull === 'dropOldest' ? this.#makeRoom(frame.byteLength) : NONE;
    if (this.#waitingFrames === this.#frames.length) this.#grow();
    const slot = (this.#head + this.#waitingFrames) % this.#frames.length;
    frame.retain();
    this.#frames[slot] = frame;
    this.#numbers[slot] = number;
    this.#timesMs[slot] = timeMs;
    this.#waitingFrames += 1;
    this.#waitingBytes += frame.byteLength;
    return evicted;
  }

  /**
   * Moves the oldest frames into the batch and pins them: as many as `maxFrames` and `maxBytes` allow, but at least
   * one if one waits. Returns how many. The batch must be empty.
   */
  claim(maxFrames: number, maxBytes: number, into: FrameBatch): number {
    while (this.#waitingFrames > 0 && into.frames.length < maxFrames) {
      const next = this.#frames[this.#head];
      if (into.frames.length > 0 && into.byteLength + (next?.byteLength ?? 0) > maxBytes) break;
      into.numbers.push(this.#numbers[this.#head] ?? 0);
      into.timesMs.push(this.#timesMs[this.#head] ?? 0);
      const frame = this.#shift();
      into.frames.push(frame);
      into.byteLength += frame.byteLength;
    }
    this.#pinnedFrames += into.frames.length;
    this.#pinnedBytes += into.byteLength;
    return into.frames.length;
  }

  /** Releases the frames that `claim` pinned and empties the batch. Call this when the write is over. */
  release(batch: FrameBatch): void {
    this.#pinnedFrames -= batch.frames.length;
    this.#pinnedBytes -= batch.byteLength;
    for (const frame of batch.frames) frame.release();
    batch.frames.length = 0;
    batch.numbers.length = 0;
    batch.timesMs.length = 0;
    batch.byteLength = 0;
  }

  /** Removes all waiting frames, oldest first. The caller must release them. */
  evictAll(): readonly EvictedFrame[] {
    const evicted: EvictedFrame[] = [];
    while (this.#waitingFrames > 0) evicted.push(this.#evict());
    return evicted;
  }

  get #frameLimit(): number {
    return Math.max(1, Math.floor(this.limits.maxFrames));
  }

  #makeRoom(byteLength: number): readonly EvictedFrame[] {
    let evicted: EvictedFrame[] | null = null;
    while (
      this.#waitingFrames > 0 &&
      (this.frames + 1 > this.#frameLimit || this.bytes + byteLength > this.limits.maxBytes)
    ) {
      evicted ??= [];
      evicted.push(this.#evict());
    }
    return evicted ?? NONE;
  }

  #evict(): EvictedFrame {
    const number = this.#numbers[this.#head] ?? 0;
    return { number, frame: this.#shift() };
  }

  #shift(): Frame {
    const frame = this.#frames[this.#head];
    if (frame === null || frame === undefined) throw new Error('The ring is empty: a bug in FrameRing.');
    this.#frames[this.#head] = null;
    this.#head = (this.#head + 1) % this.#frames.length;
    this.#waitingFrames -= 1;
    this.#waitingBytes -= frame.byteLength;
    return frame;
  }

  /** Needed only with `pauseSource`, for the frames that the source still delivers after it was asked to pause. */
  #grow(): void {
    const more = Array.from<Frame | null>({ length: this.#frames.length }).fill(null);
    this.#frames = [...this.#frames.slice(this.#head), ...this.#frames.slice(0, this.#head), ...more];
    this.#numbers = doubled(this.#numbers, this.#head);
    this.#timesMs = doubled(this.#timesMs, this.#head);
    this.#head = 0;
  }
}

/** A full ring's values in order from `head`, in an array twice as long. */
function doubled(values: Float64Array, head: number): Float64Array {
  const longer = new Float64Array(values.length * 2);
  longer.set(values.subarray(head));
  longer.set(values.subarray(0, head), values.length - head);
  return longer;
}
