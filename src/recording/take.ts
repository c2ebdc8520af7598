import type { FileSystem } from '../core/file-system.js';
import { AviFile, type SyncPolicy } from './avi/avi-file.js';
import type { AviGeometry } from './avi/avi-layout.js';
import type { RecordingOwners } from './avi/recording-owner.js';
import type { FoundPaths, RecordingPart, RecordingRequest } from './recording-session.js';
import type { CameraFolder } from './takes/camera-folder.js';
import { createTakeFiles, removeTakeFiles } from './takes/take-files.js';
import { locateTake, type OpenTake, type TakeLocation } from './takes/whereabouts.js';
import { TimingCsv } from './timing-csv.js';

/** Both files of a take, from their making to their end. When a take ends, and what follows, is decided elsewhere. */
export interface Take extends OpenTake {
  readonly folder: CameraFolder;
  readonly video: AviFile;
  readonly timing: TimingCsv;
}

export interface TakeDependencies {
  readonly fileSystem: FileSystem;
  readonly sync: SyncPolicy;
  readonly geometry: AviGeometry;
  readonly owners: RecordingOwners;
  /** `true`: the video's file exists. `false`: nothing more will be written to it. */
  readonly onFiles: (videoPath: string, isOpen: boolean) => void;
}

/** Makes both files, exclusively. If it rejects, it has removed what it made. */
export async function createTake(request: RecordingRequest, dependencies: TakeDependencies): Promise<Take> {
  const { fileSystem, sync, geometry, owners, onFiles } = dependencies;
  const { paths, folder, ...handles } = await createTakeFiles(fileSystem, request);
  onFiles(paths.videoPath, true);
  let video: AviFile | undefined;
  try {
    video = await AviFile.create(handles.video, {
      path: paths.videoPath,
      format: request,
      expectedFps: request.fps,
      sync,
      geometry,
      owner: await owners.self(),
    });
    const timing = await TimingCsv.create(handles.timing, { path: paths.timingPath, subject: request });
    return { paths, folder, video, timing, handles };
  } catch (failure) {
    // Best effort: only the failure that led here is reported.
    const closing = video === undefined ? handles.timing.close() : video.abandon();
    await closing.catch(() => undefined);
    await removeTakeFiles(fileSystem, paths, folder).catch(() => undefined);
    onFiles(paths.videoPath, false);
    throw failure;
  }
}

/** Commits all frames so far: the frames, then their rows, then the header that names both. */
export async function commitTake({ video, timing }: Take, sync: SyncPolicy): Promise<void> {
  await video.checkpoint(async () => {
    if (timing.waitingRows === 0) return;
    await timing.flush();
    if (sync === 'onCheckpoint') await timing.sync();
  });
  timing.settle();
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
