// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { remembered } from './children.mjs';
import { prepareFeed } from './feed.mjs';
import { firstLineOf } from './machine.mjs';
import { childrenTime, descendantOf, totalOf } from './process-figures.mjs';

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
 * @property {number} [maxGigabytes] it gets no more
 * @property {number} [tries] how often it may fail before that is a failure
 */

/**
 * @typedef {object} Run
 * @property {string} contender
 * @property {number} cameras recorded at the same time; all other figures are of all of them
 * @property {number} frames
 * @property {number} bytes of JPEG
 * @property {number} seconds from the first byte to the end of the last consumer, ours: to the last `recording_stopped`
 * @property {number} cpuSeconds user and system, start-up left out
 * @property {number} cpuSystemSeconds of that the kernel's; of peers their start-up's too
 * @property {number} cpuSecondsWithStart
 * @property {number} [peakResidentBytes]
 */

/** Called with a process at the go; what it returns is called at the end. @typedef {(pid: number) => () => void} Watch */

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

/** @type {Peer} */
export const GSTREAMER = {
  name: 'gstreamer',
  command: (output) =>
    'gst-launch-1.0 -q fdsrc fd=0 ! image/jpeg,framerate=60/1 ! jpegparse ! avimux ! filesink'
      .split(' ')
      .concat(`location=${output}`),
  writesStdout: false,
  synced: false,
  // 1.22 was seen to end in the midst of these streams with "not-negotiated": in four of five runs of 2 GB, in one of three of 1 GB.
  maxGigabytes: 0.5,
  tries: 5,
};

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
 * As many of them as there are cameras, side by side.
 *
 * @param {Peer} peer
 * @param {string} folder empty; what lies in it afterwards is the caller's to remove
 * @param {{ files: readonly string[], frames: number, cameras?: number, startCost: number, watch?: Watch }} settings `frames` of
 *   each camera, `startCost`: CPU seconds of one, `watch`: of the first one
 * @returns {Promise<Run>}
 */
export async function runPeer(peer, folder, { files, frames, cameras = 1, startCost, watch }) {
  const consumers = Array.from({ length: cameras }, (_, index) => {
    const own = join(folder, `camera${index}`);
    mkdirSync(own);
    return startConsumer(peer, own, { files, frames });
  });
  await sleep(START_MS);
  const pid = watch === undefined ? undefined : consumers[0]?.pid();
  const unwatch = pid === undefined ? undefined : watch?.(pid);
  for (const { go } of consumers) go();
  const parts = await Promise.all(consumers.map(({ end }) => end())).finally(() => unwatch?.());
  /** @param {(part: Consumed) => number} figure */
  const sum = (figure) => parts.reduce((total, part) => total + figure(part), 0);
  const startedNs = parts.map((part) => part.startedNs).reduce((a, b) => (a < b ? a : b));
  const endedNs = parts.map((part) => part.endedNs).reduce((a, b) => (a > b ? a : b));
  const cpuSecondsWithStart = sum(({ cpu }) => totalOf(cpu));
  return {
    contender: peer.name,
    cameras,
    frames: frames * cameras,
    bytes: sum(({ bytes }) => bytes),
    seconds: Number(endedNs - startedNs) / 1e9,
    cpuSeconds: Math.max(0, cpuSecondsWithStart - startCost * cameras),
    cpuSystemSeconds: sum(({ cpu }) => cpu.system),
    cpuSecondsWithStart,
  };
}

/**
 * @typedef {object} Consumed
 * @property {number} bytes
 * @property {bigint} startedNs
 * @property {bigint} endedNs
 * @property {import('./process-figures.mjs').CpuTime} cpu
 */

/**
 * @param {Peer} peer
 * @param {string} folder
 * @param {{ files: readonly string[], frames: number }} settings
 * @returns {{ pid: () => number | undefined, go: () => void, end: () => Promise<Consumed> }}
 */
function startConsumer(peer, folder, { files, frames }) {
  const feed = prepareFeed(folder, { files, frames, fps: 60, metadata: false, trickle: false, paced: false });
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
  const exit = once(child, 'exit').then(([code]) => ({ code: Number(code), endedNs: process.hrtime.bigint() }));
  const closed = once(child, 'close');
  const end = async () => {
    const { code, endedNs } = await exit;
    await closed;
    if (code !== 0) throw new Error(`${peer.name} failed (${code}): ${printed.stderr}`);
    const { bytes, startedNs } = feed.report();
    if (statSync(output).size < bytes) throw new Error(`${peer.name} wrote less than it was given.`);
    return { bytes, startedNs: BigInt(startedNs), endedNs, cpu: childrenTime(printed.stdout) };
  };
  const [program = ''] = peer.command(output);
  return { pid: () => descendantOf(child.pid ?? 0, program), go: feed.go, end };
}
