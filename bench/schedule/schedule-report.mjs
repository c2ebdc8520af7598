// @ts-check
import { spreadText, table } from '../table.mjs';

/** What a person reads of cameras on schedule, side by side: Markdown. Pure. */

/** Beyond this share the sum of the threads is not the cost of the process, and the report says so. */
const MOST_UNSEEN_PERCENT = 5;

/**
 * @param {import('./side-by-side.mjs').SideBySide} all
 * @returns {string}
 */
export function sideBySideText({ fileSystem, usedMemory, lost, othersPercent, contenders, ratios, runs }) {
  const rows = contenders.map(({ contender, figures, runs: count }) => [
    contender,
    cell(figures.cpuUsPerFrame, 0),
    cell(figures.corePercent, 2),
    cell(figures.switchesPerFrame, 2),
    cell(figures.switchesPerSecond, 1),
    cell(figures.readsPerFrame, 2),
    String(count),
  ]);
  const head = ['', 'CPU us/frame', '% of one core', 'switches/frame', 'switches/s', 'reads/frame', 'runs'];
  const ratioRows = ratios.map(({ contender, to, cpu, switches }) => [
    `${contender} over ${to}`,
    spreadText(cpu, 2),
    spreadText(switches, 2),
  ]);
  const notes = [
    `One camera at 60 fps, to ${fileSystem}. Median (min to max). Other programs had ${spreadText(othersPercent, 0)} % of the machine's CPU.`,
    usedMemory ? '' : 'There was no memory to hold ready: the page cache may have had two speeds (docs/bench.md).',
    lost === 0 ? '' : `**${lost} frames were lost.**`,
    unseenText(runs),
  ].filter((note) => note !== '');
  return [
    `${notes.join('\n')}\n`,
    table(head, rows),
    ...(ratioRows.length === 0 ? [] : [table(['round by round', 'CPU', 'switches'], ratioRows)]),
  ].join('\n');
}

/** @param {import('../statistics.mjs').Spread | null} values @param {number} digits */
const cell = (values, digits) => (values === null ? '' : spreadText(values, digits));

/** @param {readonly import('./run-figures.mjs').ScheduleRun[]} runs */
function unseenText(runs) {
  const most = Math.max(0, ...runs.map(({ unseenPercent }) => unseenPercent));
  if (most <= MOST_UNSEEN_PERCENT) return '';
  return `Up to ${most.toFixed(0)} % of a run's CPU time is not in its figures: threads ended within the window.`;
}
