// @ts-check
import { spread } from './statistics.mjs';
import { spreadText, table } from './table.mjs';
import { MB } from './units.mjs';

/** What a person reads. Pure. */

/** @typedef {import('./summary.mjs').ContenderSummary} ContenderSummary */
/** @typedef {import('./summary.mjs').Ratios} Ratios */
/** @typedef {import('./summary.mjs').RatedRun} RatedRun */

/**
 * @param {readonly ContenderSummary[]} contenders
 * @returns {string}
 */
export function contendersText(contenders) {
  const rows = contenders.map((one) => [
    one.contender,
    String(one.runs),
    spreadText(one.megabytesPerSecond, 0),
    spreadText(one.cpuSecondsPerGb, 2),
    spreadText(one.cpuSecondsPerGbWithStart, 2),
    one.peakResidentMb === null ? '' : spreadText(one.peakResidentMb, 0),
  ]);
  return table(['', 'runs', 'MB/s', 'CPU s/GB', 'with start-up', 'resident MB'], rows);
}

/**
 * @param {readonly Ratios[]} ratios
 * @returns {string}
 */
export function ratiosText(ratios) {
  return ratios
    .map(
      ({ to, throughput, cpu, throughputPaired, cpuPaired }) =>
        `Against ${to}: ${throughput.toFixed(2)} times its throughput (round by round ${spreadText(throughputPaired, 2)}), ` +
        `${cpu.toFixed(2)} times its CPU (${spreadText(cpuPaired, 2)}).\n`,
    )
    .join('');
}

/**
 * @param {readonly RatedRun[]} runs of ours, by length
 * @returns {string}
 */
export function growthText(runs) {
  const rows = runs.map((run) => [
    `${(run.bytes / 1000 / MB).toFixed(0)} GB`,
    String(run.frames),
    run.megabytesPerSecond.toFixed(0),
    run.cpuSecondsPerGb.toFixed(2),
    ((run.peakResidentBytes ?? 0) / MB).toFixed(0),
  ]);
  return table(['length', 'frames', 'MB/s', 'CPU s/GB', 'resident MB'], rows);
}

/**
 * @param {import('./module-run.mjs').StartTimes} times
 * @returns {string}
 */
export function startText({ bareNodeMs, readyMs, ackMs }) {
  const rows = [
    ['a bare node, launch to exit', spreadText(spread(bareNodeMs), 0)],
    ['launch to ready', spreadText(spread(readyMs), 0)],
    ['assign_device to device_ack', spreadText(spread(ackMs), 1)],
  ];
  return table(['start-up', 'ms'], rows);
}
