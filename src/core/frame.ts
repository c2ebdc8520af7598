/** A piece of memory that frames lie in. It may be used again when every frame in it was released. */
export interface FrameMemory {
  retain(): void;
  release(): void;
}

/** What is known about a frame besides its picture. Nanoseconds are bigint: they do not fit a double. */
export interface FrameTimes {
  /** Start of the sensor's readout on the monotonic clock, nanoseconds; 0n where the camera gave none. */
  readonly sensorTimestampNs: bigint;
  /** When this process had read the frame's last byte, on the same monotonic clock, nanoseconds. */
  readonly arrivedMonotonicNs: bigint;
  /** Wall clock of the frame, microseconds since 1970: the camera's own (`FrameWallClock`), else ours at arrival. */
  readonly wallClockUs: bigint;
  /** The time from one frame to the next that the camera is set to, microseconds; 0 or absent where it gave none. */
  readonly frameDurationUs?: number;
}

/**
 * One JPEG as the camera sent it, with its times. The bytes are views into the reader's memory: nobody
 * changes them, and whoever keeps the frame beyond the call that handed it over calls `retain` and later `release`.
 */
export class Frame {
  #references = 1;

  constructor(
    /** The JPEG from SOI to EOI, in order: mostly one piece, more where it straddles blocks (1 MiB) of the reader. */
    readonly bytes: readonly Buffer[],
    /** Sum of the pieces' lengths, bytes. */
    readonly byteLength: number,
    readonly times: FrameTimes,
    private readonly memory: readonly FrameMemory[],
  ) {}

  retain(): void {
    this.#references += 1;
  }

  /** The last release gives the memory back. One too many is a bug and throws. */
  release(): void {
    this.#references -= 1;
    if (this.#references < 0) throw new Error('A frame was released more often than it was retained.');
    if (this.#references > 0) return;
    for (const block of this.memory) block.release();
  }

  /** The clock that gates and rates run on: the sensor's, or the arrival where there is none. Nanoseconds. */
  get timelineNs(): bigint {
    return this.times.sensorTimestampNs === 0n ? this.times.arrivedMonotonicNs : this.times.sensorTimestampNs;
  }
}
