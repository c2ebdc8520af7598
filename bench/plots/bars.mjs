// @ts-check
import { COLOURS, MARGIN, WIDTH, card, line, short, text, ticks } from './svg.mjs';

/** Contenders side by side: a bar for the median, a whisker from the least to the most. Pure. */

/**
 * @typedef {object} Group
 * @property {string} label
 * @property {readonly { label: string, value: import('../statistics.mjs').Spread, isOurs: boolean }[]} bars
 */

const LEFT = 150;
const RIGHT = 84;
const TOP = 76;
const BAR = 17;
const BAR_GAP = 5;
const GROUP_TITLE = 24;
const GROUP_GAP = 18;
const AXIS = 40;

/**
 * @param {readonly Group[]} groups
 * @param {{ title: string, subtitle: string, unit: string }} texts
 * @returns {string}
 */
export function barsSvg(groups, texts) {
  const most = Math.max(...groups.flatMap(({ bars }) => bars.map(({ value }) => value.max)));
  const marks = ticks(most);
  const end = marks.at(-1) ?? 1;
  /** @param {number} value */
  const x = (value) => LEFT + (value / end) * (WIDTH - LEFT - RIGHT);
  const heights = groups.map(({ bars }) => GROUP_TITLE + bars.length * (BAR + BAR_GAP));
  const bottom = TOP + heights.reduce((sum, height) => sum + height + GROUP_GAP, 0) - GROUP_GAP;
  const content = marks.flatMap((mark) => [
    line(x(mark), TOP, x(mark), bottom, 'class="grid"'),
    text(x(mark), bottom + 18, short(mark), { anchor: 'middle', soft: true }),
  ]);
  content.push(text(WIDTH - MARGIN, bottom + 18, texts.unit, { anchor: 'end', soft: true }));
  let y = TOP;
  for (const [index, { label, bars }] of groups.entries()) {
    content.push(text(MARGIN, y + 15, label, { weight: 'bold' }));
    for (const [row, bar] of bars.entries()) content.push(...barSvg(bar, y + GROUP_TITLE + row * (BAR + BAR_GAP), x));
    y += (heights[index] ?? 0) + GROUP_GAP;
  }
  return card(bottom + AXIS, texts, content);
}

/**
 * @param {Group['bars'][number]} bar
 * @param {number} top
 * @param {(value: number) => number} x
 */
function barSvg({ label, value, isOurs }, top, x) {
  const { median, min, max } = value;
  const middle = top + BAR / 2;
  const colour = isOurs ? COLOURS.ours : COLOURS.faint;
  return [
    text(LEFT - 10, middle + 4.5, label, { anchor: 'end', ...(isOurs ? { weight: 'bold' } : {}) }),
    `<rect x="${LEFT}" y="${top}" width="${Math.max(1, x(median) - LEFT).toFixed(1)}" height="${BAR}" rx="2" fill="${colour}"/>`,
    line(x(min), middle, x(max), middle, 'class="whisker" stroke-width="1.5"'),
    line(x(min), middle - 4, x(min), middle + 4, 'class="whisker" stroke-width="1.5"'),
    line(x(max), middle - 4, x(max), middle + 4, 'class="whisker" stroke-width="1.5"'),
    text(x(max) + 8, middle + 4.5, short(median), isOurs ? { weight: 'bold' } : {}),
  ];
}
