import type { Findings } from './findings.js';
import type { RowTimes } from './row-times.js';

/** Late is what takes longer than this, or than ten frame times. */
const LATE_NS = 10_000_000_000;
const LATE_FRAMES = 10;
/** A frame may be on its way for so much longer than those before it. Its sensor's clock jumps where it seems to be sooner. */
const RESERVE_NS = 1_000_000_000;
/** Arrivals of disordered recordings are held against playing time that roughly. */
const BY_ARRIVAL_NS = 2_000_000_000;
/** The writer does not believe a faster rate, and takes the expected one. */
const MAX_FPS = 100_000;

/** The sensor times of a recording, by rows that have one. */
export interface SensorOrder {
  /** Rows whose time is not after that of the row before. */
  readonly descents: number;
  /** Rows whose time is further ahead than the time that passed. */
  readonly jumps: number;
  /** The first of both. */
  readonly firstRow: number | null;
  readonly stamped: number;
  /** The first row without a time. */
  readonly firstUnstamped: number | null;
  /** 0: none. */
  readonly firstStamped: number;
  readonly lastStamped: number;
  /** Of the delays from sensor time to arrival, ns. */
  readonly leastDelayNs: number;
  readonly mostDelayNs: number;
}

/** Looks at all sensor times once. */
export function sensorOrder(times: RowTimes): SensorOrder {
  let [descents, jumps, stamped, firstStamped, last] = [0, 0, 0, 0, 0];
  let firstRow: number | null = null;
  let firstUnstamped: number | null = null;
  let [leastDelayNs, mostDelayNs, leastSoFar] = [Infinity, -Infinity, Infinity];
  for (let row = 1; row <= times.count; row += 1) {
    if (!times.isStamped(row)) {
      firstUnstamped ??= row;
      continue;
    }
    const delay = times.delay(row);
    if (delay < leastDelayNs) leastDelayNs = delay;
    if (delay > mostDelayNs) mostDelayNs = delay;
    stamped += 1;
    if (last === 0) firstStamped = row;
    else if (times.sensorStep(last, row) <= 0) {
      descents += 1;
      firstRow ??= row;
    } else if (delay < leastSoFar - RESERVE_NS) {
      jumps += 1;
      firstRow ??= row;
      leastSoFar = delay;
    }
    if (delay < leastSoFar) leastSoFar = delay;
    last = row;
  }
  return {
    descents,
    jumps,
    firstRow,
    stamped,
    firstUnstamped,
    firstStamped,
    lastStamped: last,
    leastDelayNs,
    mostDelayNs,
  };
}

/** V17. `hasDisorder`: what the sensor says is not believed (V16 tells). */
export function checkArrivals(times: RowTimes, periodNs: number, hasDisorder: boolean, findings: Findings): void {
  findings.check('V17');
  const lateNs = Math.max(LATE_NS, LATE_FRAMES * periodNs);
  let [previous, isLateSince, late, isHopeless] = [0, 0, 0, false];
  for (let row = 1; row <= times.count; row += 1) {
    if (!times.hasArrived(row)) continue;
    const monoStep = previous === 0 ? 0 : times.monoStep(previous, row);
    if (monoStep < 0) findings.fail('V17', `it arrived ${seconds(-monoStep)} before the frame before it`, row);
    if (times.isStamped(row) && !hasDisorder) {
      const delay = times.delay(row);
      if (delay < 0) findings.fail('V17', `it arrived ${seconds(-delay)} before it was taken`, row);
      if (delay >= lateNs) {
        late += 1;
        // What waited while the process was stopped comes at once. What goes on to be late did not wait.
        const step = previous !== 0 && times.isStamped(previous) ? times.sensorStep(previous, row) : 0;
        if (isLateSince !== 0 && !isHopeless && monoStep >= step / 2) {
          isHopeless = true;
          findings.fail('V17', `it arrived ${seconds(times.delay(isLateSince))} after it was taken`, isLateSince);
        }
        if (isLateSince === 0) isLateSince = row;
      } else isLateSince = 0;
    }
    previous = row;
  }
  if (late > 0 && !isHopeless) findings.note('V17', `${late} frames arrived more than ${seconds(lateNs)} late`);
}

/**
 * V19. The header's rate is (frames - 1) / (last - first time), as a fraction that is within half a frame over the whole
 * recording (`recording/avi/frame-rate.ts`). The times are the sensor's where it is in order, and arrivals elsewhere: also for
 * some 30 frames behind a disorder that may lie before the recording.
 */
export function checkPlayingTime(
  times: RowTimes,
  rate: { readonly scale: number; readonly rate: number },
  order: SensorOrder,
  findings: Findings,
): void {
  const { count } = times;
  if (count < 2 || !times.hasArrived(1) || !times.hasArrived(count)) return;
  const frameNs = (rate.scale / rate.rate) * 1e9;
  const byHeaderNs = (count - 1) * frameNs;
  const monoNs = times.monoStep(1, count);
  const isByArrival = order.stamped === 0;
  const isByBoth = !isByArrival && (order.descents > 0 || order.jumps > 0 || order.stamped < count);
  const canTell = times.isStamped(1) && times.isStamped(count);
  const spanNs = canTell ? times.sensorStep(1, count) : monoNs;
  if (spanNs <= 0 || (count - 1) * 1e9 > spanNs * MAX_FPS) return; // the header has the expected rate
  findings.check('V19');
  const offNs = Math.abs(byHeaderNs - spanNs);
  // A nanosecond or so for doubles.
  const allowedNs = frameNs / 2 + 1_000;
  if (offNs <= allowedNs) return;
  const what = `the header's rate gives ${seconds(byHeaderNs)} from the first to the last frame, the rows ${seconds(spanNs)}`;
  const delaysNs = Math.max(0, order.mostDelayNs - order.leastDelayNs);
  if (isByBoth || (!isByArrival && offNs <= allowedNs + delaysNs)) {
    const isNear = Math.abs(byHeaderNs - monoNs) <= allowedNs + BY_ARRIVAL_NS;
    if (!isNear) findings.note('V19', `${what}; the sensor's times were not in order, so it cannot be decided`);
    return;
  }
  findings.fail('V19', what);
}

/** For example `1.234 s`, `16.667 ms`. */
export function seconds(ns: number): string {
  if (ns < 1e6) return `${(ns / 1e3).toFixed(3)} us`;
  return ns < 1e9 ? `${(ns / 1e6).toFixed(3)} ms` : `${(ns / 1e9).toFixed(3)} s`;
}
