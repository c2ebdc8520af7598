// @ts-check
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ratiosOf } from './figures.mjs';
import { plotsOf } from './plots/plots.mjs';
import { reportText } from './report.mjs';

/** Results as files: JSON for programs, Markdown and plots for people. */

/** @typedef {Omit<import('./report.mjs').Head, 'plots'>} About */

/**
 * @param {About} about
 * @param {import('./bench.mjs').Measured} measured
 * @param {Readonly<Record<string, unknown>>} settings what the run was asked for
 */
export function resultsJson({ at, machine, frames }, measured, settings) {
  return {
    ratios: ratiosOf(measured),
    machine,
    settings: {
      at,
      ...settings,
      framesMadeBy: frames.madeBy,
      distinctFrames: frames.files.length,
      meanFrameBytes: frames.meanBytes,
    },
    ...measured,
  };
}

/** @param {unknown} results */
export const jsonText = (results) => `${JSON.stringify(results, null, 2)}\n`;

/**
 * @param {string} folder
 * @param {string} name of the files, without extension; plots are called after it too, except those of the latest results
 * @param {About} about
 * @param {import('./bench.mjs').Measured} measured
 * @param {unknown} results for the JSON file
 * @returns {string[]} the files
 */
export function writeResults(folder, name, about, measured, results) {
  mkdirSync(folder, { recursive: true });
  const prefix = name === 'latest' ? '' : `${name}-`;
  const plots = Object.entries(plotsOf(measured)).map(([plot, svg]) => ({
    file: `${prefix}${plot}.svg`,
    content: svg,
  }));
  const head = { ...about, plots: plots.map(({ file }) => file) };
  const files = [
    { file: `${name}.json`, content: jsonText(results) },
    { file: `${name}.md`, content: reportText(head, measured) },
    ...plots,
  ];
  for (const { file, content } of files) writeFileSync(join(folder, file), content);
  return files.map(({ file }) => join(folder, file));
}
