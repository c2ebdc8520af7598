import { basename } from 'node:path';
import { systemClock } from '../../src/core/clock.js';
import type { Frame } from '../../src/core/frame.js';
import { type AviGeometry, DEFAULT_GEOMETRY } from '../../src/recording/avi/avi-layout.js';
import { FileRecordingSession } from '../../src/recording/file-recording-session.js';
import { type Call, FaultyFileSystem } from '../harness/faulty-file-system.js';
import { jpegFrames, usualMetadata } from '../harness/jpeg-frames.js';
import type { DiskOperation } from './disk-image.js';

/** A layout so small that a recording of a few seconds reaches every border: groups, RIFFs, growth, the end of idx1. */
export const SMALL_GEOMETRY: AviGeometry = {
  liveEntries: 512,
  groupBytes: 100_000,
  maxGroups: 220,
  segmentBytes: 2 ** 18,
  firstSegmentFrames: 90,
  growthBytes: 2 ** 16,
};

/** The default of `recording.commitIntervalMs`. */
const COMMIT_INTERVAL_MS = 400;
const FPS = 60;
/** What the disk is given at once: a tenth of a second. */
const BATCH = 6;

export interface CrashRecordingOptions {
  readonly folder: string;
  readonly frames: number;
  readonly geometry?: AviGeometry;
  /** Whether a metadata file is written too. Default: no. */
  readonly writesMetadata?: boolean;
}

/** A recording with everything that was done to its files, and what should be in them. */
export interface RecordedWrites {
  readonly operations: readonly DiskOperation[];
  /** Names of the files in `operations`. */
  readonly video: string;
  readonly timing: string;
  /** `null`: there is none. */
  readonly metadata: string | null;
  readonly frames: readonly Frame[];
  /** When each operation happened on the recording's own clock, milliseconds. */
  readonly timesMs: readonly number[];
  /** Commits that were reported as done: operations by then, frames they hold. */
  readonly commits: readonly { readonly operations: number; readonly frames: number }[];
}

/** Milliseconds from the start of the recording until frame `number` (from 1) arrived. */
export function arrivalMs(number: number): number {
  return ((number - 1) * 1000) / FPS;
}

/** Records as the module does, frames as they arrive and a commit every interval, in made-up time; takes note of each write. */
export async function recordWrites(options: CrashRecordingOptions): Promise<RecordedWrites> {
  const { folder, geometry = SMALL_GEOMETRY, writesMetadata = false } = options;
  const frames = jpegFrames(options.frames, {
    periodNs: BigInt(Math.round(1e9 / FPS)),
    padding: (number) => (number * 11) % 700,
    metadata: usualMetadata,
  });
  const operations: DiskOperation[] = [];
  const timesMs: number[] = [];
  const commits: { operations: number; frames: number }[] = [];
  const disk = new FaultyFileSystem();
  let nowMs = 0;
  disk.observe((call) => {
    const operation = asOperation(call);
    if (operation === undefined) return;
    operations.push(operation);
    timesMs.push(nowMs);
  });
  const recording = new FileRecordingSession({ fileSystem: disk.fileSystem, clock: systemClock, geometry }).begin({
    sessionDir: folder,
    deviceId: 'picam:0',
    cameraLabel: 'crash',
    trialNumber: 1,
    trialLabel: 'baseline, "one"',
    width: 64,
    height: 48,
    fps: FPS,
    writesMetadata,
  });
  let committedMs = 0;
  const noteCommit = (): void => void commits.push({ operations: operations.length, frames: recording.frames });
  for (let from = 0; from < frames.length; from += BATCH) {
    nowMs = arrivalMs(Math.min(from + BATCH, frames.length));
    await recording.append(frames.slice(from, from + BATCH));
    if (from === 0) noteCommit(); // the first frames are committed at once
    if (nowMs - committedMs < COMMIT_INTERVAL_MS) continue;
    await recording.checkpoint();
    committedMs = nowMs;
    noteCommit();
  }
  const { paths, failure } = await recording.close();
  noteCommit();
  if (failure !== undefined || paths === null) throw failure ?? new Error('Nothing was recorded.');
  return {
    operations,
    video: basename(paths.videoPath ?? ''),
    timing: basename(paths.timingPath ?? ''),
    metadata: basename(paths.metadataPath ?? '') || null,
    frames,
    timesMs,
    commits,
  };
}

export const REAL_GEOMETRY = DEFAULT_GEOMETRY;

/** What a call did to a file, with copies of its bytes; `undefined` where it changed none. */
export function asOperation({ operation, path, args }: Call): DiskOperation | undefined {
  const file = basename(path);
  if (operation === 'truncate') return { kind: 'resize', file, size: Number(args[0]) };
  if (operation === 'datasync' || operation === 'sync') return { kind: 'sync', file };
  if (operation !== 'writev') return undefined;
  return { kind: 'write', file, position: Number(args[1]), bytes: Buffer.concat(args[0] as Buffer[]) };
}
