/** Frames whose timestamps are at most this many frame durations apart follow each other; a lost frame makes it two. */
const LONGEST_INTERVAL = 1.25;
/** The frame duration may change by this share from one frame to the next and still count as the same rate. */
const SAME_RATE = 1 / 8;
/**
 * The search for a frame's end begins by this share of the last frame before its length: twice as much as frames shrank lately. Each FF byte
 * on the way costs a search of its own: the last eighth of a frame of 281 KB took 40 us, the last 64th takes 5.
 */
const MARGIN = { least: 1 / 64, most: 1 / 8 };
/** How fast it is forgotten that a frame was shorter than the one before: to a half within 44 frames. */
const KEPT_OF_SHRINKAGE = 63 / 64;

/**
 * Tells from timestamps and durations whether frames arrive without a gap. If they do, the lengths of the last ones tell
 * where to look for the end of the next. If the timestamp behind that end follows the last one, no end was skipped.
 */
export class FrameCadence {
  #timestampNs = 0n;
  #durationUs = 0;
  #byteLength = 0;
  /** By what share of the one before a frame was shorter, at most and lately. */
  #shrinkage = MARGIN.most;
  #isSteady = false;

  /** Where to start looking for the next frame's end, bytes from its start; 0 means from the start. */
  get searchFrom(): number {
    if (!this.#isSteady) return 0;
    const margin = Math.min(MARGIN.most, Math.max(MARGIN.least, 2 * this.#shrinkage));
    return Math.floor(this.#byteLength * (1 - margin));
  }

  /**
   * Whether a frame with these times directly follows the last one. `timestampNs`, `durationUs`: 0 if the camera gave
   * none.
   */
  isNext(timestampNs: bigint, durationUs: number): boolean {
    if (timestampNs === 0n || this.#timestampNs === 0n || durationUs === 0) return false;
    const intervalUs = Number(timestampNs - this.#timestampNs) / 1000;
    const isSameRate = Math.abs(durationUs - this.#durationUs) <= this.#durationUs * SAME_RATE;
    return isSameRate && intervalUs > 0 && intervalUs < durationUs * LONGEST_INTERVAL;
  }

  /** Notes a frame that was handed over. */
  note(timestampNs: bigint, durationUs: number, byteLength: number): void {
    this.#isSteady = this.isNext(timestampNs, durationUs);
    const shrinkage = this.#byteLength === 0 ? 0 : 1 - byteLength / this.#byteLength;
    this.#shrinkage = Math.max(shrinkage, this.#shrinkage * KEPT_OF_SHRINKAGE);
    this.#timestampNs = timestampNs;
    this.#durationUs = durationUs;
    this.#byteLength = byteLength;
  }
}
