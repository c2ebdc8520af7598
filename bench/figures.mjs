// @ts-check
import { CONTENDER } from './module-run.mjs';
import { checksumPercent, infoPercent } from './proof-costs.mjs';

/** The few figures that limits are about, out of all that was measured. Pure. */

/** The rate and number of cameras that the goals for cameras on schedule are stated for. */
const GOAL_CAMERAS = 2;

/**
 * @param {import('./bench.mjs').Measured} measured
 * @returns {import('./limits.mjs').Figures}
 */
export function figuresOf({ flatOut, schedule, paced, proof, start }) {
  const toFfmpeg = flatOut[0]?.ratios.find(({ to }) => to === 'ffmpeg');
  const two = paced.find(({ cameras }) => cameras === GOAL_CAMERAS);
  return {
    throughputVsFfmpeg: toFfmpeg?.throughput ?? null,
    cpuVsFfmpeg: toFfmpeg?.cpu ?? null,
    othersPercent: flatOut[0]?.othersPercent.median ?? null,
    scheduleCpuVsFfmpeg: ratioOnSchedule(schedule),
    dropped: paced.length === 0 ? null : paced.reduce((sum, { dropped }) => sum + dropped, 0),
    corePercent: two?.corePercent ?? null,
    workP99Us: two?.times.workUs.p99 ?? null,
    checksumPercent: checksumPercent(proof),
    infoPercent: infoPercent(proof),
    readyMs: start?.steps.readyMs.median ?? null,
    ackMs: start?.steps.ackMs.median ?? null,
    stoppedMs: start?.steps.stoppedMs.median ?? null,
    exitMs: start?.steps.exitMs.median ?? null,
  };
}

/** @param {import('./schedule/side-by-side.mjs').SideBySide | null} schedule */
function ratioOnSchedule(schedule) {
  return schedule?.ratios.find(({ contender }) => contender === CONTENDER)?.cpu.median ?? null;
}

/**
 * Ours over another's in the first place: throughput is better above 1, CPU below.
 *
 * @param {import('./bench.mjs').Measured} measured
 */
export function ratiosOf({ flatOut, schedule }) {
  /** @param {string} name */
  const to = (name) => flatOut[0]?.ratios.find((ratios) => ratios.to === name);
  const [ffmpeg, cat] = [to('ffmpeg'), to('cat')];
  return {
    throughputVsFfmpeg: ffmpeg?.throughput ?? null,
    cpuVsFfmpeg: ffmpeg?.cpu ?? null,
    cpuWithStartVsFfmpeg: ffmpeg?.cpuWithStart ?? null,
    throughputVsFfmpegPaired: ffmpeg?.throughputPaired ?? null,
    cpuVsFfmpegPaired: ffmpeg?.cpuPaired ?? null,
    scheduleCpuVsFfmpeg: ratioOnSchedule(schedule),
    throughputVsCat: cat?.throughput ?? null,
    cpuVsCat: cat?.cpu ?? null,
  };
}
