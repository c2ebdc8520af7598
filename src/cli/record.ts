import { resolve } from 'node:path';
import { systemClock } from '../core/clock.js';
import { FileDiskSpace } from '../core/disk-space.js';
import { realFileSystem } from '../core/file-system.js';
import { printable } from '../core/safe-text.js';
import { within } from '../core/within.js';
import { createCsiCamerasModule } from '../module/container.js';
import type { CsiCamerasModule } from '../module/csi-cameras-module.js';
import type { StatusMessage } from '../protocol/statuses.js';
import { ProgressLine, type Progress } from './progress.js';
import { isWhole, summaryOf, type Take } from './record-summary.js';

export interface RecordOptions {
  readonly camera: number;
  /** Seconds. `undefined`: until a signal. */
  readonly duration?: number;
  readonly fps?: number;
  readonly size?: { readonly width: number; readonly height: number };
  readonly out?: string;
  readonly simulate?: boolean;
  readonly captureTool?: string;
  readonly logDir: string;
  readonly minFreeBytes?: number;
}

const EXIT = { recorded: 0, failed: 1, incomplete: 3 } as const;
const PROGRESS_PERIOD_MS = 250;

/** Records from one camera for a person at a terminal. Resolves with the exit code. */
export async function record(options: RecordOptions): Promise<number> {
  const sessionDir = resolve(options.out ?? defaultSessionDir());
  const takes: Take[] = [];
  const line = new ProgressLine(process.stderr);
  const module = createCsiCamerasModule();
  const stopped = stopSignal();
  await module.start({
    logDir: options.logDir,
    config: configOf(options),
    sendStatus: (message) => {
      if (message.status === 'recording_stopped' && message.data.frames > 0) takes.push(message.data);
      else noteTrouble(message, line);
      if (isEndedByDisk(message)) stopped.stop();
    },
  });
  const deviceId = `picam:${options.camera}`;
  try {
    const ready = await Promise.race([
      module.command({ command: 'assign_device', device_id: deviceId }),
      stopped.promise,
    ]);
    if (ready === undefined) return EXIT.failed;
    if (ready.status !== 'device_ready') return fail(ready);
    const { model, width, height, fps } = ready.data;
    line.note(
      `Recording ${deviceId} (${model || 'unknown model'}, ${width}x${height} at ${fps.toFixed(2)} fps) into ${sessionDir}`,
    );
    // The duration counts from the command. The first frame comes at most one frame time later.
    const startedMs = performance.now();
    const started = await module.command({ command: 'start_recording', session_dir: sessionDir, trial_number: 1 });
    if (started.status !== 'recording_started') return fail(started);
    const watched = { module, line, startedMs, durationS: options.duration, sessionDir };
    await watch(watched, stopped.promise);
    await module.command({ command: 'stop_recording' });
    await showLast(watched, takes);
  } finally {
    stopped.cancel();
    await module.stop();
  }
  if (takes.length === 0) return failWith('No frame was recorded. See csicameras.log.');
  process.stdout.write(summaryOf(takes));
  return isWhole(takes) ? EXIT.recorded : EXIT.incomplete;
}

function configOf({ simulate, captureTool, fps, size, minFreeBytes }: RecordOptions): object {
  return {
    simulate: simulate === true,
    camera: {
      ...(captureTool === undefined ? {} : { tool: captureTool }),
      ...(fps === undefined ? {} : { fps }),
      ...size,
    },
    // Somebody who asked for an hour wants the rest of the hour once a loose cable was pushed back in.
    recording: { resumeAfterReconnect: true, ...(minFreeBytes === undefined ? {} : { minFreeBytes }) },
  };
}

function defaultSessionDir(): string {
  const now = new Date();
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `session_${day}_${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}

/** A lost camera may come back, but a failed disk ends the recording for good, so the command ends at once. */
function isEndedByDisk(message: StatusMessage): boolean {
  if (message.status !== 'recording_stopped') return false;
  return message.data.reason === 'disk_full' || message.data.reason === 'io_error';
}

interface StopSignal {
  readonly promise: Promise<undefined>;
  /** Resolves `promise` without a signal. */
  readonly stop: () => void;
  readonly cancel: () => void;
}

/** Its promise resolves at the first Ctrl-C, SIGTERM or SIGHUP. */
function stopSignal(): StopSignal {
  let onSignal = (): void => {};
  const promise = new Promise<undefined>((resolvePromise) => {
    onSignal = () => {
      resolvePromise(undefined);
    };
  });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return {
    promise,
    stop: () => {
      onSignal();
    },
    cancel: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}

function noteTrouble(message: StatusMessage, line: ProgressLine): void {
  if (message.status === 'device_error' || message.status === 'recording_error') {
    if (message.in_reply_to === undefined) line.note(`${message.data.code}: ${message.data.error}`);
  } else if (message.status === 'device_ready' && message.data.reconnected === true) {
    line.note(`The camera is back after ${((message.data.downtime_ms ?? 0) / 1000).toFixed(1)} s.`);
  } else if (message.status === 'warning') {
    line.note(`warning: ${message.data.message}`);
  }
}

function fail(answer: StatusMessage): number {
  const { data } = answer;
  return failWith('error' in data && typeof data.error === 'string' ? data.error : answer.status);
}

function failWith(text: string): number {
  process.stderr.write(`error: ${printable(text)}\n`);
  return EXIT.failed;
}

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
  if (durationS === undefined) await stopped;
  else await within(systemClock, Math.max(0, durationS * 1000 - (performance.now() - startedMs)), stopped);
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
    freeBytes: await freeSpace(watched.sessionDir),
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
    freeBytes,
  };
}

const diskSpace = new FileDiskSpace(realFileSystem);

/** `null` if the disk does not answer; the progress line then leaves the free space out. */
function freeSpace(folder: string): Promise<bigint | null> {
  return diskSpace.freeBytes(folder).catch(() => null);
}
