// @ts-check
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nothingMeasured } from '../bench.mjs';
import { figuresOf } from '../figures.mjs';
import { makeFrames } from '../frames.mjs';
import { GOALS, judge } from '../limits.mjs';
import { describeMachine, firstLineOf } from '../machine.mjs';
import { pacedStep } from '../paced.mjs';
import { reportText } from '../report.mjs';
import { runSteps } from '../steps.mjs';
import { Workspace } from '../workspace.mjs';
import { jsonText, resultsJson, writeResults } from '../write-results.mjs';

/** Cameras at their rate for minutes: what they cost, lose and how late they are. */

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));
const RESULTS = fileURLToPath(new URL('../results/', import.meta.url));
const TITLE = 'Cameras held on schedule';
/** The number of cameras that the goals are stated for. */
const GOAL_CAMERAS = 2;

/** @param {import('./hold-options.mjs').HoldOptions & { dir: string }} options */
export async function holdCameras(options) {
  const { cameras, minutes, fps, dir, json, out, cpuProfile } = options;
  if (cpuProfile !== undefined) mkdirSync(cpuProfile, { recursive: true });
  const scratch = new Workspace(tmpdir());
  try {
    const ffmpeg = firstLineOf('ffmpeg', '-version') === undefined ? undefined : 'ffmpeg';
    const module = options.module === undefined ? join(DIST, 'cli', 'main.js') : resolve(options.module);
    const setup = {
      options,
      module,
      frames: makeFrames(scratch.path, ffmpeg, join(DIST, 'virtual-camera', 'main.js')),
      machine: describeMachine({ ffmpeg, gstreamer: undefined, module }),
    };
    const at = new Date().toISOString();
    const measured = nothingMeasured();
    await runSteps([pacedStep(setup, measured, dir, { cameras, seconds: minutes * 60, fps })], {
      progress: (line) => process.stderr.write(`${line}\n`),
    });
    const goals = GOALS.filter(({ figure }) => cameras === GOAL_CAMERAS || figure === 'dropped');
    measured.verdicts = judge(goals, figuresOf(measured));
    const about = { title: TITLE, at, machine: setup.machine, frames: setup.frames };
    process.stdout.write(`\n${reportText({ ...about, plots: [] }, measured)}`);
    const settings = { mode: 'hold', cameras, minutes, fps };
    const results = resultsJson(about, measured, { ...settings, profiled: cpuProfile !== undefined });
    if (json !== undefined) writeFileSync(json, jsonText(results));
    const files = writeResults(out ?? RESULTS, 'hold', about, measured, results);
    process.stderr.write(`Written: ${files.join(', ')}\n`);
  } finally {
    scratch.remove();
  }
}
