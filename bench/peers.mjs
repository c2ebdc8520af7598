// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { remembered } from './children.mjs';
import { prepareFeed } from './feed.mjs';
import { firstLineOf } from './machine.mjs';
import { childrenSeconds } from './process-figures.mjs';

/**
 * The programs that ours is held against. Each reads the frames from a pipe and writes a file; a shell says what its
 * children on the reading end used: the consumer alone, not the producer.
 */

/**
 * @typedef {object} Peer
 * @property {string} name
 * @property {(output: string) => readonly string[]} command
 * @property {boolean} writesStdout its output is its stdout
 * @property {boolean} synced the clock runs until the file is on the disk (fdatasync, as ours does)
 */

/**
 * @typedef {object} Run
 * @property {string} contender
 * @property {number} frames
 * @property {number} bytes of JPEG
 * @property {number} seconds from the first byte to the end of the consumer, ours: to `recording_stopped`
 * @property {number} cpuSeconds user and system, start-up left out
 * @property {number} cpuSecondsWithStart
 * @property {number} [peakResidentBytes]
 */

/** Programs start before the clock does: by then they wait for their first byte. */
const START_MS = 150;
const START_COST_FRAMES = 2;

/** `$OUTPUT`, `$SYNC`; arguments: producer (3), then the consumer. */
const SCRIPT = `"$1" "$2" "$3" | {
  shift 3
  "$@" > "$OUTPUT"
  status=$?
  if [ -n "$SYNC" ]; then sync -d "$SYNC"; fi
  times
  exit $status
}`;

/** @returns {string} bash where it is there: its `times` counts in ms, dash's in 10 ms */
function shell() {
  return firstLineOf('bash', '--version') === undefined ? 'sh' : 'bash';
}

/** @type {Peer} */
export const CAT = { name: 'cat', command: () => ['cat'], writesStdout: true, synced: false };

/**
 * @param {string} ffmpeg
 * @returns {Peer}
 */
export function ffmpegPeer(ffmpeg) {
  return {
    name: 'ffmpeg',
    // -r, not -framerate: that one makes it write doubled counts.
    command: (output) => `${ffmpeg} -v error -nostdin -r 60 -f mjpeg -i pipe:0 -c copy -y`.split(' ').concat(output),
    writesStdout: false,
    synced: false,
  };
}

/**
 * @param {Peer} peer
 * @returns {Peer} the same, until its file is on the disk
 */
export function synced(peer) {
  return { ...peer, name: `${peer.name}, synced`, synced: true };
}

/**
 * What a peer uses to start and to end: a run over two frames.
 *
 * @param {Peer} peer
 * @param {string} folder
 * @param {readonly string[]} files
 * @returns {Promise<number>} CPU seconds
 */
export async function startCostOf(peer, folder, files) {
  const { cpuSecondsWithStart } = await runPeer(peer, folder, { files, frames: START_COST_FRAMES, startCost: 0 });
  return cpuSecondsWithStart;
}

/**
 * @param {Peer} peer
 * @param {string} folder empty; what lies in it afterwards is the caller's to remove
 * @param {{ files: readonly string[], frames: number, startCost: number }} settings `startCost`: CPU seconds
 * @returns {Promise<Run>}
 */
export async function runPeer(peer, folder, { files, frames, startCost }) {
  const feed = prepareFeed(folder, { files, frames, fps: 60, metadata: false, trickle: false });
  const output = join(folder, 'out.avi');
  const env = { ...process.env, OUTPUT: peer.writesStdout ? output : '/dev/null', SYNC: peer.synced ? output : '' };
  const args = ['-c', SCRIPT, 'bench', ...feed.command, ...peer.command(output)];
  const child = remembered(spawn(shell(), args, { stdio: ['ignore', 'pipe', 'pipe'], env }));
  const printed = { stdout: '', stderr: '' };
  for (const name of /** @type {const} */ (['stdout', 'stderr'])) {
    child[name].setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      printed[name] += text;
    });
  }
  const exit = once(child, 'exit').then(([code]) => ({ code: Number(code), atNs: process.hrtime.bigint() }));
  const closed = once(child, 'close');
  await sleep(START_MS);
  feed.go();
  const { code, atNs } = await exit;
  await closed;
  if (code !== 0) throw new Error(`${peer.name} failed (${code}): ${printed.stderr}`);
  const { bytes, startedNs } = feed.report();
  if (statSync(output).size < bytes) throw new Error(`${peer.name} wrote less than it was given.`);
  const cpuSecondsWithStart = childrenSeconds(printed.stdout);
  return {
    contender: peer.name,
    frames,
    bytes,
    seconds: Number(atNs - BigInt(startedNs)) / 1e9,
    cpuSeconds: Math.max(0, cpuSecondsWithStart - startCost),
    cpuSecondsWithStart,
  };
}
