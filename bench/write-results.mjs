// @ts-check
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ratiosOf } from './figures.mjs';
import { plotsOf } from './plots/plots.mjs';
import { reportText } from './report.mjs';

/** Results as files: JSON for programs, Markdown and plots for people. */

/**
 * @param {import('./bench.mjs').Setup} setup
 * @param {import('./bench.mjs').Measured} measured
 * @param {string} at ISO date
 */
export function resultsJson({ options, machine, frames }, measured, at) {
  return {
    ratios: ratiosOf(measured),
    machine,
    settings: {
      at,
      mode: options.mode,
      rounds: options.runs,
      gigabytes: options.gigabytes,
      profiled: options.cpuProfile !== undefined,
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
 * @param {import('./bench.mjs').Setup} setup
 * @param {import('./bench.mjs').Measured} measured
 * @param {string} at ISO date
 * @returns {string[]} the files
 */
export function writeResults(folder, name, setup, measured, at) {
  mkdirSync(folder, { recursive: true });
  const prefix = name === 'latest' ? '' : `${name}-`;
  const plots = Object.entries(plotsOf(measured)).map(([plot, svg]) => ({
    file: `${prefix}${plot}.svg`,
    content: svg,
  }));
  const head = {
    title: TITLES[setup.options.mode],
    at,
    machine: setup.machine,
    frames: setup.frames,
    plots: plots.map(({ file }) => file),
  };
  const files = [
    { file: `${name}.json`, content: jsonText(resultsJson(setup, measured, at)) },
    { file: `${name}.md`, content: reportText(head, measured) },
    ...plots,
  ];
  for (const { file, content } of files) writeFileSync(join(folder, file), content);
  return files.map(({ file }) => join(folder, file));
}

/** @type {Record<import('./options.mjs').Mode, string>} */
export const TITLES = {
  full: 'Bench results',
  quick: 'Bench results, flat out only',
  ci: 'Bench results, short form',
  hold: 'Cameras held on schedule',
};
