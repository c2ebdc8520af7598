/** Where the ticks of an axis stand: at round numbers, and never more than asked for. */

const ROUND = [1, 2, 5, 10] as const;

/** The smallest round step with at most `most` steps from end to end. */
export function roundStep(span: number, most: number): number {
  if (!(span > 0) || !Number.isFinite(span)) return 1;
  const least = span / most;
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = ROUND.find((round) => round * power >= least * (1 - 1e-9)) ?? 10;
  return factor * power;
}

export function linearTicks(from: number, to: number, most: number): readonly number[] {
  const step = roundStep(to - from, most);
  const first = Math.ceil(from / step - 1e-9);
  const ticks: number[] = [];
  for (let at = first; at * step <= to + step * 1e-9 && ticks.length <= most; at += 1) ticks.push(clean(at * step));
  return ticks;
}

/** Of a logarithmic axis: 1, 2, 5 of each power of ten, or powers alone where there are many; linear within a narrow span. */
export function logTicks(from: number, to: number, most: number): readonly number[] {
  const low = Math.floor(Math.log10(from));
  const high = Math.ceil(Math.log10(to));
  const powers = Array.from({ length: high - low + 1 }, (_, index) => low + index);
  const within = (tick: number): boolean => tick >= from * (1 - 1e-9) && tick <= to * (1 + 1e-9);
  const fine = powers.flatMap((power) => [1, 2, 5].map((factor) => clean(factor * 10 ** power))).filter(within);
  if (fine.length < 2) return linearTicks(from, to, most);
  if (fine.length <= most) return fine;
  const coarse = powers.map((power) => clean(10 ** power)).filter(within);
  const every = Math.ceil(coarse.length / most);
  return coarse.filter((_, index) => index % every === 0);
}

/** Steps that a clock has, seconds. */
const CLOCK_STEPS_S = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
] as const;
const DAY_S = 86_400;

/** Of an axis of time of day, seconds since 1970. */
export function clockTicks(from: number, to: number, most: number): readonly number[] {
  const least = (to - from) / most;
  const step = CLOCK_STEPS_S.find((known) => known >= least) ?? Math.ceil(least / DAY_S) * DAY_S;
  const ticks: number[] = [];
  for (let at = Math.ceil(from / step - 1e-9); at * step <= to && ticks.length <= most; at += 1)
    ticks.push(clean(at * step));
  return ticks;
}

/** Numbers of frames from 1 to `count`: 1, round numbers between, and the last one. */
export function frameTicks(count: number, most: number): readonly number[] {
  if (count < 2) return [1];
  const step = Math.max(1, roundStep(count - 1, most));
  const between: number[] = [];
  for (let frame = step; frame < count; frame += step)
    if (frame > 1 + step * 0.4 && frame < count - step * 0.4) between.push(Math.round(frame));
  return [1, ...between, count];
}

/** Without the last digits that a double adds: 0.30000000000000004. */
function clean(value: number): number {
  return Number(value.toPrecision(12));
}
