// @ts-check
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ModuleHost } from './module-host.mjs';
import { cpuTimeOf, peakResidentBytesOf, totalOf } from './process-figures.mjs';
import { DIST_VARIABLE, FOLDER_VARIABLE } from './probe/variables.mjs';
import { prepareStandIns } from './stand-in.mjs';
import { checkTiming } from './timing-check.mjs';
import { MB } from './units.mjs';

/** This project's whole way: recordings of ready-made frames by the built module, as a host commands it. */

export const CONTENDER = 'csi-cameras';

const PROBE = fileURLToPath(new URL('probe/probe.mjs', import.meta.url));
const ANSWER_LIMIT_MS = 15_000;
/** Of a recording on schedule, before the go: a process that is seconds old is still compiling. */
const WARM_UP_MS = 3_000;
/** Slower than this is broken, not slow. */
const SLOWEST_BYTES_PER_S = 10 * MB;

/**
 * @typedef {object} ModuleRunSettings
 * @property {string} module its built main script
 * @property {readonly string[]} files one JPEG each
 * @property {number} cameras all in one module, recording at the same time
 * @property {number} frames of each camera
 * @property {number} expectedBytes of all cameras
 * @property {number} fps
 * @property {boolean} paced frames come when they are due and the configuration is the default; otherwise flat out, and the source
 *   waits where the buffer is full
 * @property {boolean} [probed] take the time of each frame
 * @property {string | undefined} [cpuProfile] folder for V8 profiles
 * @property {import('./peers.mjs').Watch} [watch]
 */

/**
 * @typedef {object} ModuleRun
 * @property {import('./peers.mjs').Run} run
 * @property {number} dropped by the module, or missed
 * @property {number} latestMs the most that a stand-in was behind its schedule
 * @property {readonly import('./probe/frame-timer.mjs').Samples[]} samples one a camera where it was probed
 */

/**
 * Throws where a frame was lost that could have waited, and where what was recorded is not what was sent.
 *
 * @param {string} folder empty; what lies in it afterwards is the caller's to remove
 * @param {ModuleRunSettings} settings
 * @returns {Promise<ModuleRun>}
 */
export async function runModule(folder, settings) {
  const { module, files, cameras, frames, fps, paced, watch } = settings;
  const { feeds, config } = prepareStandIns(folder, cameras, { files, frames, fps, paced });
  const session = join(folder, 'session_bench');
  const logs = join(folder, 'logs');
  const probes = join(folder, 'probes');
  mkdirSync(session);
  mkdirSync(probes);
  const host = new ModuleHost(module, ['--log-dir', logs, '--config-path', config], nodeOptions(settings), {
    [DIST_VARIABLE]: join(dirname(module), '..'),
    [FOLDER_VARIABLE]: probes,
  });
  try {
    await host.next('ready', ANSWER_LIMIT_MS);
    for (let index = 0; index < cameras; index += 1) {
      host.send('assign_device', { device_id: `picam:${index}`, session_dir: session });
      await host.next('device_ready', ANSWER_LIMIT_MS);
    }
    host.send('start_recording', { trial_number: 1 });
    await host.nextOfEach('recording_started', cameras, ANSWER_LIMIT_MS);
    if (paced) await sleep(WARM_UP_MS);
    const atGo = cpuTimeOf(host.pid);
    const unwatch = watch?.(host.pid);
    for (const feed of feeds) feed.go();
    const stopped = await host.nextOfEach('recording_stopped', cameras, ANSWER_LIMIT_MS + expectedMs(settings));
    const atEnd = cpuTimeOf(host.pid);
    unwatch?.();
    const reports = feeds.map((feed) => feed.report());
    const startedNs = reports.map((report) => BigInt(report.startedNs)).reduce((a, b) => (a < b ? a : b));
    const endedNs = stopped.map(({ atNs }) => atNs).reduce((a, b) => (a > b ? a : b));
    const results = stopped.map(({ message }) => message.data);
    return {
      run: {
        contender: CONTENDER,
        cameras,
        frames: sum(reports.map((report) => report.frames)),
        bytes: sum(reports.map((report) => report.bytes)),
        seconds: Number(endedNs - startedNs) / 1e9,
        cpuSeconds: totalOf(atEnd) - totalOf(atGo),
        cpuSystemSeconds: atEnd.system - atGo.system,
        cpuSecondsWithStart: totalOf(atEnd),
        peakResidentBytes: peakResidentBytesOf(host.pid),
      },
      dropped: checkRecordings(results, reports, { paced, logs }),
      latestMs: Math.max(...reports.map((report) => report.latestMs)),
      samples: readdirSync(probes).map((name) => samplesIn(join(probes, name))),
    };
  } finally {
    await host.quit();
  }
}

/** @param {ModuleRunSettings} settings */
function expectedMs({ expectedBytes, frames, fps, paced }) {
  return 1000 * (paced ? frames / fps : expectedBytes / SLOWEST_BYTES_PER_S);
}

/**
 * @param {ModuleRunSettings} settings
 * @returns {string[]} options of Node itself; NODE_OPTIONS takes no profiles
 */
function nodeOptions({ cpuProfile, probed = false }) {
  return [
    ...(probed ? ['--import', PROBE] : []),
    ...(cpuProfile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', cpuProfile]),
  ];
}

/**
 * @param {string} file
 * @returns {import('./probe/frame-timer.mjs').Samples}
 */
function samplesIn(file) {
  return /** @type {import('./probe/frame-timer.mjs').Samples} */ (JSON.parse(readFileSync(file, 'utf8')));
}

/** @param {readonly number[]} values */
const sum = (values) => values.reduce((total, value) => total + value, 0);

/**
 * @param {readonly Readonly<Record<string, unknown>>[]} stopped data of each `recording_stopped`
 * @param {readonly import('./feeder.mjs').FeedReport[]} reports by camera
 * @param {{ paced: boolean, logs: string }} how
 * @returns {number} frames that were dropped or missed
 */
function checkRecordings(stopped, reports, { paced, logs }) {
  let lost = 0;
  for (const [index, report] of reports.entries()) {
    const data = stopped.find(({ device_id: device }) => device === `picam:${index}`) ?? {};
    const gone = Number(data['dropped']) + Number(data['skipped']) + Number(data['source_gaps']);
    lost += gone;
    // What a camera on schedule lost is a figure, and the rows have holes there.
    const problems = paced && gone > 0 ? [] : problemsOf(data, report);
    if (problems.length > 0) throw new Error(lossText(problems, data, report, logs));
  }
  return lost;
}

/**
 * @param {Readonly<Record<string, unknown>>} stopped
 * @param {import('./feeder.mjs').FeedReport} sent
 * @returns {string[]}
 */
function problemsOf(stopped, sent) {
  const { frames, dropped, skipped, source_gaps: gaps, video_path: video, timing_path: timing } = stopped;
  if (typeof video !== 'string' || typeof timing !== 'string' || typeof frames !== 'number') {
    return ['there is no recording'];
  }
  const problems = [];
  if (dropped !== 0 || skipped !== 0 || gaps !== 0) problems.push('frames were dropped, skipped or missed');
  if (statSync(video).size < sent.bytes) problems.push('the video is shorter than its frames');
  return [...problems, ...checkTiming(readFileSync(timing, 'utf8'), frames, sent)];
}

/**
 * @param {readonly string[]} problems
 * @param {Readonly<Record<string, unknown>>} stopped
 * @param {import('./feeder.mjs').FeedReport} sent
 * @param {string} logs
 */
function lossText(problems, stopped, sent, logs) {
  const told = existsSync(logs) ? readdirSync(logs).map((name) => join(logs, name)) : [];
  const tail = told.map((file) => `${file}: ${readFileSync(file, 'utf8').slice(-1000)}`).join('\n');
  return `Frames were lost: ${problems.join('; ')}. ${JSON.stringify(stopped)} ${JSON.stringify(sent)}\n${tail}`;
}
