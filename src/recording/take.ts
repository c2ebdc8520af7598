import type { FileHandle } from 'node:fs/promises';
import type { FileSystem } from '../core/file-system.js';
import type { Frame } from '../core/frame.js';
import type { Log } from '../core/log-level.js';
import { AviFile, type SyncPolicy } from './avi/avi-file.js';
import type { AviGeometry } from './avi/avi-layout.js';
import type { RecordingOwners } from './avi/recording-owner.js';
import { createMetadataCsv } from './metadata-csv.js';
import type { FoundPaths, RecordingPart, RecordingRequest } from './recording-session.js';
import { TakeRows } from './take-rows.js';
import type { CameraFolder } from './takes/camera-folder.js';
import { createTakeFiles, removeTakeFiles } from './takes/take-files.js';
import { locateTake, type OpenTake, type TakeLocation } from './takes/whereabouts.js';
import { createTimingCsv } from './timing-csv.js';

/** The files of a take, from their making to their end. When a take ends, and what follows, is decided elsewhere. */
export interface Take extends OpenTake {
  readonly folder: CameraFolder;
  readonly video: AviFile;
  readonly rows: TakeRows;
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
  const { fileSystem, sync, geometry, owners, onFiles } = dependencies;
  const { paths, folder, handles } = await createTakeFiles(fileSystem, request);
  onFiles(paths.videoPath, true);
  try {
    const video = await AviFile.create(handles.video, {
      path: paths.videoPath,
      format: request,
      expectedFps: request.fps,
      sync,
      geometry,
      owner: await owners.self(),
    });
    const rows = await createRows({ paths, handles }, request, dependencies.log, frames);
    return { paths, folder, video, rows, handles };
  } catch (failure) {
    // Best effort: only the failure that led here is reported. Closing a handle twice does nothing.
    for (const handle of Object.values<FileHandle>({ ...handles })) await handle.close().catch(() => undefined);
    await removeTakeFiles(fileSystem, paths, folder).catch(() => undefined);
    onFiles(paths.videoPath, false);
    throw failure;
  }
}

async function createRows(
  { paths, handles }: OpenTake,
  request: RecordingRequest,
  log: Log,
  frames: readonly Frame[],
): Promise<TakeRows> {
  const timing = await createTimingCsv(handles.timing, { path: paths.timingPath, subject: request });
  const { metadataPath: path } = paths;
  if (path === undefined || handles.metadata === undefined) return new TakeRows(timing, null);
  const metadata = await createMetadataCsv(handles.metadata, {
    path,
    // A frame at the start of a stream may have lost its metadata.
    first: frames.map((frame) => frame.metadata?.text ?? '').find((text) => text !== '') ?? '',
    onFirstCut: () => {
      log('warn', 'The camera tells more of a frame than a row of the metadata file may hold; the rest is left out.', {
        device: request.deviceId,
        trial: request.trialNumber,
        path,
      });
    },
  });
  return new TakeRows(timing, metadata);
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
