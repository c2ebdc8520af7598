import { basename, dirname } from 'node:path';
import type { FileSystem } from '../../core/file-system.js';
import type { RecordingRequest } from '../recording-session.js';
import type { Take } from '../take.js';
import { type FolderIdentity, identifyFolder } from '../takes/camera-folder.js';
import type { TakeLocation } from '../takes/whereabouts.js';
import type { FileFacts, PartPlace } from './make-info.js';

/** What the files of a take are, when they are final. `location`: found while its descriptors were open. Never rejects. */
export async function fileFactsOf(
  fileSystem: FileSystem,
  take: Take,
  { paths }: Pick<TakeLocation, 'paths'>,
  { width, height }: Pick<RecordingRequest, 'width' | 'height'>,
  part: PartPlace,
): Promise<FileFacts> {
  const { video, rows, paths: madeAs } = take;
  const { committedFrames: frames, bytes } = video;
  const { scale, rate } = video.rate;
  const name = (now: string | null | undefined, made: string): string => basename(now ?? made);
  const { timing, metadata, times } = rows.facts;
  // Somebody may have removed it.
  const { metadataPath = null } = paths;
  return {
    videoPath: paths.videoPath,
    folder: await folderOf(fileSystem, take, paths.videoPath),
    names: {
      video: name(paths.videoPath, madeAs.videoPath),
      timing: name(paths.timingPath, madeAs.timingPath),
      metadata: metadataPath === null ? null : basename(metadataPath),
    },
    take: madeAs.take,
    part,
    video: {
      bytes,
      frames,
      durationS: (frames * scale) / rate,
      fps: rate / scale,
      width,
      height,
      pixelFormat: take.pixelFormat,
    },
    timing,
    metadata: metadataPath === null ? null : metadata,
    times,
    checksums: rows.checksums?.blocks() ?? null,
  };
}

/** A folder that was renamed is still the same by its inode. The video alone may be elsewhere. */
async function folderOf(fileSystem: FileSystem, take: Take, videoPath: string | null): Promise<FolderIdentity> {
  if (videoPath === null || videoPath === take.paths.videoPath) return take.folder.identity;
  return identifyFolder(fileSystem, dirname(videoPath)).catch(() => take.folder.identity);
}
