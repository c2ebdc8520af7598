// @ts-check

/** Results as text. Pure. */

/**
 * A table with its columns aligned: the first to the left, numbers to the right.
 *
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 * @returns {string} lines, each ended
 */
export function table(head, rows) {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  /** @param {readonly string[]} row */
  const line = (row) =>
    head
      .map((_, column) => {
        const cell = row[column] ?? '';
        const width = widths[column] ?? 0;
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [line(head), rule, ...rows.map((row) => line(row))].map((text) => `${text}\n`).join('');
}

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
