// @ts-check
import { COLOURS, WIDTH, card, curve, legend, line, placeText, short, text, ticks } from './svg.mjs';

/** What each GB of one long recording cost. A cost that does not grow is a level line. Pure. */

const LEFT = 70;
const RIGHT = 30;
const TOP = 128;
const PANEL = 104;
const GAP = 46;
const BOTTOM = 54;

/** @type {readonly { title: string, figure: 'megabytesPerSecond' | 'cpuSecondsPerGb' | 'residentMb' }[]} */
const PANELS = [
  { title: 'throughput, MB/s', figure: 'megabytesPerSecond' },
  { title: 'CPU time, s/GB', figure: 'cpuSecondsPerGb' },
  { title: 'resident memory, MB', figure: 'residentMb' },
];

/** In the order of the measurements: `cat` and ours, in memory and then on a disk. */
const LINE_COLOURS = [COLOURS.faint, COLOURS.ours, COLOURS.second, COLOURS.first];

/**
 * @param {readonly import('../growth.mjs').Growth[]} all one recording each
 * @returns {string}
 */
export function growthSvg(all) {
  const most = Math.max(...all.map(({ gigabytes }) => gigabytes));
  const marks = ticks(most).filter((mark) => mark <= most * 1.02);
  const right = WIDTH - RIGHT;
  /** @param {number} value */
  const x = (value) => LEFT + (value / most) * (right - LEFT);
  /** @param {number} index */
  const colour = (index) => LINE_COLOURS[index % LINE_COLOURS.length] ?? COLOURS.ours;
  const content = PANELS.flatMap(({ title, figure }, index) => {
    const top = TOP + index * (PANEL + GAP);
    const levels = ticks(Math.max(...all.flatMap(({ steps }) => steps.map((step) => step[figure]))) * 1.05);
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
      ...all.map(({ steps }, which) =>
        curve(
          steps.map((step) => [x(step.gigabytes), y(step[figure])]),
          { colour: colour(which) },
        ),
      ),
    ];
  });
  const bottom = TOP + PANELS.length * (PANEL + GAP) - GAP;
  const entries = all.map(({ contender, fileSystem }, index) => ({
    label: `${contender}, to ${placeText(fileSystem)}`,
    colour: colour(index),
  }));
  content.push(
    ...legend(LEFT, 86.5, entries),
    ...marks.map((mark) => text(x(mark), bottom + 20, short(mark), { anchor: 'middle', soft: true })),
    text((LEFT + right) / 2, bottom + 40, 'GB recorded', { anchor: 'middle', soft: true }),
  );
  const subtitle = 'Flat out, the source paused where the disk is slow. What cat shows too is of the machine.';
  return card(bottom + BOTTOM, { title: 'Cost of each GB of one long recording', subtitle }, content);
}
