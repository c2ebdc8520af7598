import type { Frame } from '../../core/frame.js';

export interface RingLimits {
  /** Frames at most, those in a pending write included. At least 1. */
  readonly maxFrames: number;
  /** Bytes at most, those in a pending write included. */
  readonly maxBytes: number;
  /** `pauseSource`: nothing is ever evicted; whoever feeds the ring must stop when it is full. It grows meanwhile. */
  readonly whenFull: 'dropOldest' | 'pauseSource';
}

/** A frame that had to go. Its hold passes to whoever is told: release it. */
export interface EvictedFrame {
  readonly frame: Frame;
  readonly number: number;
}

/** Frames taken out for one write, used again and again. The arrays have the same length. */
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
 * What waits for the disk, bounded in frames and bytes. When it is full the oldest frame goes, never the newest.
 * What was taken for a write is pinned: no longer evicted, but counted until it is released.
 *
 * Frames in the slots are held (`retain`); nothing is allocated for a frame that fits.
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

  /** Frames that wait and frames that are being written. */
  get frames(): number {
    return this.#waitingFrames + this.#pinnedFrames;
  }

  /** Bytes that wait and bytes that are being written. */
  get bytes(): number {
    return this.#waitingBytes + this.#pinnedBytes;
  }

  get waitingFrames(): number {
    return this.#waitingFrames;
  }

  /** 0 to 1, the fuller of frames and bytes; above 1 where a frame came in over the bound. */
  get fill(): number {
    return Math.max(this.frames / this.#frameLimit, this.bytes / this.limits.maxBytes);
  }

  /**
   * Takes hold of the frame and returns what had to go for it, oldest first (usually nothing). The newest frame
   * always comes in: while a write pins nearly everything, the bound is overshot by this one frame.
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
   * Moves the oldest frames into the batch and pins them: as many as `maxFrames` and `maxBytes` allow, but one at
   * least where there is one. Returns how many. The batch must be empty.
   */
  take(maxFrames: number, maxBytes: number, into: FrameBatch): number {
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

  /** Gives back what `take` pinned and empties the batch: the write is over. */
  release(batch: FrameBatch): void {
    this.#pinnedFrames -= batch.frames.length;
    this.#pinnedBytes -= batch.byteLength;
    for (const frame of batch.frames) frame.release();
    batch.frames.length = 0;
    batch.numbers.length = 0;
    batch.timesMs.length = 0;
    batch.byteLength = 0;
  }

  /** Takes everything that waits out of the ring, oldest first; their holds pass to the caller. */
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

  /** Only where frames are never dropped: what a source still had in hand when it was asked to pause. */
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
