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

/** MPEG-4 has 16 bits for its time base, and its encoders refuse a larger rate. */
const MAX_SHORT_TERM = 65_535n;

/**
 * OpenCV rounds a rate to thousandths before it hands it to an encoder. Above 65.535 frames per second that exceeds 16 bits,
 * unless the scale divides 1000.
 */
const THOUSAND = 1_000n;
const DECIMAL_SCALES = [1n, 2n, 4n, 5n, 8n, 10n, 20n, 25n, 40n, 50n, 100n, 125n, 200n, 250n, 500n, 1_000n];

/** Playing time differs from recorded time by at most this part of a frame: a hundredth, or half a frame with short terms. */
const FINE = 100n;
const COARSE = 2n;

/** Used if neither a measured nor an expected rate makes sense. */
const FALLBACK: FrameRate = { scale: 1, rate: 30 };

/** No camera is faster, frames per second. */
const MAX_FPS = 100_000n;

/**
 * The mean rate of `frames` frames whose first and last are `spanNs` nanoseconds apart, as a fraction that keeps the playing
 * time within half a frame. It is one that every encoder takes, if there is one: the simplest within a hundredth of a frame,
 * or the nearest. Returns the expected rate if there are fewer than two frames, if time did not move forward, or if no
 * camera is that fast.
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
  const keepsTime = (rate: FrameRate | undefined): rate is FrameRate =>
    rate !== undefined && isWithin(COARSE, rate, exact);
  const short = nearest(exact, MAX_SHORT_TERM);
  if (keepsTime(short) && isShortInThousandths(short)) return short;
  const decimal = nearestDecimal(exact);
  if (keepsTime(decimal)) return decimal;
  return keepsTime(short) ? short : nearest(exact, MAX_TERM);
}

function isShortInThousandths({ scale, rate }: FrameRate): boolean {
  const thousandths = BigInt(Math.round((1_000 * rate) / scale));
  return thousandths / commonDivisor(thousandths, THOUSAND) <= MAX_SHORT_TERM;
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

/** The nearest fraction whose scale divides 1000. */
function nearestDecimal(exact: ExactRate): FrameRate | undefined {
  let best: FrameRate | undefined;
  for (const scale of DECIMAL_SCALES) {
    const rate = (exact.numerator * scale * 2n + exact.denominator) / (exact.denominator * 2n); // rounded
    if (rate > 0n && rate <= MAX_SHORT_TERM) best = nearer({ scale: Number(scale), rate: Number(rate) }, best, exact);
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

function commonDivisor(one: bigint, other: bigint): bigint {
  return other === 0n ? one : commonDivisor(other, one % other);
}
