/** Frames whose timestamps are at most this many frame durations apart follow each other; a lost frame makes it two. */
const LONGEST_INTERVAL = 1.25;
/** The frame duration may change by this share from one frame to the next and still count as the same rate. */
const SAME_RATE = 1 / 8;
/** A frame is seldom shorter than this share of the previous one. */
const LIKELY_SHARE = 7 / 8;

/**
 * Tells from timestamps and durations whether frames arrive without a gap. If they do, the length of one frame tells
 * where to look for the end of the next. If the timestamp behind that end follows the last one, no end was skipped.
 */
export class FrameCadence {
  #timestampNs = 0n;
  #durationUs = 0;
  #byteLength = 0;
  #isSteady = false;

  /** Where to start looking for the next frame's end, bytes from its start; 0 means from the start. */
  get searchFrom(): number {
    return this.#isSteady ? Math.floor(this.#byteLength * LIKELY_SHARE) : 0;
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
    this.#timestampNs = timestampNs;
    this.#durationUs = durationUs;
    this.#byteLength = byteLength;
  }
}
