// @ts-check
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { table } from '../table.mjs';
import { placedStep } from '../placed-step.mjs';
import { framesOf, judgePair } from './pair-judge.mjs';
import { recordFor } from './record-for.mjs';
import { readTake } from './take-files.mjs';
import { JUDGEMENT_HEAD, judgementRows, sum, toldOf } from './take-judge.mjs';
import { VirtualModule } from './virtual-module.mjs';

/** Two virtual cameras record; the capture process of one is killed. In one process, or in two that share the session. */

const [WHOLE, KILLED] = /** @type {const} */ (['picam:0', 'picam:1']);
/** A frame of the widest view, bytes. */
const FRAME_BYTES = 250_000;
const STOP_LIMIT_MS = 15_000;
const TRIAL = 1;
const WARNING_LEVEL = 40;

/**
 * @typedef {object} PairOptions
 * @property {number} seconds
 * @property {number} fps
 * @property {number} killAfter seconds
 * @property {readonly (1 | 2)[]} processes
 * @property {{ width: number, height: number } | undefined} size
 */

/**
 * @param {PairOptions & { module: string, dir: string }} options
 * @param {{ progress: (line: string) => void, failed: (what: string) => void }} listener
 * @returns {import('../steps.mjs').Step[]}
 */
export function pairSteps({ module, dir, ...options }, { progress, failed }) {
  const { seconds, fps, killAfter, size, processes } = options;
  return processes.map((count) => {
    const where = count === 1 ? 'one process' : 'two processes, one session directory';
    const title = `a pair at ${fps} fps in ${where}, one killed after ${killAfter} s`;
    return placedStep(dir, { title, seconds: seconds + 8, bytes: 2 * seconds * fps * FRAME_BYTES }, (workspace) =>
      workspace.within(async (folder) => {
        const pair = await recordPair(folder, count, { module, seconds, fps, killAfter, size }, progress);
        const judgements = judgePair(pair);
        const lives = [pair.whole, pair.killed];
        const rows = lives.map((life) => [
          life.device,
          life.takes.map(({ told }) => told.frames).join(' + '),
          String(framesOf(life)),
          String(sum(life.takes.map(({ told }) => told.lost))),
          life.takes.map(({ told }) => told.reason).join(', '),
        ]);
        const head = ['camera', 'frames of its takes', 'sum', 'lost', 'ended by'];
        process.stdout.write(`\n## A pair, ${where}\n\n${table(head, rows)}\n`);
        process.stdout.write(table(JUDGEMENT_HEAD, judgementRows(judgements)));
        if (judgements.some(({ kept }) => kept === false)) failed(title);
      }),
    );
  });
}

/**
 * @param {string} folder
 * @param {1 | 2} processes
 * @param {{ module: string, seconds: number, fps: number, killAfter: number, size: PairOptions['size'] }} settings
 * @param {(line: string) => void} progress
 * @returns {Promise<import('./pair-judge.mjs').Pair>}
 */
async function recordPair(folder, processes, { seconds, killAfter, ...settings }, progress) {
  const session = join(folder, 'session_pair');
  mkdirSync(session);
  const devices = processes === 1 ? [[WHOLE, KILLED]] : [[WHOLE], [KILLED]];
  /** @type {VirtualModule[]} */
  const modules = [];
  try {
    for (const [index, own] of devices.entries()) {
      modules.push(await VirtualModule.launch(join(folder, `module${index}`), own, session, settings));
    }
    const [first, second = first] = modules;
    if (first === undefined || second === undefined) throw new Error('No module was launched.');
    await Promise.all(modules.map((module) => module.started(TRIAL)));
    await recordFor(killAfter, modules, progress, seconds - killAfter);
    process.kill(await second.capturePid(KILLED), 'SIGKILL');
    progress(`  ${KILLED}: its capture process is killed`);
    const ready = await second.heardOf('device_ready', KILLED, 2);
    await second.heardOf('recording_started', KILLED, 2);
    progress(`  ${KILLED}: records again after ${String(ready['downtime_ms'])} ms`);
    await recordFor(seconds - killAfter, modules, progress);
    for (const module of modules) module.host.send('stop_recording');
    for (const module of modules) await module.host.find(STOP_LIMIT_MS, 'the last stop', lastStopOf(module));
    const [whole, killed] = [await lifeOf(first, WHOLE), await lifeOf(second, KILLED)];
    return { fps: settings.fps, whole, killed, downtimeMs: Number(ready['downtime_ms']) };
  } finally {
    await Promise.all(modules.map(({ host }) => host.quit()));
  }
}

/** @param {VirtualModule} module */
function lastStopOf({ devices }) {
  return (/** @type {readonly import('../module-host.mjs').Status[]} */ heard) => {
    const stopped = heard.filter(({ status, data }) => status === 'recording_stopped' && data['reason'] === 'command');
    return stopped.length >= devices.length ? stopped : undefined;
  };
}

/** @param {VirtualModule} module @param {string} device @returns {Promise<import('./pair-judge.mjs').CameraLife>} */
async function lifeOf(module, device) {
  const told = module.statusesOf(device);
  const takes = [];
  for (const { data } of told.filter(({ status }) => status === 'recording_stopped')) {
    const { video_path: video, timing_path: timing } = data;
    if (typeof video !== 'string' || typeof timing !== 'string') throw new Error(`${device} recorded nothing.`);
    takes.push({ told: toldOf(data), files: await readTake(video, timing) });
  }
  const complaints = module
    .logLines()
    .filter((line) => line['device'] === device && Number(line['level']) >= WARNING_LEVEL)
    .map((line) => String(line['msg']));
  return { device, takes, statuses: told.map(({ status }) => status), complaints };
}
