// @ts-check
import { COLOURS, MARGIN, WIDTH, card, curve, decades, legend, line, short, text } from './svg.mjs';

/** How long things take by percentile, both axes by powers of ten: the slow ones are what a recorder is judged by. Pure. */

/** @typedef {import('../statistics.mjs').Distribution} Distribution */

const TOP = 128;
const PANEL_HEIGHT = 250;
const LEFT = 74;
const BETWEEN = 84;
const BOTTOM = 60;
const PANEL_WIDTH = (WIDTH - LEFT - BETWEEN - MARGIN - 10) / 2;

/** @type {readonly { key: 'p50' | 'p90' | 'p99' | 'p999' | 'max', label: string, at: number }[]} */
const POINTS = [
  { key: 'p50', label: '50 %', at: 0 },
  { key: 'p90', label: '90 %', at: 0.25 },
  { key: 'p99', label: '99 %', at: 0.5 },
  { key: 'p999', label: '99.9 %', at: 0.75 },
  { key: 'max', label: 'max', at: 1 },
];

const LINE_COLOURS = [COLOURS.ours, COLOURS.first, COLOURS.third, COLOURS.second];
/** What the work on a frame is to stay below in 99 of 100, us. */
const WORK_GOAL_US = 100;

/**
 * @param {readonly import('../paced.mjs').Paced[]} all
 * @returns {string}
 */
export function latencySvg(all) {
  /** @param {number} index */
  const colour = (index) => LINE_COLOURS[index % LINE_COLOURS.length] ?? COLOURS.ours;
  const work = all.map(({ times }, index) => ({ values: times.workUs, colour: colour(index), dashed: false }));
  const disk = all.flatMap(({ times }, index) => [
    { values: times.writtenMs, colour: colour(index), dashed: false },
    { values: times.durableMs, colour: colour(index), dashed: true },
  ]);
  const rates = [...new Set(all.map(({ fps }) => `${fps} fps`))].join(', ');
  return card(
    TOP + PANEL_HEIGHT + BOTTOM,
    {
      title: 'On schedule: work on a frame, and from sensor to disk',
      subtitle: `By percentile of all frames, ${rates}, logarithmic.`,
    },
    [
      legend(
        LEFT,
        86.5,
        all.map(({ cameras }, index) => ({ label: camerasText(cameras), colour: colour(index) })),
      ),
      panel('Work on a frame, us', LEFT, work, WORK_GOAL_US),
      panel('Sensor to written, to durable (dashed), ms', LEFT + PANEL_WIDTH + BETWEEN, disk),
    ].flat(),
  );
}

/** @param {number} cameras */
const camerasText = (cameras) => (cameras === 1 ? 'one camera' : `${cameras} cameras`);

/**
 * @param {string} title
 * @param {number} left
 * @param {readonly { values: Distribution, colour: string, dashed: boolean }[]} lines
 * @param {number} [goal]
 */
function panel(title, left, lines, goal) {
  const right = left + PANEL_WIDTH;
  const bottom = TOP + PANEL_HEIGHT;
  const all = lines.flatMap(({ values }) => POINTS.map(({ key }) => values[key]));
  const marks = decades(goal === undefined ? all : [...all, goal]);
  const [low = 1, high = 10] = [marks[0], marks.at(-1)];
  /** @param {number} value */
  const y = (value) => bottom - (Math.log10(Math.max(value, low) / low) / Math.log10(high / low)) * PANEL_HEIGHT;
  /** @param {number} at */
  const x = (at) => left + 14 + at * (PANEL_WIDTH - 28);
  return [
    text(left, TOP - 14, title, { weight: 'bold' }),
    ...marks.flatMap((mark) => [
      line(left, y(mark), right, y(mark), 'class="grid"'),
      text(left - 8, y(mark) + 4.5, short(mark), { anchor: 'end', soft: true }),
    ]),
    ...POINTS.flatMap(({ label, at }) => [
      line(x(at), TOP, x(at), bottom, 'class="grid"'),
      text(x(at), bottom + 20, label, { anchor: 'middle', soft: true }),
    ]),
    line(left, bottom, right, bottom, 'class="axis"'),
    ...(goal === undefined
      ? []
      : [
          line(x(0), y(goal), x(0.5), y(goal), 'class="axis" stroke-width="1.5" stroke-dasharray="3 3"'),
          text(x(0) + 4, y(goal) - 6, `goal: ${goal} at 99 %`, { soft: true, size: 12 }),
        ]),
    ...lines.map(({ values, colour, dashed }) =>
      curve(
        POINTS.map(({ key, at }) => [x(at), y(values[key])]),
        { colour, dashed },
      ),
    ),
  ];
}
