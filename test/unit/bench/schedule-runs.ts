import { scheduleRun, type ScheduleRun } from '../../../bench/schedule/run-figures.mjs';
import type { WindowCost } from '../../../bench/schedule/window.mjs';

/** Runs on schedule as they could have been. */

export function windowOf(cpuUs: number): WindowCost {
  return {
    seconds: 10,
    cpuUs,
    voluntarySwitches: 1200,
    readCalls: 1200,
    bytesRead: 600_000,
    unseenCpuUs: 0,
    cpuUsByThread: { main: cpuUs / 4, node: (3 * cpuUs) / 4 },
  };
}

/** `null`: without a camera. */
export function runOf(contender: string, round: number, cpuUsPerFrame: number | null): ScheduleRun {
  const cost = windowOf(cpuUsPerFrame === null ? 30_000 : cpuUsPerFrame * 600);
  const sent = cpuUsPerFrame === null ? null : { fps: 60, frameBytes: 1000 };
  return scheduleRun({ contender, round, othersPercent: 1 }, cost, sent);
}
