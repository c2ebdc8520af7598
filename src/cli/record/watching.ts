import { systemClock } from '../../core/clock.js';
import { FileDiskSpace } from '../../core/disk-space.js';
import { realFileSystem } from '../../core/file-system.js';
import type { CsiCamerasModule } from '../../module/csi-cameras-module.js';
import type { CameraStatus } from '../../protocol/statuses.js';
import type { Progress, ProgressLine } from '../progress.js';
import type { Take } from './summary.js';

const PROGRESS_PERIOD_MS = 250;

/** The recording in progress and where its progress is shown. */
export interface Watched {
  readonly module: Pick<CsiCamerasModule, 'status'>;
  readonly line: Pick<ProgressLine, 'show' | 'last'>;
  readonly startedMs: number;
  /** Seconds. `undefined`: until a signal. */
  readonly durationS: number | undefined;
  readonly sessionDir: string;
  readonly deviceIds: readonly string[];
  /** Those that have ended, of all cameras. It grows. */
  readonly takes: readonly Take[];
}

/** Shows progress until the duration is over or somebody stops the recording. */
export async function watch(watched: Watched, stopped: Promise<undefined>): Promise<void> {
  const { line, startedMs, durationS, sessionDir } = watched;
  let freeBytes = await freeSpace(sessionDir);
  const show = (): void => {
    line.show(...progressOf(watched, freeBytes));
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
export async function showLast(watched: Watched): Promise<void> {
  const { deviceIds, takes, line, sessionDir } = watched;
  const freeBytes = await freeSpace(sessionDir);
  const shown = deviceIds.map((deviceId, index): Progress => {
    const own = takes.filter((take) => take.device_id === deviceId);
    const recordedS = sumOf(own, (take) => take.duration_s);
    const frames = sumOf(own, (take) => take.frames);
    return {
      ...framing(watched, deviceId),
      frames,
      fps: recordedS === 0 ? 0 : frames / recordedS,
      dropped: sumOf(own, (take) => take.dropped),
      missingAtSource: sumOf(own, (take) => take.source_gaps),
      freeBytes: index > 0 || own.at(-1)?.video_path === null ? null : freeBytes,
    };
  });
  line.last(...shown);
}

function progressOf(watched: Watched, freeBytes: bigint | null): readonly Progress[] {
  const { module, deviceIds, takes } = watched;
  const { cameras } = module.status();
  return deviceIds.map((deviceId, index): Progress => {
    const camera = cameras.find((one) => one.device_id === deviceId);
    const recording = camera?.recording ?? null;
    // One camera alone shows its present take.
    const ended = deviceIds.length === 1 ? [] : takes.filter((take) => take.device_id === deviceId);
    return {
      ...framing(watched, deviceId),
      ...(deviceIds.length === 1 || recording !== null ? {} : { remark: remarkOn(camera) }),
      frames: sumOf(ended, (take) => take.frames) + (recording?.frames ?? 0),
      fps: camera?.capture_fps ?? 0,
      dropped: sumOf(ended, (take) => take.dropped) + (recording?.dropped ?? 0),
      missingAtSource: sumOf(ended, (take) => take.source_gaps) + (recording?.source_gaps ?? 0),
      // Where no path leads to the video, the folder is on another disk. All cameras record to one: it is told once.
      freeBytes: index > 0 || recording?.video_path === null ? null : freeBytes,
    };
  });
}

/** What all lines of a progress have. */
function framing(
  { startedMs, durationS, deviceIds }: Watched,
  deviceId: string,
): Pick<Progress, 'name' | 'elapsedS' | 'durationS'> {
  const elapsedS = Math.min(durationS ?? Infinity, (performance.now() - startedMs) / 1000);
  return { ...(deviceIds.length === 1 ? {} : { name: deviceId }), elapsedS, durationS };
}

function remarkOn(camera: CameraStatus | undefined): string {
  return camera?.state === 'streaming' ? 'not recording' : 'lost';
}

function sumOf(takes: readonly Take[], count: (take: Take) => number): number {
  return takes.reduce((total, take) => total + count(take), 0);
}

const diskSpace = new FileDiskSpace(realFileSystem);

/** `null` if the disk does not answer; the progress line then leaves the free space out. */
function freeSpace(folder: string): Promise<bigint | null> {
  return diskSpace.freeBytes(folder).catch(() => null);
}
