// @ts-check
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareFeed } from './feed.mjs';
import { FPS } from './frames.mjs';
import { ModuleHost } from './module-host.mjs';
import { cpuSecondsOf, peakResidentBytesOf } from './process-figures.mjs';
import { MB, MIB } from './units.mjs';
import { checkTiming } from './timing-check.mjs';

/** This project's whole way: a recording of ready-made frames by the built module, as a host commands it. */

export const CONTENDER = 'csi-cameras';

const ANSWER_LIMIT_MS = 15_000;
/** Slower than this is broken, not slow. */
const SLOWEST_BYTES_PER_S = 10 * MB;
const BUFFER_BYTES = 64 * MIB;
const NEVER_MS = 600_000;

/**
 * @param {string} folder
 * @param {readonly string[]} feeder
 * @returns {string} path of a stand-in for rpicam-vid
 */
function writeCaptureTool(folder, feeder) {
  const path = join(folder, 'capture-tool');
  const quoted = feeder.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
  writeFileSync(path, `#!/bin/sh\nexec ${quoted}\n`, { mode: 0o755 });
  return path;
}

/**
 * @param {string} folder
 * @param {string} tool
 * @returns {string} path of the configuration
 */
function writeConfiguration(folder, tool) {
  const path = join(folder, 'config.json');
  const config = {
    camera: { tool, fps: FPS, frameTimeoutMs: 60_000, firstFrameTimeoutMs: 60_000 },
    // A replay can wait for the disk.
    buffer: { maxBytes: BUFFER_BYTES, whenFull: 'pauseSource' },
    // The stream ends, which is a lost camera: it need not come back.
    reconnect: { firstDelayMs: NEVER_MS, maxDelayMs: NEVER_MS },
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

/**
 * @param {string | undefined} folder
 * @returns {readonly string[]} options of Node itself; NODE_OPTIONS takes no profiles
 */
function profiling(folder) {
  return folder === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', folder];
}

/**
 * @param {string} folder empty; what lies in it afterwards is the caller's to remove
 * @param {{ module: string, files: readonly string[], frames: number, expectedBytes: number, cpuProfile: string | undefined }} settings
 * @returns {Promise<import('./peers.mjs').Run>}
 */
export async function runModule(folder, { module, files, frames, expectedBytes, cpuProfile }) {
  const feed = prepareFeed(folder, { files, frames, fps: FPS, metadata: true, trickle: true });
  const session = join(folder, 'session_bench');
  const logs = join(folder, 'logs');
  mkdirSync(session);
  const config = writeConfiguration(folder, writeCaptureTool(folder, feed.command));
  const host = new ModuleHost(module, ['--log-dir', logs, '--config-path', config], profiling(cpuProfile));
  try {
    await host.next('ready', ANSWER_LIMIT_MS);
    host.send('assign_device', { device_id: 'picam:0', session_dir: session });
    await host.next('device_ready', ANSWER_LIMIT_MS);
    host.send('start_recording', { trial_number: 1 });
    await host.next('recording_started', ANSWER_LIMIT_MS);
    const cpuAtGo = cpuSecondsOf(host.pid);
    feed.go();
    const limitMs = ANSWER_LIMIT_MS + (expectedBytes / SLOWEST_BYTES_PER_S) * 1000;
    const { message, atNs } = await host.next('recording_stopped', limitMs);
    const cpuSecondsWithStart = cpuSecondsOf(host.pid);
    const peakResidentBytes = peakResidentBytesOf(host.pid);
    const report = feed.report();
    checkNothingLost(message.data, report, logs);
    return {
      contender: CONTENDER,
      frames: report.frames,
      bytes: report.bytes,
      seconds: Number(atNs - BigInt(report.startedNs)) / 1e9,
      cpuSeconds: cpuSecondsWithStart - cpuAtGo,
      cpuSecondsWithStart,
      peakResidentBytes,
    };
  } finally {
    await host.quit();
  }
}

/**
 * @param {Readonly<Record<string, unknown>>} stopped data of `recording_stopped`
 * @param {import('./feeder.mjs').FeedReport} sent
 * @param {string} logs
 */
function checkNothingLost(stopped, sent, logs) {
  const { frames, dropped, skipped, source_gaps: gaps, video_path: video, timing_path: timing } = stopped;
  const problems = [];
  if (dropped !== 0 || skipped !== 0 || gaps !== 0) problems.push('frames were dropped, skipped or missed');
  if (typeof video !== 'string' || typeof timing !== 'string' || typeof frames !== 'number') {
    problems.push('there is no recording');
  } else {
    if (statSync(video).size < sent.bytes) problems.push('the video is shorter than its frames');
    problems.push(...checkTiming(readFileSync(timing, 'utf8'), frames, sent));
  }
  if (problems.length === 0) return;
  const told = existsSync(logs) ? readdirSync(logs).map((name) => join(logs, name)) : [];
  const tail = told.map((file) => `${file}: ${readFileSync(file, 'utf8').slice(-1000)}`).join('\n');
  throw new Error(
    `Frames were lost: ${problems.join('; ')}. ${JSON.stringify(stopped)} ${JSON.stringify(sent)}\n${tail}`,
  );
}

/**
 * What of a launch is Node's own.
 *
 * @returns {number} from launch to exit of a process that does nothing, ms
 */
function bareNodeMs() {
  const launched = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  return performance.now() - launched;
}

/**
 * @typedef {object} StartTimes
 * @property {number[]} bareNodeMs from launch to exit of a Node that does nothing
 * @property {number[]} readyMs from launch to `ready`
 * @property {number[]} ackMs from `assign_device` to `device_ack`
 */

/**
 * Launches the module again and again and assigns a camera each time.
 *
 * @param {{ module: string, files: readonly string[], newFolder: (name: string) => string, launches: number }} settings
 * @returns {Promise<StartTimes>}
 */
export async function measureStart({ module, files, newFolder, launches }) {
  /** @type {StartTimes} */
  const times = { bareNodeMs: [], readyMs: [], ackMs: [] };
  for (let launch = 0; launch < launches; launch += 1) {
    times.bareNodeMs.push(bareNodeMs());
    const folder = newFolder(`start${launch}`);
    const feed = prepareFeed(folder, { files, frames: 1, fps: FPS, metadata: true, trickle: true });
    const config = writeConfiguration(folder, writeCaptureTool(folder, feed.command));
    const host = new ModuleHost(module, ['--log-dir', join(folder, 'logs'), '--config-path', config]);
    try {
      const ready = await host.next('ready', ANSWER_LIMIT_MS);
      times.readyMs.push(Number(ready.atNs - host.launchedNs) / 1e6);
      const sentNs = host.send('assign_device', { device_id: 'picam:0' });
      const acknowledged = await host.next('device_ack', ANSWER_LIMIT_MS);
      times.ackMs.push(Number(acknowledged.atNs - sentNs) / 1e6);
      await host.next('device_ready', ANSWER_LIMIT_MS);
    } finally {
      await host.quit();
    }
  }
  return times;
}
