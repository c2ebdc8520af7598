import { resolve } from 'node:path';
import type { PartialSettings } from '../../core/camera-settings.js';
import { systemClock } from '../../core/clock.js';
import { roundedFps } from '../../core/figures.js';
import { printable } from '../../core/safe-text.js';
import { TIMED_OUT, within } from '../../core/within.js';
import { createCsiCamerasModule } from '../../module/container.js';
import type { CsiCamerasModule } from '../../module/csi-cameras-module.js';
import { monitorLine } from '../flags/monitor-flags.js';
import { finishOutput, outputForPeople } from '../output.js';
import { ProgressLine } from '../progress.js';
import { sessionName, whyNoSession } from '../session-folder.js';
import { listOf } from '../settings/setting-list.js';
import { stopSignal } from '../stop-signal.js';
import { supervisionOf, type Supervision } from '../supervisor/supervision.js';
import { RecordingListener } from './listener.js';
import { errorOf, openAll, type OpenCamera } from './opening.js';
import { EXIT, failWith, outcomeOf, type Outcome } from './outcome.js';
import { configOf, indicesOf, labelOf, whySettingsCannotBe, withMonitor, type RecordOptions } from './preparing.js';
import { tellingTheWait } from './waiting.js';
import { showLast, watch } from './watching.js';

/** How long the end waits for somebody to read what is printed. The recording is whole by then. */
const OUTPUT_LIMIT_MS = 1000;
/** Progress in a journal, seconds. */
const SUPERVISED_STEP_S = 600;
/** How long the first frames are still waited for after a signal. They may be minutes away. */
const FIRST_FRAMES_MS = 500;

/**
 * Records from one or several cameras for a person at a terminal. Resolves with the exit code. The recording depends on nobody
 * who reads stdout or stderr.
 */
export async function record(options: RecordOptions): Promise<number> {
  const stderr = outputForPeople(2);
  const stdout = outputForPeople(1);
  const supervision = supervisionOf((sentence) => {
    stderr.write(`${printable(sentence)}\n`);
  });
  // A supervisor is told how it goes; its journal need not be.
  const line = new ProgressLine(stderr, supervision.isOn ? SUPERVISED_STEP_S : undefined);
  supervision.ready();
  try {
    const { code, summary, errors = [], endedBy } = await prepareAndRecord(options, line, supervision);
    for (const error of errors) stderr.write(`error: ${printable(error)}\n`);
    // Both may be one pipe: the summary comes after the progress.
    await finishOutput(stderr, OUTPUT_LIMIT_MS);
    if (summary !== undefined) stdout.write(summary);
    await supervision.beforeNextAttempt(endedBy);
    return code;
  } finally {
    supervision.end();
    await finishOutput(stdout, OUTPUT_LIMIT_MS);
  }
}

async function prepareAndRecord(
  options: RecordOptions,
  line: ProgressLine,
  supervision: Supervision,
): Promise<Outcome> {
  const config = configOf(options);
  const indices = await indicesOf(options.camera, config);
  if (typeof indices === 'string') return failWith(indices);
  const refused = await whySettingsCannotBe(indices, options, config);
  if (refused.length > 0) return { code: EXIT.wrongUsage, errors: refused };
  const sessionDir = resolve(options.out ?? sessionName());
  const unusable = await whyNoSession(sessionDir);
  if (unusable !== undefined) return failWith(unusable);
  const deviceIds = indices.map((index) => `picam:${index}`);
  return recordInto(
    sessionDir,
    { ...options, config: withMonitor(config, options, indices), deviceIds },
    line,
    supervision,
  );
}

interface Prepared extends RecordOptions {
  readonly config: object;
  readonly deviceIds: readonly string[];
}

async function recordInto(
  sessionDir: string,
  options: Prepared,
  line: ProgressLine,
  supervision: Supervision,
): Promise<Outcome> {
  const { config, deviceIds, settings = {} } = options;
  const label = labelOf(options, (warning) => {
    line.note(`warning: ${warning}`);
  });
  const module = createCsiCamerasModule();
  const stopped = stopSignal();
  supervision.watch(module, stopped);
  const listener = new RecordingListener(
    deviceIds,
    (note) => {
      line.note(note);
    },
    stopped.stop,
  );
  const { naming, takes, failedStarts } = listener;
  let cameras: readonly OpenCamera[] = [];
  await module.start({
    logDir: options.logDir,
    stateDir: options.stateDir,
    config,
    settings,
    sendStatus: (message) => {
      listener.hear(message);
      if (message.status === 'monitor_started')
        line.note(monitorLine(message.data, module.monitorLink, process.stderr.isTTY));
    },
  });
  try {
    const opened = await tellingTheWait({ module, line, deviceIds }, openAll(module, deviceIds, stopped.promise));
    if (opened === undefined) return failWith('Stopped. Nothing was recorded.');
    // All or none: who asked for two cameras has no use for a recording of one.
    if (opened.failures.length > 0) return failWith(...opened.failures.map((one) => naming(one.deviceId, one.error)));
    ({ cameras } = opened);
    for (const sentence of whatIsRecorded(cameras, sessionDir)) line.note(sentence);
    if (options.trial !== undefined || label !== '')
      line.note(`Trial ${options.trial ?? 1}${label === '' ? '' : `, label: ${label}`}`);
    for (const deviceId of deviceIds) {
      const kept = await keptBesides(settings, module, deviceId);
      if (kept !== '') line.note(naming(deviceId, `Kept for this camera: ${kept} (csi-cameras settings).`));
    }
    // The duration counts from the command. The first frame comes at most one frame time later.
    const startedMs = performance.now();
    listener.phase = 'starting';
    const trial = { trial_number: options.trial ?? 1, trial_label: label };
    const starting = module.command({ command: 'start_recording', session_dir: sessionDir, ...trial });
    const stoppedBefore = stopped.promise.then(() => within(systemClock, FIRST_FRAMES_MS, starting));
    const started = await Promise.race([starting, stoppedBefore]);
    if (started === TIMED_OUT)
      listener.phase = 'stopping'; // the shutdown ends the wait
    else if (started.status === 'recording_started') {
      listener.phase = 'recording';
      const watched = { module, line, startedMs, durationS: options.duration, sessionDir, deviceIds, takes };
      await watch(watched, stopped.promise);
      listener.phase = 'stopping';
      await module.command({ command: 'stop_recording' });
      await showLast(watched);
    } else if (failedStarts.length === 0) failedStarts.push(errorOf(started));
  } finally {
    await module.shutDown(stopped.reason());
    // Not before: a second signal (a closed terminal gives two) must not end the process while files are being closed.
    stopped.cancel();
  }
  const outcome = await outcomeOf(cameras, takes, options.simulate === true, line);
  if (failedStarts.length > 0) return { ...outcome, ...failWith(...failedStarts) };
  return listener.isEndedByDisk ? { ...outcome, endedBy: 'The disk ended the recording.' } : outcome;
}

/** One line for one camera; of several, one line each below the folder. */
function whatIsRecorded(cameras: readonly OpenCamera[], sessionDir: string): readonly string[] {
  const described = cameras.map(
    ({ deviceId, model, view, fps }) =>
      [deviceId, `${model || 'unknown model'}, ${view}, at ${roundedFps(fps)} fps`] as const,
  );
  const [first] = described;
  if (described.length === 1 && first !== undefined) return [`Recording ${first[0]} (${first[1]}) into ${sessionDir}`];
  const width = Math.max(...cameras.map(({ deviceId }) => deviceId.length));
  return [
    `Recording ${cameras.length} cameras into ${sessionDir}`,
    ...described.map(([deviceId, facts]) => `  ${deviceId.padEnd(width)}  ${facts}`),
  ];
}

/** What is kept of the camera and not given by a flag: people forget what they once set. */
async function keptBesides(flags: PartialSettings, module: CsiCamerasModule, deviceId: string): Promise<string> {
  const answer = await module.command({ command: 'get_settings', device_id: deviceId });
  if (answer.status !== 'settings') return '';
  return listOf(Object.fromEntries(Object.entries(answer.data.kept).filter(([name]) => !Object.hasOwn(flags, name))));
}
