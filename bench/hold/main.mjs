// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { remembered } from '../children.mjs';
import { runProgram } from '../program.mjs';
import { runSteps } from '../steps.mjs';
import { Workspace } from '../workspace.mjs';
import { holdCameras } from './hold-cameras.mjs';
import { HOLD_HELP, readHoldOptions } from './hold-options.mjs';
import { pageSteps } from './hold-page.mjs';
import { pairSteps } from './hold-pair.mjs';
import { togetherSteps } from './hold-together.mjs';
import { verifySteps } from './hold-verify.mjs';
import { viewersSteps } from './hold-viewers.mjs';

/** The command line of the runs of minutes. The shorter ones: `../main.mjs`. */

const MAIN = join(fileURLToPath(new URL('../../dist/', import.meta.url)), 'cli', 'main.js');
/** @type {readonly import('./hold-options.mjs').Choice[]} */
const VIRTUAL = ['together', 'pair', 'page', 'viewers', 'verify'];
const LONG_RECORDING = fileURLToPath(new URL('../../scripts/verify-long-recording.mjs', import.meta.url));

/** @param {import('./hold-options.mjs').HoldOptions & { dir: string }} options */
async function holdDay({ hours, gigabytes, dir }) {
  // Whatever ends the script, its files go with the folder.
  const workspace = new Workspace(dir);
  try {
    const args = Object.entries({ hours, gigabytes, out: workspace.path }).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}`, value],
    );
    const child = remembered(spawn(process.execPath, [LONG_RECORDING, ...args], { stdio: 'inherit' }));
    const [code] = /** @type {[number | null]} */ (await once(child, 'exit'));
    if (code !== 0) throw new Error('A long recording is not as it should be: see above.');
  } finally {
    workspace.remove();
  }
}

/**
 * Virtual cameras: rejects where something is not as it should be, when all is measured.
 *
 * @param {import('./hold-options.mjs').HoldOptions & { dir: string }} options
 */
async function holdVirtual({ choices, together, pair, page, viewers, verify, dir, module: script }) {
  const module = script === undefined ? MAIN : resolve(script);
  /** @param {string} line */
  const progress = (line) => process.stderr.write(`${line}\n`);
  /** @type {string[]} */
  const failures = [];
  const listener = { progress, failed: (/** @type {string} */ what) => failures.push(what) };
  await runSteps(
    [
      ...(choices.includes('together') ? togetherSteps({ ...together, module, dir }, listener) : []),
      ...(choices.includes('pair') ? pairSteps({ ...pair, module, dir }, listener) : []),
      ...(choices.includes('page') ? pageSteps({ ...page, module, dir }, listener) : []),
      ...(choices.includes('viewers') ? viewersSteps({ ...viewers, module, dir }, listener) : []),
      ...(choices.includes('verify') ? verifySteps({ ...verify, module, dir }, listener) : []),
    ],
    { progress },
  );
  if (failures.length > 0) throw new Error(`Not as it should be, see the tables: ${failures.join('; ')}.`);
}

await runProgram(HOLD_HELP, async () => {
  const options = readHoldOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(HOLD_HELP);
    return;
  }
  const dir = options.dir === undefined ? tmpdir() : resolve(options.dir);
  mkdirSync(dir, { recursive: true });
  if (options.choices.includes('cameras')) await holdCameras({ ...options, dir });
  if (VIRTUAL.some((choice) => options.choices.includes(choice))) await holdVirtual({ ...options, dir });
  if (options.choices.includes('day')) await holdDay({ ...options, dir });
});
