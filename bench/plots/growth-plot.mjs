// @ts-check
import { COLOURS, MARGIN, WIDTH, card, curve, line, short, text, ticks } from './svg.mjs';

/** What each GB of one long recording cost. A cost that does not grow is a level line. Pure. */

const LEFT = 70;
const RIGHT = 30;
const TOP = 96;
const PANEL = 104;
const GAP = 46;
const BOTTOM = 54;

/** @type {readonly { title: string, figure: 'megabytesPerSecond' | 'cpuSecondsPerGb' | 'residentMb', colour: string }[]} */
const PANELS = [
  { title: 'throughput, MB/s', figure: 'megabytesPerSecond', colour: COLOURS.ours },
  { title: 'CPU time, s/GB', figure: 'cpuSecondsPerGb', colour: COLOURS.first },
  { title: 'resident memory, MB', figure: 'residentMb', colour: COLOURS.third },
];

/**
 * @param {import('../growth.mjs').Growth} growth
 * @returns {string}
 */
export function growthSvg({ steps, gigabytes, frames, fileSystem }) {
  const marks = ticks(gigabytes).filter((mark) => mark <= gigabytes * 1.02);
  const right = WIDTH - RIGHT;
  /** @param {number} value */
  const x = (value) => LEFT + (value / gigabytes) * (right - LEFT);
  const content = PANELS.flatMap(({ title, figure, colour }, index) => {
    const top = TOP + index * (PANEL + GAP);
    const levels = ticks(Math.max(...steps.map((step) => step[figure])) * 1.05);
    const highest = levels.at(-1) ?? 1;
    /** @param {number} value */
    const y = (value) => top + PANEL - (value / highest) * PANEL;
    return [
      text(LEFT, top - 10, title, { weight: 'bold' }),
      ...levels.flatMap((level) => [
        line(LEFT, y(level), right, y(level), 'class="grid"'),
        text(LEFT - 8, y(level) + 4.5, short(level), { anchor: 'end', soft: true }),
      ]),
      ...marks.map((mark) => line(x(mark), top, x(mark), top + PANEL, 'class="grid"')),
      line(LEFT, top + PANEL, right, top + PANEL, 'class="axis"'),
      curve(
        steps.map((step) => [x(step.gigabytes), y(step[figure])]),
        { colour },
      ),
    ];
  });
  const bottom = TOP + PANELS.length * (PANEL + GAP) - GAP;
  content.push(
    ...marks.map((mark) => text(x(mark), bottom + 20, short(mark), { anchor: 'middle', soft: true })),
    text((LEFT + right) / 2, bottom + 40, 'GB recorded', { anchor: 'middle', soft: true }),
    text(WIDTH - MARGIN, 34, fileSystem, { anchor: 'end', soft: true }),
  );
  return card(
    bottom + BOTTOM,
    {
      title: 'Cost of a GB, over one long recording',
      subtitle: `${frames.toLocaleString('en-GB')} frames, flat out, sources paused where the disk is slow. Level: no growth.`,
    },
    content,
  );
}
