import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readHeader } from '../avi/avi-header-reader.js';
import { type IndexSlot, LIVE_INDEX_AT } from '../avi/avi-layout.js';
import { NotAsWritten, readAt, readIndex } from '../avi/avi-reader.js';
import type { InfoFile } from '../info/info-file.js';
import { type FileFacts, makeInfo } from '../info/make-info.js';
import { pixelFormatOf } from '../info/pixel-format.js';
import type { TakeFacts } from '../info/take-facts.js';
import type { FolderIdentity } from '../takes/camera-folder.js';
import { metadataPathOf, takeOf, timingPathOf } from '../takes/take-paths.js';
import { readRowFileFacts, readTimingFacts } from './row-files.js';

/** The files of a take that was closed. `metadata`: if it has one of its own. */
interface ClosedTake {
  readonly videoPath: string;
  readonly folder: FolderIdentity;
  readonly video: FileHandle;
  readonly timing: FileHandle;
  readonly metadata: FileHandle | null;
  /** Of the boot in which it was recorded, where that is certain. */
  readonly boot: string | null;
}

/** What only the process knew that died. */
const NOBODY_KNOWS: TakeFacts = {
  account: null,
  gaps: [],
  gapsTotal: null,
  askedFps: null,
  settings: { asked: null, given: null },
  tool: null,
  model: null,
  end: { kind: 'recovered', reason: null, error: null },
  health: { start: null, end: null },
};

/** The frame's head is looked at. */
const HEAD_BYTES = 2 ** 16;

/**
 * The info file of a take whose process died, from what its closed files say and from nothing else. Whether it was a part of a
 * longer recording is in none of them. Nor are checksums made of what the disk gives back now: they would prove it by itself.
 * Rejects with `NotAsWritten` where the files do not fit each other, or with the disk's error.
 */
export async function infoOfClosed(take: ClosedTake): Promise<InfoFile> {
  const { videoPath, folder, metadata } = take;
  const video = await readVideoFacts(take.video);
  const { subject, file: timing, times } = await readTimingFacts(take.timing);
  const metadataFacts = metadata === null ? null : await readRowFileFacts(metadata);
  for (const { rows } of metadataFacts === null ? [timing] : [timing, metadataFacts]) {
    if (rows !== video.frames) throw new NotAsWritten(`it has ${video.frames} frames and ${rows} rows`);
  }
  const cameraLabel = basename(dirname(videoPath)); // as a name of files; what it was made of died with the process
  const files: FileFacts = {
    videoPath,
    folder,
    names: {
      video: basename(videoPath),
      timing: basename(timingPathOf(videoPath)),
      metadata: metadata === null ? null : basename(metadataPathOf(videoPath)),
    },
    take: takeOf(videoPath),
    part: { number: null, continuesTake: null },
    video,
    timing,
    metadata: metadataFacts,
    times,
    checksums: null,
  };
  const sessionDir = join(dirname(videoPath), '..', '..');
  return makeInfo({ ...subject, cameraLabel, sessionDir }, files, NOBODY_KNOWS, {
    boot: take.boot,
    synchronised: null,
  });
}

async function readVideoFacts(handle: FileHandle): Promise<FileFacts['video']> {
  const [header, { size: bytes }] = [await readHeader(handle), await handle.stat()];
  if (header?.owner.every((byte) => byte === 0) !== true) throw new NotAsWritten('its video is not closed');
  const { state, format } = header;
  const { frames, rate, groups, live } = state;
  const slot = groups[0] ?? { offset: LIVE_INDEX_AT, frames: live.frames };
  return {
    ...format,
    bytes,
    frames,
    durationS: (frames * rate.scale) / rate.rate,
    fps: rate.rate / rate.scale,
    pixelFormat: await pixelFormat(handle, slot, bytes),
  };
}

async function pixelFormat(handle: FileHandle, slot: IndexSlot, fileBytes: number): Promise<string | null> {
  const [first] = await readIndex(handle, slot, fileBytes);
  if (first === undefined) return null;
  return pixelFormatOf([await readAt(handle, first.dataAt, Math.min(first.dataBytes, HEAD_BYTES))]);
}
