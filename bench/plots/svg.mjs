// @ts-check

/** What all plots share: the card they are drawn on, its colours by day and by night, round numbers on axes. Pure. */

export const WIDTH = 860;
export const MARGIN = 24;
/** Width of a letter, about; and of the line before a legend's text. */
const LETTER = 6.5;
const LEGEND_MARK = 32;

/** Colours that hold on the light card and on the dark one. */
export const COLOURS = { ours: '#2f6fde', first: '#e0862b', second: '#9a6fb8', third: '#2a9d8f', faint: '#8b95a3' };

// The card has a ground of its own, so it is readable on whatever page it lies; where the reader's system is dark, so is it.
const STYLE = `
  .card { fill: #fbfcfd; stroke: #d9dee5 }
  .ink { fill: #1f2933 }
  .soft { fill: #5b6775 }
  .grid { stroke: #e3e8ee; fill: none }
  .axis { stroke: #8b95a3; fill: none }
  .whisker { stroke: #1f2933; fill: none }
  @media (prefers-color-scheme: dark) {
    .card { fill: #161b22; stroke: #30363d }
    .ink { fill: #e6edf3 }
    .soft { fill: #9aa5b1 }
    .grid { stroke: #2a313a }
    .whisker { stroke: #e6edf3 }
  }`;

/**
 * @param {number} height
 * @param {{ title: string, subtitle: string }} texts
 * @param {readonly string[]} content
 * @returns {string}
 */
export function card(height, { title, subtitle }, content) {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="Helvetica, Arial, sans-serif" font-size="13" role="img" aria-label="${escaped(title)}">`,
    `<style>${STYLE}\n</style>`,
    `<rect class="card" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="10"/>`,
    text(MARGIN, 34, title, { size: 18, weight: 'bold' }),
    text(MARGIN, 54, subtitle, { soft: true }),
    ...content,
    '</svg>\n',
  ].join('\n');
}

/**
 * @param {number} x
 * @param {number} y of the base line
 * @param {string} content
 * @param {{ anchor?: 'start' | 'middle' | 'end', size?: number, weight?: string, soft?: boolean, fill?: string }} [how]
 * @returns {string}
 */
export function text(x, y, content, { anchor = 'start', size, weight, soft = false, fill } = {}) {
  const attributes = [
    fill === undefined ? `class="${soft ? 'soft' : 'ink'}"` : `fill="${fill}"`,
    anchor === 'start' ? '' : `text-anchor="${anchor}"`,
    size === undefined ? '' : `font-size="${size}"`,
    weight === undefined ? '' : `font-weight="${weight}"`,
  ].filter((attribute) => attribute !== '');
  return `<text x="${fixed(x)}" y="${fixed(y)}" ${attributes.join(' ')}>${escaped(content)}</text>`;
}

/**
 * @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2
 * @param {string} attributes
 */
export function line(x1, y1, x2, y2, attributes) {
  return `<line x1="${fixed(x1)}" y1="${fixed(y1)}" x2="${fixed(x2)}" y2="${fixed(y2)}" ${attributes}/>`;
}

/**
 * A line through points, with a dot on each.
 *
 * @param {readonly (readonly [x: number, y: number])[]} points
 * @param {{ colour: string, dashed?: boolean }} how
 */
export function curve(points, { colour, dashed = false }) {
  const path = points.map(([x, y]) => `${fixed(x)},${fixed(y)}`).join(' ');
  const dots = points.map(([x, y]) => `<circle cx="${fixed(x)}" cy="${fixed(y)}" r="3" fill="${colour}"/>`);
  const dash = dashed ? ' stroke-dasharray="6 4"' : '';
  return [`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>`, ...dots].join('\n');
}

/**
 * Round values from 0 on, four or so, the last one not below `to`.
 *
 * @param {number} to
 * @returns {number[]}
 */
export function ticks(to) {
  if (!(to > 0)) return [0, 1];
  const rough = to / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 2.5, 5, 10].find((candidate) => candidate * power >= rough * (1 - 1e-9)) ?? 10;
  const step = factor * power;
  return Array.from({ length: Math.ceil(to / step - 1e-9) + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

/**
 * Powers of ten around a range of values above 0.
 *
 * @param {readonly number[]} values
 * @returns {number[]}
 */
export function decades(values) {
  const positive = values.filter((value) => value > 0);
  if (positive.length === 0) return [1, 10];
  const from = Math.floor(Math.log10(Math.min(...positive)));
  const to = Math.max(from + 1, Math.ceil(Math.log10(Math.max(...positive))));
  return Array.from({ length: to - from + 1 }, (_, index) => Number((10 ** (from + index)).toPrecision(12)));
}

/**
 * As few digits as tell it apart.
 *
 * @param {number} value
 * @returns {string}
 */
export function short(value) {
  if (value === 0) return '0';
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return String(Number(value.toPrecision(Math.abs(value) >= 1 ? 3 : 2)));
}

/** @param {string} fileSystem */
export const placeText = (fileSystem) => (fileSystem === 'tmpfs' ? 'memory' : `disk (${fileSystem})`);

/**
 * A key of lines, from left to right.
 *
 * @param {number} left
 * @param {number} y
 * @param {readonly { label: string, colour: string }[]} entries
 * @returns {string[]}
 */
export function legend(left, y, entries) {
  let x = left;
  return entries.flatMap(({ label, colour }) => {
    const at = x;
    x += LEGEND_MARK + 18 + label.length * LETTER;
    return [
      line(at, y - 4.5, at + 24, y - 4.5, `stroke="${colour}" stroke-width="3"`),
      text(at + LEGEND_MARK, y, label),
    ];
  });
}

/** @param {number} value */
const fixed = (value) => String(Number(value.toFixed(1)));

/** @param {string} content */
export const escaped = (content) =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
