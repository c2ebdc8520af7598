import { resolve } from 'node:path';
import type { PartialSettings } from '../../core/camera-settings.js';
import { systemClock } from '../../core/clock.js';
import { FileDiskSpace } from '../../core/disk-space.js';
import { roundedFps } from '../../core/figures.js';
import { realFileSystem } from '../../core/file-system.js';
import { printable } from '../../core/safe-text.js';
import { createCsiCamerasModule } from '../../module/container.js';
import type { CsiCamerasModule } from '../../module/csi-cameras-module.js';
import type { StatusMessage } from '../../protocol/statuses.js';
import { whyFlagsCannotBe } from '../flag-conflicts.js';
import { finishOutput, outputForPeople } from '../output.js';
import { ProgressLine, type Progress } from '../progress.js';
import { howToHold, isWhole, summaryOf, type Take } from './summary.js';
import { listOf } from '../settings/setting-list.js';
import { sessionName, whyNoSession } from '../session-folder.js';
import { stopSignal } from '../stop-signal.js';

export interface RecordOptions {
  readonly camera: number;
  /** Seconds. `undefined`: until a signal. */
  readonly duration?: number;
  /** Asked for by flags. They win over what was kept. */
  readonly settings?: PartialSettings;
  readonly out?: string;
  readonly simulate?: boolean;
  readonly captureTool?: string;
  readonly logDir: string;
  readonly stateDir?: string;
  readonly minFreeBytes?: number;
}

const EXIT = { recorded: 0, failed: 1, wrongUsage: 2, incomplete: 3 } as const;
const PROGRESS_PERIOD_MS = 250;
/** How long the end waits for somebody to read what is printed. The recording is whole by then. */
const OUTPUT_LIMIT_MS = 1000;

/**
 * Records from one camera for a person at a terminal. Resolves with the exit code. The recording depends on nobody who reads
 * stdout or stderr.
 */
export async function record(options: RecordOptions): Promise<number> {
  const stderr = outputForPeople(2);
  const stdout = outputForPeople(1);
  try {
    const { code, summary, error } = await recordInto(options, new ProgressLine(stderr));
    if (error !== undefined) stderr.write(`error: ${printable(error)}\n`);
    // Both may be one pipe: the summary comes after the progress.
    await finishOutput(stderr, OUTPUT_LIMIT_MS);
    if (summary !== undefined) stdout.write(summary);
    return code;
  } finally {
    await finishOutput(stdout, OUTPUT_LIMIT_MS);
  }
}

interface Outcome {
  readonly code: number;
  readonly summary?: string;
  readonly error?: string;
}

async function recordInto(options: RecordOptions, line: ProgressLine): Promise<Outcome> {
  const sessionDir = resolve(options.out ?? sessionName());
  const config = configOf(options);
  const { settings = {}, camera: index, stateDir } = options;
  const refused = await whyFlagsCannotBe(settings, { index, config, stateDir });
  if (refused !== undefined) return { code: EXIT.wrongUsage, error: refused };
  const unusable = await whyNoSession(sessionDir);
  if (unusable !== undefined) return failWith(unusable);
  const takes: Take[] = [];
  const module = createCsiCamerasModule();
  const stopped = stopSignal();
  /** A camera that ends while its recording is being finished is of no interest any more. */
  let isStopping = false;
  await module.start({
    logDir: options.logDir,
    stateDir: options.stateDir,
    config,
    settings,
    sendStatus: (message) => {
      if (message.status === 'recording_stopped' && message.data.frames > 0) takes.push(message.data);
      else if (!isStopping || message.status !== 'device_error') noteTrouble(message, line);
      if (isEndedByDisk(message)) stopped.stop();
    },
  });
  const deviceId = `picam:${options.camera}`;
  let view = '';
  try {
    const ready = await Promise.race([
      module.command({ command: 'assign_device', device_id: deviceId }),
      stopped.promise,
    ]);
    if (ready === undefined) return { code: EXIT.failed };
    if (ready.status !== 'device_ready') return fail(ready);
    const { model, fps } = ready.data;
    ({ view } = ready.data);
    line.note(
      `Recording ${deviceId} (${model || 'unknown model'}, ${view}, at ${roundedFps(fps)} fps) into ${sessionDir}`,
    );
    const kept = await keptBesides(settings, module, deviceId);
    if (kept !== '') line.note(`Kept for this camera: ${kept} (csi-cameras settings).`);
    // The duration counts from the command. The first frame comes at most one frame time later.
    const startedMs = performance.now();
    const started = await module.command({ command: 'start_recording', session_dir: sessionDir, trial_number: 1 });
    if (started.status !== 'recording_started') return fail(started);
    const watched = { module, line, startedMs, durationS: options.duration, sessionDir };
    await watch(watched, stopped.promise);
    isStopping = true;
    await module.command({ command: 'stop_recording' });
    await showLast(watched, takes);
  } finally {
    await module.shutDown(stopped.reason());
    // Not before: a second signal (a closed terminal gives two) must not end the process while files are being closed.
    stopped.cancel();
  }
  if (takes.length === 0) return failWith('No frame was recorded. See csicameras.log.');
  const summary = `${summaryOf(takes, view)}${howToHold(takes, options.simulate === true)}`;
  return { code: isWhole(takes) ? EXIT.recorded : EXIT.incomplete, summary };
}

/** What is kept of the camera and not given by a flag: people forget what they once set. */
async function keptBesides(flags: PartialSettings, module: CsiCamerasModule, deviceId: string): Promise<string> {
  const answer = await module.command({ command: 'get_settings', device_id: deviceId });
  if (answer.status !== 'settings') return '';
  return listOf(Object.fromEntries(Object.entries(answer.data.kept).filter(([name]) => !Object.hasOwn(flags, name))));
}

function configOf({ simulate, captureTool, minFreeBytes }: RecordOptions): object {
  return {
    simulate: simulate === true,
    camera: captureTool === undefined ? {} : { tool: captureTool },
    // Somebody who asked for an hour wants the rest of the hour once a loose cable was pushed back in.
    recording: { resumeAfterReconnect: true, ...(minFreeBytes === undefined ? {} : { minFreeBytes }) },
  };
}

/** A lost camera may come back, but a failed disk ends the recording for good, so the command ends at once. */
function isEndedByDisk(message: StatusMessage): boolean {
  if (message.status !== 'recording_stopped') return false;
  return message.data.reason === 'disk_full' || message.data.reason === 'io_error';
}

function noteTrouble(message: StatusMessage, line: ProgressLine): void {
  if (message.status === 'device_error' || message.status === 'recording_error') {
    if (message.in_reply_to === undefined) line.note(`error: ${message.data.code}: ${message.data.error}`);
  } else if (message.status === 'device_ready' && message.data.reconnected === true) {
    line.note(`The camera is back after ${((message.data.downtime_ms ?? 0) / 1000).toFixed(1)} s.`);
  } else if (message.status === 'warning') {
    line.note(`warning: ${message.data.message}`);
  }
}

function fail(answer: StatusMessage): Outcome {
  const { data } = answer;
  return failWith('error' in data && typeof data.error === 'string' ? data.error : answer.status);
}

const failWith = (error: string): Outcome => ({ code: EXIT.failed, error });

/** The recording in progress and where its progress is shown. */
interface Watched {
  readonly module: CsiCamerasModule;
  readonly line: ProgressLine;
  readonly startedMs: number;
  /** `undefined`: until a signal. */
  readonly durationS: number | undefined;
  readonly sessionDir: string;
}

/** Shows progress until the duration is over or somebody stops the recording. */
async function watch(watched: Watched, stopped: Promise<undefined>): Promise<void> {
  const { module, line, startedMs, durationS, sessionDir } = watched;
  let freeBytes = await freeSpace(sessionDir);
  const show = (): void => {
    line.show(progressOf(module, (performance.now() - startedMs) / 1000, durationS, freeBytes));
    void freeSpace(sessionDir).then((bytes) => {
      freeBytes = bytes;
    });
  };
  show();
  const stopShowing = systemClock.every(PROGRESS_PERIOD_MS, show);
  const ending = new AbortController();
  const leftMs = durationS === undefined ? Infinity : durationS * 1000 - (performance.now() - startedMs);
  // Unlike a timer of the clock, a sleep keeps the process alive, also while the camera is lost.
  const lasting = systemClock.sleep(leftMs, ending.signal).catch(() => {}); // stopped before its time
  await Promise.race([lasting, stopped]);
  ending.abort();
  stopShowing();
}

/** Shows the final figures. The ones shown before are up to half a second old. */
async function showLast(watched: Watched, takes: readonly Take[]): Promise<void> {
  const sum = (count: (take: Take) => number): number => takes.reduce((total, take) => total + count(take), 0);
  const frames = sum((take) => take.frames);
  const recordedS = sum((take) => take.duration_s);
  watched.line.last({
    elapsedS: Math.min(watched.durationS ?? Infinity, (performance.now() - watched.startedMs) / 1000),
    durationS: watched.durationS,
    frames,
    fps: recordedS === 0 ? 0 : frames / recordedS,
    dropped: sum((take) => take.dropped),
    missingAtSource: sum((take) => take.source_gaps),
    freeBytes: takes.at(-1)?.video_path === null ? null : await freeSpace(watched.sessionDir),
  });
}

function progressOf(
  module: CsiCamerasModule,
  elapsedS: number,
  durationS: number | undefined,
  freeBytes: bigint | null,
): Progress {
  const camera = module.status().cameras[0];
  return {
    elapsedS: durationS === undefined ? elapsedS : Math.min(elapsedS, durationS),
    durationS,
    frames: camera?.recording?.frames ?? 0,
    fps: camera?.capture_fps ?? 0,
    dropped: camera?.recording?.dropped ?? 0,
    missingAtSource: camera?.recording?.source_gaps ?? 0,
    // Where no path leads to the video, the folder is on another disk.
    freeBytes: camera?.recording?.video_path === null ? null : freeBytes,
  };
}

const diskSpace = new FileDiskSpace(realFileSystem);

/** `null` if the disk does not answer; the progress line then leaves the free space out. */
function freeSpace(folder: string): Promise<bigint | null> {
  return diskSpace.freeBytes(folder).catch(() => null);
}
