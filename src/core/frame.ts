/** A block of memory that holds frames. It may be reused once every frame in it has been released. */
export interface FrameMemory {
  retain(): void;
  release(): void;
}

/** The times of a frame. Nanoseconds are bigint because they do not fit a double. */
export interface FrameTimes {
  /** Start of the sensor's readout on the monotonic clock, nanoseconds; 0n if the camera gave none. */
  readonly sensorTimestampNs: bigint;
  /** When this process read the frame's last byte, on the same monotonic clock, nanoseconds. */
  readonly arrivedMonotonicNs: bigint;
  /**
   * Wall clock of the frame, microseconds since 1970: the camera's own (`FrameWallClock`) if given, otherwise ours at
   * arrival.
   */
  readonly wallClockUs: bigint;
  /** The frame period that the camera is set to, microseconds; 0 or absent if the camera gave none. */
  readonly frameDurationUs?: number;
}

/**
 * What the camera told of a frame besides its times. `null`: it did not tell. Names and units are those of libcamera's
 * controls.
 */
export interface FrameMetadata {
  readonly exposureTimeUs: number | null;
  /** Analogue times digital gain. */
  readonly gain: number | null;
  readonly redGain: number | null;
  readonly blueGain: number | null;
  readonly colourTemperatureK: number | null;
  readonly lensPositionDioptres: number | null;
  /** Focus figure of merit; larger is sharper. */
  readonly focusFoM: number | null;
  readonly lux: number | null;
  /** Part of the sensor in the picture: x, y, width and height, pixels of the whole sensor. */
  readonly scalerCrop: readonly [x: number, y: number, width: number, height: number] | null;
  /** Whether a synchronised camera and its partners have met. */
  readonly isSyncReady: boolean | null;
  /** From this frame until server and clients meet, microseconds; negative afterwards. */
  readonly syncTimerUs: number | null;
  /** The lines `Name=Value` as the tool sent them, 8 KiB at most, without the empty line; '' unless they were asked for. */
  readonly text: string;
}

/**
 * One JPEG as the camera sent it, with its times. The bytes are views into the reader's memory, so nobody may change
 * them. To keep a frame beyond the call that delivered it, call `retain`, and later `release`.
 */
export class Frame {
  #references = 1;
  #timelineNs: bigint | null = null;

  constructor(
    /**
     * The JPEG from SOI to EOI, in order. Usually one piece; more if the frame straddles the reader's blocks (1 MiB).
     */
    readonly bytes: readonly Buffer[],
    /** Sum of the pieces' lengths, bytes. */
    readonly byteLength: number,
    readonly times: FrameTimes,
    private readonly memory: readonly FrameMemory[],
    /** `null`: no metadata came with it. */
    readonly metadata: FrameMetadata | null = null,
  ) {}

  retain(): void {
    this.#references += 1;
  }

  /** The last release returns the memory. One release too many is a bug and throws. */
  release(): void {
    this.#references -= 1;
    if (this.#references < 0) throw new Error('A frame was released more often than it was retained.');
    if (this.#references > 0) return;
    for (const block of this.memory) block.release();
  }

  /**
   * The time used for frame rates and playing time, nanoseconds: the sensor timestamp, or the arrival time if there is
   * none. It is another one where the sensor's timestamps are not in order (`FrameTimeline`).
   */
  get timelineNs(): bigint {
    if (this.#timelineNs !== null) return this.#timelineNs;
    return this.times.sensorTimestampNs === 0n ? this.times.arrivedMonotonicNs : this.times.sensorTimestampNs;
  }

  set timelineNs(timeNs: bigint) {
    this.#timelineNs = timeNs;
  }
}
