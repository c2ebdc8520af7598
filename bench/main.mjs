// @ts-check
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GSTREAMER_WRITER, missingText } from '../scripts/readers.mjs';
import { runAgainst } from './against/against.mjs';
import { runBench } from './bench.mjs';
import { makeFrames } from './frames.mjs';
import { verdictText } from './limits.mjs';
import { describeMachine, firstLineOf } from './machine.mjs';
import { HELP, readOptions } from './options.mjs';
import { runProgram } from './program.mjs';
import { reportText } from './report.mjs';
import { Workspace } from './workspace.mjs';
import { jsonText, resultsJson, writeResults } from './write-results.mjs';

/** The command line of the bench. What is measured, and how: `bench.mjs`, `docs/bench.md`. */

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));
const RESULTS = fileURLToPath(new URL('results/', import.meta.url));
/** What the modes call their files, and what stands above them; only the first writes without being told to. */
const NAMES = { full: 'latest', quick: 'quick', schedule: 'schedule', ci: 'ci' };
const TITLES = {
  full: 'Bench results',
  quick: 'Bench results, flat out only',
  schedule: 'Bench results, on schedule only',
  ci: 'Bench results, short form',
};

/** @param {import('./options.mjs').Options} options */
async function main(options) {
  const scratch = new Workspace(tmpdir());
  try {
    if (options.mode === 'against') await runAgainst(prepare(options, scratch.path));
    else await runMode(options.mode, prepare(options, scratch.path));
  } finally {
    scratch.remove();
  }
}

/**
 * @param {keyof typeof NAMES} mode
 * @param {import('./bench.mjs').Setup} setup
 */
async function runMode(mode, setup) {
  const { json, out, runs, gigabytes, cpuProfile } = setup.options;
  const at = new Date().toISOString();
  const measured = await runBench(mode, setup);
  const about = { title: TITLES[mode], at, machine: setup.machine, frames: setup.frames };
  process.stdout.write(`\n${reportText({ ...about, plots: [] }, measured)}`);
  const results = resultsJson(about, measured, { mode, rounds: runs, gigabytes, profiled: cpuProfile !== undefined });
  if (json !== undefined) writeFileSync(json, jsonText(results));
  const folder = out ?? (mode === 'full' ? RESULTS : undefined);
  if (folder !== undefined) {
    const files = writeResults(folder, NAMES[mode], about, measured, results);
    process.stderr.write(`Written: ${files.join(', ')}\n`);
  }
  if (mode === 'ci') passSentence(measured.verdicts, setup.ffmpeg);
}

/**
 * @param {import('./options.mjs').Options} options
 * @param {string} folder for the frames
 * @returns {import('./bench.mjs').Setup}
 */
function prepare(options, folder) {
  const installed = (/** @type {string} */ program, /** @type {string} */ option) =>
    firstLineOf(program, option) === undefined ? undefined : program;
  const ffmpeg = installed('ffmpeg', '-version');
  const gstreamerMissing = missingText(GSTREAMER_WRITER);
  const gstreamer = installed('gst-launch-1.0', '--version');
  const module = options.module === undefined ? join(DIST, 'cli', 'main.js') : resolve(options.module);
  return {
    options: { ...options, dir: options.dir === undefined ? undefined : resolve(options.dir) },
    module,
    ffmpeg,
    gstreamerMissing,
    frames: makeFrames(folder, ffmpeg, join(DIST, 'virtual-camera', 'main.js')),
    machine: describeMachine({ ffmpeg, gstreamer, module }),
    progress: (line) => process.stderr.write(`${line}\n`),
  };
}

/**
 * Throws where a limit was not kept.
 *
 * @param {readonly import('./limits.mjs').Verdict[]} verdicts
 * @param {string | undefined} ffmpeg
 */
function passSentence(verdicts, ffmpeg) {
  const broken = verdicts.filter(({ kept }) => kept === 'no');
  if (broken.length > 0) {
    throw new Error(`Measured twice, and not kept: ${broken.map((verdict) => verdictText(verdict)).join(' ')}`);
  }
  if (ffmpeg === undefined && process.env['CSI_CAMERAS_REQUIRE_READERS'] === '1') {
    throw new Error('ffmpeg is not installed, and CSI_CAMERAS_REQUIRE_READERS=1 says that it must be compared with.');
  }
}

await runProgram(HELP, async () => {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(HELP);
    return;
  }
  if (options.cpuProfile !== undefined) mkdirSync(options.cpuProfile, { recursive: true });
  await main(options);
});
