// @ts-check
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FPS } from './frames.mjs';
import { ModuleHost } from './module-host.mjs';
import { prepareStandIns } from './stand-in.mjs';
import { spread } from './statistics.mjs';

/** How long a host waits for each step, over some launches of the module: one camera at 60 fps, as in the field. */

const ANSWER_LIMIT_MS = 15_000;
const NS_PER_MS = 1e6;
/** Enough frames for every launch: it is the module that ends. */
const FRAMES = 100_000;

/** The steps, in the order of a life: their names in the results, and what a person reads. */
export const STEPS = /** @type {const} */ ({
  bareNodeMs: 'a Node that does nothing, launch to exit',
  readyMs: 'launch to `ready`',
  ackMs: '`assign_device` to `device_ack`',
  firstFrameMs: '`assign_device` to the first frame (`device_ready`)',
  startedMs: '`start_recording` to the first frame in the file (`recording_started`)',
  stoppedMs: '`stop_recording` to the closed file (`recording_stopped`)',
  exitMs: '`quit` while recording to the exit',
});

/** @typedef {keyof typeof STEPS} Step */
/** @typedef {Record<Step, import('./statistics.mjs').Spread>} StepSpreads */

/**
 * @typedef {object} StartTimes
 * @property {number} launches
 * @property {string} place
 * @property {StepSpreads} steps
 */

/**
 * @param {import('./bench.mjs').Setup} setup
 * @param {import('./workspace.mjs').Workspace} workspace
 * @param {{ launches: number, recordMs: number }} how `recordMs`: how long each of the two recordings runs
 * @returns {Promise<StartTimes>}
 */
export async function measureStart({ module, frames }, workspace, { launches, recordMs }) {
  /** @type {Record<Step, number>[]} */
  const all = [];
  for (let launch = 0; launch < launches; launch += 1) {
    all.push(await workspace.within((folder) => oneLife(folder, module, frames.files, recordMs)));
  }
  /** @param {Step} step */
  const over = (step) => spread(all.map((times) => times[step]));
  return {
    launches,
    place: workspace.place,
    steps: {
      bareNodeMs: over('bareNodeMs'),
      readyMs: over('readyMs'),
      ackMs: over('ackMs'),
      firstFrameMs: over('firstFrameMs'),
      startedMs: over('startedMs'),
      stoppedMs: over('stoppedMs'),
      exitMs: over('exitMs'),
    },
  };
}

/**
 * Launch, assign, a recording that is stopped, another one that `quit` ends.
 *
 * @param {string} folder
 * @param {string} module
 * @param {readonly string[]} files
 * @param {number} recordMs
 * @returns {Promise<Record<Step, number>>} ms
 */
async function oneLife(folder, module, files, recordMs) {
  const bareNode = bareNodeMs();
  const { config } = prepareStandIns(folder, 1, { files, frames: FRAMES, fps: FPS, paced: true });
  const session = join(folder, 'session_bench');
  mkdirSync(session);
  const host = new ModuleHost(module, ['--log-dir', join(folder, 'logs'), '--config-path', config]);
  /** @param {bigint} sinceNs @param {string} status */
  const until = async (sinceNs, status) => {
    const { atNs } = await host.next(status, ANSWER_LIMIT_MS);
    return Number(atNs - sinceNs) / NS_PER_MS;
  };
  try {
    const readyMs = await until(host.launchedNs, 'ready');
    const assignedNs = host.send('assign_device', { device_id: 'picam:0', session_dir: session });
    const ackMs = await until(assignedNs, 'device_ack');
    const firstFrameMs = await until(assignedNs, 'device_ready');
    const startedMs = await until(host.send('start_recording', { trial_number: 1 }), 'recording_started');
    await sleep(recordMs);
    const stoppedMs = await until(host.send('stop_recording'), 'recording_stopped');
    host.send('start_recording', { trial_number: 2 });
    await host.next('recording_started', ANSWER_LIMIT_MS);
    await sleep(recordMs);
    const exitMs = await host.quit();
    await host.next('recording_stopped', 0); // or it has lost a recording
    return { bareNodeMs: bareNode, readyMs, ackMs, firstFrameMs, startedMs, stoppedMs, exitMs };
  } finally {
    await host.quit();
  }
}

/** @returns {number} from launch to exit of a process that does nothing, ms: what of a launch is Node's own */
function bareNodeMs() {
  const launched = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  return performance.now() - launched;
}
