// @ts-check
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { remembered } from '../children.mjs';
import { freePort } from '../free-port.mjs';
import { placedStep } from '../placed-step.mjs';
import { residentBytesOf } from '../process-figures.mjs';
import { distribution } from '../statistics.mjs';
import { table } from '../table.mjs';
import { MB } from '../units.mjs';
import { hasAnswer, watchHonestly } from './honest-viewer.mjs';
import { takesOf } from './take-files.mjs';
import { JUDGEMENT_HEAD, judgementRows, mismatches, sum } from './take-judge.mjs';
import { judgeViewers } from './viewers-judge.mjs';
import { VirtualModule } from './virtual-module.mjs';

/** Two cameras record while honest viewers and hostile clients look at the monitor; then the monitor's thread ends. */

const CROWD = fileURLToPath(new URL('hostile-crowd.mjs', import.meta.url));
const STUCK_THREADS = fileURLToPath(new URL('../../test/harness/stuck-threads.mjs', import.meta.url));
const DEVICES = ['picam:0', 'picam:1'];
const SIZE = { width: 640, height: 480 };
/** A frame of that size, bytes. */
const FRAME_BYTES = 40_000;
const HONEST = 5;
const TRIAL = 1;
/** Until a young process has compiled what it does. */
const SETTLE_MS = 5_000;
const COMMAND_EVERY_MS = 250;
const COMMAND_LIMIT_MS = 10_000;
const BACK_LIMIT_MS = 20_000;
const LOOK_AGAIN_MS = 20;
const STOP_LIMIT_MS = 15_000;

/**
 * @typedef {object} ViewersOptions
 * @property {number} seconds of each phase
 * @property {number} fps
 * @property {{ width: number, height: number } | undefined} size
 */

/**
 * @param {ViewersOptions & { module: string, dir: string }} options
 * @param {{ progress: (line: string) => void, failed: (what: string) => void }} listener
 * @returns {import('../steps.mjs').Step[]}
 */
export function viewersSteps({ dir, seconds, fps, size = SIZE, module }, { progress, failed }) {
  const title = `two cameras at ${fps} fps with honest and hostile viewers, twice ${seconds} s`;
  const bytes = 2 * (2 * seconds + 15) * fps * FRAME_BYTES;
  return [
    placedStep(dir, { title, seconds: 2 * seconds + 15, bytes }, (workspace) =>
      workspace.within(async (folder) => {
        const viewers = await holdViewers(folder, { seconds, fps, size, module }, progress);
        const judgements = judgeViewers(viewers);
        process.stdout.write(`\n## Viewers\n\n${phasesText(viewers)}\n`);
        process.stdout.write(table(JUDGEMENT_HEAD, judgementRows(judgements)));
        if (judgements.some(({ kept }) => kept === false)) failed(title);
      }),
    ),
  ];
}

/**
 * @param {string} folder
 * @param {{ module: string, seconds: number, fps: number, size: { width: number, height: number } }} settings
 * @param {(line: string) => void} progress
 * @returns {Promise<import('./viewers-judge.mjs').Viewers>}
 */
async function holdViewers(folder, { seconds, ...settings }, progress) {
  const [session, stuck] = [join(folder, 'session_viewers'), join(folder, 'stuck')];
  mkdirSync(session);
  writeFileSync(stuck, '');
  const port = await freePort();
  const module = await VirtualModule.launch(join(folder, 'module'), DEVICES, session, {
    ...settings,
    args: ['--monitor', String(port)],
    nodeOptions: ['--import', STUCK_THREADS],
    environment: { CSI_CAMERAS_STUCK: stuck },
  });
  const { host } = module;
  try {
    await module.started(TRIAL);
    await untilAnswer(port);
    await sleep(SETTLE_MS);
    const quiet = await phaseOf(module, port, seconds);
    progress(`  ${quiet.statusMs.length} answers without hostile clients`);
    const crowd = remembered(
      spawn(process.execPath, [CROWD, String(port), '/monitor.js'], { stdio: ['pipe', 'pipe', 'inherit'] }),
    );
    const told = text(crowd.stdout);
    const hostile = await phaseOf(module, port, seconds);
    crowd.stdin.end();
    const attacks = Number(await told);
    progress(`  ${hostile.statusMs.length} answers among hostile clients`);
    writeFileSync(stuck, 'monitor ends');
    const restarted = host.find(BACK_LIMIT_MS, 'monitor_restarted', (heard) =>
      heard.find(({ status, data }) => status === 'warning' && data['code'] === 'monitor_restarted'),
    );
    const endedMs = performance.now();
    await restarted;
    await untilAnswer(port);
    const backMs = performance.now() - endedMs;
    host.send('stop_recording');
    const stopped = await host.find(STOP_LIMIT_MS, 'the last stop', (heard) => {
      const all = heard.filter(({ status }) => status === 'recording_stopped');
      return all.length >= DEVICES.length ? all : undefined;
    });
    const takes = await takesOf(stopped);
    return {
      quiet,
      hostile,
      attacks,
      backMs,
      lost: sum(takes.map((take) => take.told.lost)),
      mismatches: sum(takes.map(mismatches)),
    };
  } finally {
    await host.quit();
  }
}

/** @param {VirtualModule} module @param {number} port @param {number} seconds */
async function phaseOf({ host }, port, seconds) {
  /** @type {import('./viewers-judge.mjs').Phase} */
  const phase = { statusMs: [], frameMs: [], commandMs: [], residentMb: [], refused: 0 };
  const ending = new AbortController();
  const viewers = Array.from({ length: HONEST }, () => watchHonestly({ port, devices: DEVICES }, phase, ending.signal));
  const endMs = performance.now() + seconds * 1000;
  const commandMs = [];
  const residentMb = [];
  while (performance.now() < endMs) {
    const sentNs = host.send('get_status');
    const { atNs } = await host.next('status_report', COMMAND_LIMIT_MS);
    commandMs.push(Number(atNs - sentNs) / 1e6);
    residentMb.push(residentBytesOf(host.pid) / MB);
    await sleep(COMMAND_EVERY_MS);
  }
  ending.abort();
  await Promise.all(viewers);
  return { ...phase, commandMs, residentMb };
}

/** @param {number} port */
async function untilAnswer(port) {
  const endMs = performance.now() + BACK_LIMIT_MS;
  while (!(await hasAnswer(port, '/api/status'))) {
    if (performance.now() > endMs) throw new Error(`The monitor does not answer within ${BACK_LIMIT_MS} ms.`);
    await sleep(LOOK_AGAIN_MS);
  }
}

/** @param {import('./viewers-judge.mjs').Viewers} viewers */
function phasesText({ quiet, hostile }) {
  const head = ['viewers', 'status, ms', 'picture, ms', "host's command, ms", 'tries that failed', 'resident MB'];
  const rows = Object.entries({ honest: quiet, 'and hostile': hostile }).map(([name, phase]) => [
    name,
    timesText(phase.statusMs),
    timesText(phase.frameMs),
    timesText(phase.commandMs),
    String(phase.refused),
    Math.max(...phase.residentMb).toFixed(0),
  ]);
  return `${table(head, rows)}\nTimes: p50, p99, max.\n`;
}

/** @param {readonly number[]} times */
function timesText(times) {
  const { p50, p99, max } = distribution(times);
  return [p50, p99, max].map((one) => one.toFixed(one < 10 ? 1 : 0)).join(', ');
}
