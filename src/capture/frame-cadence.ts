/** Intervals within these bounds are one frame's; two frames' take twice as long. */
const LONGEST_INTERVAL = 1.25;
/** The share by which a camera's frame duration may change from one frame to the next and still be the same rate. */
const SAME_RATE = 1 / 8;
/** A frame is seldom shorter than this share of the one before. */
const LIKELY_SHARE = 7 / 8;

/**
 * Whether frames follow each other without one missing in between, by their own timestamps and durations. Where they do,
 * the length of one tells where to look for the end of the next; the timestamp then proves that no end was passed over.
 */
export class FrameCadence {
  #timestampNs = 0n;
  #durationUs = 0;
  #byteLength = 0;
  #isSteady = false;

  /** Where the next frame's end is to be looked for, bytes from its start; 0: everywhere. */
  get likelyEnd(): number {
    return this.#isSteady ? Math.floor(this.#byteLength * LIKELY_SHARE) : 0;
  }

  /** Whether a frame with these times is the very next one. `timestampNs`, `durationUs`: 0 where the camera gave none. */
  isNext(timestampNs: bigint, durationUs: number): boolean {
    if (timestampNs === 0n || this.#timestampNs === 0n || durationUs === 0) return false;
    const intervalUs = Number(timestampNs - this.#timestampNs) / 1000;
    const isSameRate = Math.abs(durationUs - this.#durationUs) <= this.#durationUs * SAME_RATE;
    return isSameRate && intervalUs > 0 && intervalUs < durationUs * LONGEST_INTERVAL;
  }

  /** A frame came. */
  note(timestampNs: bigint, durationUs: number, byteLength: number): void {
    this.#isSteady = this.isNext(timestampNs, durationUs);
    this.#timestampNs = timestampNs;
    this.#durationUs = durationUs;
    this.#byteLength = byteLength;
  }
}
