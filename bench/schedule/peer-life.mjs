// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { remembered } from '../children.mjs';
import { prepareFeed } from '../feed.mjs';
import { FPS } from '../frames.mjs';
import { sampleOf } from './process-sample.mjs';
import { supplyMemory } from './memory-supply.mjs';
import { lengthS, watchWindow } from './watch-window.mjs';

/**
 * One life of a program that writes its stdin to a file, fed on schedule and watched for a window. Its stdin is what the module reads from,
 * too: the socket that Node makes for a child's output.
 */

/**
 * @typedef {object} SchedulePeer
 * @property {string} name
 * @property {(output: string) => readonly string[]} command
 */

/** @type {SchedulePeer} */
export const DD = { name: 'dd', command: (output) => ['dd', `of=${output}`, 'bs=1M', 'status=none'] };

/** Frames go on for so long after the window, and after a consumer that took its time to start. */
const TAIL_S = 3;
const FIRST_FRAME_LIMIT_MS = 15_000;
const POLL_MS = 10;

/**
 * @param {SchedulePeer} peer
 * @param {string} folder empty; what lies in it afterwards is the caller's to remove
 * @param {{ frames: import('../frames.mjs').FrameSet, timing: import('./watch-window.mjs').Timing }} settings
 * @returns {Promise<import('./window.mjs').WindowCost>}
 */
export async function peerLife(peer, folder, { frames, timing }) {
  const seconds = lengthS(timing) + TAIL_S;
  const own = join(folder, 'feed');
  mkdirSync(own);
  const what = { files: frames.files, frames: Math.ceil(seconds * FPS), fps: FPS };
  const feed = prepareFeed(own, { ...what, metadata: false, trickle: false, paced: true });
  const output = join(folder, 'out.avi');
  const memory = supplyMemory(frames.meanBytes * FPS, seconds);
  const { consumer, ended, end } = startFed(feed.command, peer.command(output));
  try {
    feed.go();
    const pid = consumer.pid ?? 0;
    const watched = firstFrame(pid, frames.meanBytes).then(() => watchWindow(pid, timing));
    // What is watched may end before its time: `ended` then says why.
    const [cost] = await Promise.all([watched, ended]);
    if (statSync(output).size < feed.report().bytes) throw new Error(`${peer.name} wrote less than it was given.`);
    return cost;
  } finally {
    await end();
    memory.release();
  }
}

/**
 * The producer is a Node, which takes its time to start on a busy machine: the warm-up begins when it sends.
 *
 * @param {number} pid
 * @param {number} bytes
 */
async function firstFrame(pid, bytes) {
  const deadlineMs = performance.now() + FIRST_FRAME_LIMIT_MS;
  while (sampleOf(pid).bytesRead < bytes) {
    if (performance.now() > deadlineMs) throw new Error(`No frame came within ${FIRST_FRAME_LIMIT_MS} ms.`);
    await sleep(POLL_MS);
  }
}

/**
 * @param {readonly [string, ...string[]]} producer
 * @param {readonly string[]} consumer
 */
function startFed([producer, ...producerArguments], [program = '', ...programArguments]) {
  // Where the consumer dies the producer can say nothing of interest.
  const feeder = remembered(spawn(producer, producerArguments, { stdio: ['ignore', 'pipe', 'ignore'] }));
  const feederEnded = once(feeder, 'exit');
  // Handed on before the event loop turns: Node has read nothing from it.
  const consumer = remembered(spawn(program, programArguments, { stdio: [feeder.stdout, 'ignore', 'pipe'] }));
  // The producer must notice when its reader is gone.
  feeder.stdout.destroy();
  let said = '';
  consumer.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
    said += text;
  });
  const ended = once(consumer, 'close').then(([code]) => {
    if (code !== 0) throw new Error(`${program} failed (${String(code)}): ${said}`);
  });
  const end = async () => {
    for (const child of [feeder, consumer]) child.kill('SIGKILL');
    await Promise.allSettled([feederEnded, ended]);
  };
  return { consumer, ended, end };
}
