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
 * Playing time should differ from recorded time by at most a hundredth of a frame. `MAX_TERM` can make that 0.17 frames
 * a day at 200 fps.
 */
const ONE_PART_OF_A_FRAME = 100n;

/** Used if neither a measured nor an expected rate makes sense. */
const FALLBACK: FrameRate = { scale: 1, rate: 30 };

/**
 * The mean rate of `frames` frames whose first and last are `spanNs` nanoseconds apart. It is the simplest fraction
 * that keeps the playing time within a hundredth of a frame. Returns the expected rate if there are fewer than two
 * frames or if time did not move forward.
 */
export function meanFrameRate(frames: number, spanNs: bigint, expectedFps: number): FrameRate {
  if (frames < 2 || spanNs <= 0n) return expectedFrameRate(expectedFps);
  const intervals = BigInt(frames - 1) * NS_PER_SECOND;
  return simplestFraction(intervals, spanNs, BigInt(frames)) ?? expectedFrameRate(expectedFps);
}

function expectedFrameRate(fps: number): FrameRate {
  if (!Number.isFinite(fps) || fps < 0.001 || fps > 100_000) return FALLBACK;
  return simplestFraction(BigInt(Math.round(fps * 1_000_000)), 1_000_000n, 1_000_000n) ?? FALLBACK;
}

/** The first convergent of the continued fraction that is precise enough for `frames` frames. */
function simplestFraction(numerator: bigint, denominator: bigint, frames: bigint): FrameRate | undefined {
  let [n, d] = [numerator, denominator];
  let [rate, previousRate] = [1n, 0n];
  let [scale, previousScale] = [0n, 1n];
  let best: FrameRate | undefined;
  while (d !== 0n) {
    const term = n / d;
    [n, d] = [d, n % d];
    [rate, previousRate] = [term * rate + previousRate, rate];
    [scale, previousScale] = [term * scale + previousScale, scale];
    if (rate > MAX_TERM || scale > MAX_TERM) break;
    if (rate === 0n) continue; // slower than one frame a second: the first convergent is 0
    best = { scale: Number(scale), rate: Number(rate) };
    // |numerator/denominator - rate/scale| * frames, as a part of rate/scale
    const difference = numerator * scale - denominator * rate;
    const error = (difference < 0n ? -difference : difference) * frames * ONE_PART_OF_A_FRAME;
    if (error <= denominator * rate) break;
  }
  return best;
}
