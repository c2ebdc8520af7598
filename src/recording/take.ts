import type { FileSystem } from '../core/file-system.js';
import type { Frame, FrameTimes } from '../core/frame.js';
import type { Log } from '../core/log-level.js';
import { AviFile, type SyncPolicy } from './avi/avi-file.js';
import type { AviGeometry } from './avi/avi-layout.js';
import type { RecordingOwners } from './avi/recording-owner.js';
import { FrameChecksums } from './checksums/frame-checksums.js';
import { pixelFormatOf } from './info/pixel-format.js';
import { RowTimes } from './info/row-times.js';
import type { MetadataRow } from './metadata-columns.js';
import { createMetadataCsv } from './metadata-csv.js';
import type { FoundPaths, RecordingPart, RecordingRequest } from './recording-session.js';
import type { RowFile } from './row-file.js';
import { TakeRows } from './take-rows.js';
import type { CameraFolder } from './takes/camera-folder.js';
import { Claims } from './takes/claims.js';
import { createTakeFiles, removeTakeFiles } from './takes/take-files.js';
import { locateTake, type OpenTake, type TakeLocation } from './takes/whereabouts.js';
import { createTimingCsv } from './timing-csv.js';

/** The files of a take, from their making to their end. When a take ends, and what follows, is decided elsewhere. */
export interface Take extends OpenTake {
  readonly folder: CameraFolder;
  readonly video: AviFile;
  readonly rows: TakeRows;
  /** Of the first frame, as ffmpeg names it; `null`: not known. */
  readonly pixelFormat: string | null;
}

export interface TakeDependencies {
  readonly fileSystem: FileSystem;
  readonly sync: SyncPolicy;
  readonly geometry: AviGeometry;
  readonly owners: RecordingOwners;
  readonly log: Log;
  /** `true`: the video's file exists. `false`: nothing more will be written to it. */
  readonly onFiles: (videoPath: string, isOpen: boolean) => void;
}

/**
 * Makes the files, exclusively. `frames`: those that are written first. If it rejects, it has removed what it
 * made.
 */
export async function createTake(
  request: RecordingRequest,
  dependencies: TakeDependencies,
  frames: readonly Frame[],
): Promise<Take> {
  const { fileSystem, sync, geometry, owners, log, onFiles } = dependencies;
  const { paths, folder, handles } = await createTakeFiles(fileSystem, request);
  onFiles(paths.videoPath, true);
  const claims = new Claims(handles);
  try {
    const owner = await owners.self();
    const options = { path: paths.videoPath, format: request, expectedFps: request.fps, sync, geometry, owner };
    const video = await claims.claim(handles.video, AviFile.create(handles.video, options));
    const times = new RowTimes();
    const onSettled = (row: FrameTimes): void => {
      times.note(row);
    };
    const timingOptions = { path: paths.timingPath, subject: request, onSettled };
    const timing = await claims.claim(handles.timing, createTimingCsv(handles.timing, timingOptions));
    const metadata = await createMetadata({ paths, handles }, request, log, frames, claims);
    const checksums = request.makesChecksums === true ? new FrameChecksums() : null;
    const rows = new TakeRows(timing, metadata, times, checksums);
    return { paths, folder, video, rows, handles, pixelFormat: pixelFormatOf(frames[0]?.bytes ?? []) };
  } catch (failure) {
    // Best effort: only the failure that led here is reported.
    await claims.closeAll();
    await removeTakeFiles(fileSystem, paths, folder).catch(() => undefined);
    onFiles(paths.videoPath, false);
    throw failure;
  }
}

/** Resolves with `null` where no metadata file is wanted. */
async function createMetadata(
  { paths: { metadataPath: path }, handles: { metadata: handle } }: OpenTake,
  { deviceId, trialNumber }: RecordingRequest,
  log: Log,
  frames: readonly Frame[],
  claims: Claims,
): Promise<RowFile<MetadataRow> | null> {
  if (path === undefined || handle === undefined) return null;
  // A frame at the start of a stream may have lost its metadata.
  const first = frames.map(({ metadata }) => metadata?.text ?? '').find((text) => text !== '') ?? '';
  const onFirstCut = (): void => {
    const message = 'The camera tells more of a frame than a row of the metadata file may hold; the rest is left out.';
    log('warn', message, { device: deviceId, trial: trialNumber, path });
  };
  return claims.claim(handle, createMetadataCsv(handle, { path, first, onFirstCut }));
}

/** Commits all frames so far: the frames, then their rows, then the header that names both. */
export async function commitTake({ video, rows }: Take, sync: SyncPolicy): Promise<void> {
  await video.checkpoint(async () => {
    if (rows.waitingRows === 0) return;
    await rows.flush();
    if (sync === 'onCheckpoint') await rows.sync();
  });
  rows.settle();
}

/** Looks for the files while the descriptors are open. Afterwards this is impossible. */
export async function locateAtEnd(fileSystem: FileSystem, take: Take): Promise<TakeLocation> {
  try {
    return await locateTake(fileSystem, take);
  } catch {
    // The disk does not answer any more, so the last known names are used.
    return { whereabouts: { kind: 'inPlace' }, isVideoGone: false, paths: take.paths, device: null };
  }
}

export function partOf({ video }: Take, paths: FoundPaths): RecordingPart {
  const { committedFrames: frames, bytes } = video;
  const { scale, rate } = video.rate;
  return { paths, frames, durationS: (frames * scale) / rate, bytes };
}
