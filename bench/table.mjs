// @ts-check

/** Tables that read well as Markdown and on a terminal. Pure. */

/**
 * The first column to the left, the others, which hold numbers, to the right.
 *
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 * @returns {string} lines, each ended
 */
export function table(head, rows) {
  const widths = head.map((title, column) => Math.max(3, title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  /** @param {readonly string[]} cells */
  const line = (cells) => `| ${widths.map((width, column) => pad(cells[column] ?? '', width, column)).join(' | ')} |\n`;
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [head, rule, ...rows].map((cells) => line(cells)).join('');
}

/** @param {string} cell @param {number} width @param {number} column */
const pad = (cell, width, column) => (column === 0 ? cell.padEnd(width) : cell.padStart(width));

/**
 * `median (min to max)`.
 *
 * @param {import('./statistics.mjs').Spread} values
 * @param {number} digits after the point
 * @returns {string}
 */
export function spreadText(values, digits) {
  const [middle, least, most] = [values.median, values.min, values.max].map((value) => value.toFixed(digits));
  return `${middle} (${least} to ${most})`;
}
