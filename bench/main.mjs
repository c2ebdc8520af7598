// @ts-check
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GSTREAMER_WRITER, missingText } from '../scripts/readers.mjs';
import { runBench } from './bench.mjs';
import { killChildren } from './children.mjs';
import { makeFrames } from './frames.mjs';
import { verdictText } from './limits.mjs';
import { describeMachine, firstLineOf } from './machine.mjs';
import { HELP, UsageError, readOptions } from './options.mjs';
import { reportText } from './report.mjs';
import { Workspace, removeAllWorkspaces } from './workspace.mjs';
import { TITLES, jsonText, resultsJson, writeResults } from './write-results.mjs';

/** The command line of the bench. What is measured, and how: `bench.mjs`, `docs/bench.md`. */

const CHILDREN_END_MS = 200;
const DIST = fileURLToPath(new URL('../dist/', import.meta.url));
const RESULTS = fileURLToPath(new URL('results/', import.meta.url));
/** What the modes call their files; the others write only where they are told to. */
const NAMES = { full: 'latest', hold: 'hold', quick: 'quick', ci: 'ci' };
const WRITING_MODES = new Set(['full', 'hold']);

/** @param {import('./options.mjs').Options} options */
async function main(options) {
  const scratch = new Workspace(tmpdir());
  try {
    const setup = prepare(options, scratch.path);
    const at = new Date().toISOString();
    const measured = await runBench(setup);
    const { mode, json } = options;
    const head = { title: TITLES[mode], at, machine: setup.machine, frames: setup.frames, plots: [] };
    process.stdout.write(`\n${reportText(head, measured)}`);
    if (json !== undefined) writeFileSync(json, jsonText(resultsJson(setup, measured, at)));
    const folder = options.out ?? (WRITING_MODES.has(mode) ? RESULTS : undefined);
    if (folder !== undefined) {
      const files = writeResults(folder, NAMES[mode], setup, measured, at);
      process.stderr.write(`Written: ${files.join(', ')}\n`);
    }
    if (mode === 'ci') passSentence(measured.verdicts, setup.ffmpeg);
  } finally {
    scratch.remove();
  }
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

for (const [signal, number] of /** @type {const} */ ([
  ['SIGINT', 2],
  ['SIGTERM', 15],
])) {
  process.once(signal, () => {
    killChildren();
    // A moment, for what they were about to write.
    setTimeout(() => {
      removeAllWorkspaces();
      process.exit(128 + number);
    }, CHILDREN_END_MS);
  });
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(HELP);
  else {
    if (options.cpuProfile !== undefined) mkdirSync(options.cpuProfile, { recursive: true });
    await main(options);
  }
} catch (thrown) {
  const isUsage = thrown instanceof UsageError;
  process.stderr.write(`error: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  if (isUsage) process.stderr.write(`\n${HELP}`);
  process.exitCode = isUsage ? 2 : 1;
}
