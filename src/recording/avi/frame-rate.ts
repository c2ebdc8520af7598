/** Frames per second as the fraction `rate / scale`, both 32-bit, as in an AVI header. */
export interface FrameRate {
  readonly scale: number;
  readonly rate: number;
}

const NS_PER_SECOND = 1_000_000_000n;

/**
 * Players multiply the microseconds of a day by the rate, or the frames of a day by the scale, in signed 64 bits
 * (VLC does both). If neither exceeds 100 million, the results stay correct for 24 hours.
 */
const MAX_TERM = 100_000_000n;

/**
 * MPEG-4 has 16 bits for its time base, and encoders refuse a larger rate (OpenCV's and ffmpeg's `mpeg4`). Terms up to this
 * one can be converted to everything.
 */
const MAX_SHORT_TERM = 65_535n;

/** Playing time differs from recorded time by at most this part of a frame: a hundredth, or half a frame with short terms. */
const FINE = 100n;
const COARSE = 2n;

/** Used if neither a measured nor an expected rate makes sense. */
const FALLBACK: FrameRate = { scale: 1, rate: 30 };

/** No camera is faster, frames per second. */
const MAX_FPS = 100_000n;

/**
 * The mean rate of `frames` frames whose first and last are `spanNs` nanoseconds apart, as a fraction. The simplest one that
 * keeps the playing time within a hundredth of a frame is taken if its terms have 16 bits; else the nearest one with such
 * terms, if that keeps it within half a frame; else larger terms. Returns the expected rate if there are fewer than two
 * frames, if time did not move forward, or if no camera is that fast.
 */
export function meanFrameRate(frames: number, spanNs: bigint, expectedFps: number): FrameRate {
  if (frames < 2 || spanNs <= 0n) return expectedFrameRate(expectedFps);
  const intervals = BigInt(frames - 1) * NS_PER_SECOND;
  if (intervals > spanNs * MAX_FPS) return expectedFrameRate(expectedFps);
  return fraction(intervals, spanNs, BigInt(frames)) ?? expectedFrameRate(expectedFps);
}

function expectedFrameRate(fps: number): FrameRate {
  if (!Number.isFinite(fps) || fps < 0.001 || fps > Number(MAX_FPS)) return FALLBACK;
  return fraction(BigInt(Math.round(fps * 1_000_000)), 1_000_000n, 1_000_000n) ?? FALLBACK;
}

function fraction(numerator: bigint, denominator: bigint, frames: bigint): FrameRate | undefined {
  const exact = { numerator, denominator, frames };
  const short = nearest(exact, MAX_SHORT_TERM);
  if (short !== undefined && isWithin(COARSE, short, exact)) return short;
  return nearest(exact, MAX_TERM);
}

/** A rate of `numerator / denominator` frames per second, for so many frames. */
interface ExactRate {
  readonly numerator: bigint;
  readonly denominator: bigint;
  readonly frames: bigint;
}

/**
 * The first convergent of the continued fraction that is precise enough for its frames. If its terms are too large, the
 * nearest fraction whose terms are not; `undefined` if that is none.
 */
function nearest(exact: ExactRate, maxTerm: bigint): FrameRate | undefined {
  let [n, d] = [exact.numerator, exact.denominator];
  let [rate, previousRate] = [1n, 0n];
  let [scale, previousScale] = [0n, 1n];
  let best: FrameRate | undefined;
  while (d !== 0n) {
    const room = smaller(most(maxTerm, previousRate, rate), most(maxTerm, previousScale, scale));
    const isCut = n / d > room;
    const term = isCut ? room : n / d;
    [n, d] = [d, n % d];
    [rate, previousRate] = [term * rate + previousRate, rate];
    [scale, previousScale] = [term * scale + previousScale, scale];
    if (rate === 0n) continue; // slower than one frame a second: the first convergent is 0
    const found = { scale: Number(scale), rate: Number(rate) };
    if (isCut) return nearer(found, best, exact);
    best = found;
    if (isWithin(FINE, best, exact)) break;
  }
  return best;
}

function nearer(found: FrameRate, best: FrameRate | undefined, exact: ExactRate): FrameRate | undefined {
  if (best === undefined) return isWithin(COARSE, found, exact) ? found : undefined;
  return difference(found, exact) * BigInt(best.rate) < difference(best, exact) * BigInt(found.rate) ? found : best;
}

/** Whether the playing time is right to one `part` of a frame. */
function isWithin(part: bigint, rate: FrameRate, exact: ExactRate): boolean {
  return difference(rate, exact) * exact.frames * part <= exact.denominator * BigInt(rate.rate);
}

/** By how much a frame is too long or too short, as a share of it times `denominator * rate`. */
function difference({ scale, rate }: FrameRate, { numerator, denominator }: ExactRate): bigint {
  const signed = numerator * BigInt(scale) - denominator * BigInt(rate);
  return signed < 0n ? -signed : signed;
}

/** The largest `term` for which `term * current + previous` is not above `maxTerm`. */
function most(maxTerm: bigint, previous: bigint, current: bigint): bigint {
  return current === 0n ? maxTerm : (maxTerm - previous) / current;
}

function smaller(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}
