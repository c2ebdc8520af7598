import type { FileHandle } from 'node:fs/promises';
import type { InfoFile } from '../../recording/info/info-file.js';
import { readInfo } from '../info/info-reader.js';
import { openToInspect } from '../open-file.js';
import type { RecordingFiles } from '../recording-files.js';
import { readTimingRows, type TimingRows } from '../rows/timing-rows.js';
import { readVideoIndex, type VideoIndex } from '../video/video-index.js';
import { CannotClip } from './cannot-clip.js';

/** A recording that clips are cut out of, opened. Whoever opened it closes it. */
export interface ClipSource {
  readonly files: RecordingFiles & { readonly cameraLabel: string; readonly trial: number; readonly take: number };
  readonly video: FileHandle;
  readonly index: VideoIndex;
  /** As many as frames. */
  readonly rows: TimingRows;
  /** `null`: there is none that can be read. */
  readonly info: InfoFile | null;
  /** Why there is none, as the end of a sentence that begins with "the info file"; `null` where the source never had one. */
  readonly infoProblem: string | null;
}

/** One that was left open is good up to the frames that its header names. Rejects with `CannotClip`, or as the readers do. */
export async function openClipSource(files: RecordingFiles): Promise<ClipSource> {
  const { stem, videoPath, timingPath, infoPath, cameraLabel, trial, take } = files;
  if (videoPath === null || timingPath === null) {
    throw new CannotClip(
      `${stem} has no ${videoPath === null ? 'video' : 'timing file'}, so no clip can be cut out of it.`,
    );
  }
  if (cameraLabel === null || trial === null || take === null) {
    throw new CannotClip(`${videoPath} is not named as the recorder names videos. Give it its name back.`);
  }
  const video = await openToInspect(videoPath);
  try {
    const index = await readVideoIndex(video);
    if (index.state === 'recording') throw new CannotClip(`${videoPath} is being recorded. Wait until it has ended.`);
    const rows = await readTimingRows(timingPath, index.state === 'closed' ? undefined : index.count);
    if (rows.count !== index.count) {
      throw new CannotClip(
        `${videoPath} has ${index.count} frames and ${rows.count} rows, so it is not known which row is whose. csi-cameras verify tells more.`,
      );
    }
    const reading = infoPath === null ? null : await readInfo(infoPath);
    const { info = null, problem: infoProblem = null } = reading ?? {};
    return { files: { ...files, cameraLabel, trial, take }, video, index, rows, info, infoProblem };
  } catch (failure) {
    await video.close();
    throw failure;
  }
}
