import { createHash } from 'node:crypto';
import { appendFile, copyFile, mkdir, open, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { realFileSystem } from '../../src/core/file-system.js';
import { DEFAULT_GEOMETRY } from '../../src/recording/avi/avi-layout.js';
import type { OwnerState, RecordingOwners } from '../../src/recording/avi/recording-owner.js';
import { LeftOpenTakes } from '../../src/recording/recovery/left-open-takes.js';
import { jpegFrames, sensorTimestampOf, usualMetadata } from './jpeg-frames.js';
import { MemoryLogSink } from './memory-log-sink.js';
import { recordingSession, requestIn } from './recordings.js';
import { temporaryFolder } from './temporary-folder.js';

export const CLOSED = 'A recording left open by a dead process was closed.';
export const STAYS = 'A recording left open stays as it is; it plays, but its end was not tidied up.';
/** The real layout, but for the space that is reserved. */
export const ONE_RIFF = { ...DEFAULT_GEOMETRY, growthBytes: 2 ** 16, firstSegmentFrames: 300 };
export const SMALL_LATER = { ...ONE_RIFF, liveEntries: 512, segmentBytes: 2 ** 16, firstSegmentFrames: 20 };
/** Behind the header block and the real layout's live index. */
export const COPIES_AT = 4096 + 8 * 32_768;
export const [DEAD, LIVING] = [Buffer.alloc(16, 1), Buffer.alloc(16, 2)];

/** Words of a header that make it differ: name, place, value. */
export const OTHER_HEADERS: readonly [string, number, number][] = [
  ['rate', 132, 0],
  ['width', 176, 0],
  ['index', 4060, 7],
  ['slots', 224, 221],
  ['one byte', 300, 1],
  ['first word', 0, 0],
];

/** Marks tell who is alive, so that one process can play several. */
export function ownersThat(self: Buffer, deadIs: OwnerState = 'gone'): RecordingOwners {
  return {
    self: async () => self,
    stateOf: async (mark) => {
      if (mark.every((byte) => byte === 0)) return 'closed';
      return DEAD.equals(mark) ? deadIs : 'alive';
    },
  };
}

export interface Left {
  readonly folder: string;
  readonly videoPath: string;
  readonly timingPath: string;
  readonly metadataPath?: string;
}

/** A folder with what a dead process left open, and what looks for it. */
export class LeftOpenRig {
  readonly log = new MemoryLogSink();
  readonly frames = jpegFrames(60, { padding: (number) => (number * 11) % 700, metadata: usualMetadata });

  private constructor(
    readonly folder: string,
    readonly remove: () => Promise<void>,
  ) {}

  static async make(): Promise<LeftOpenRig> {
    const { path, remove } = await temporaryFolder();
    return new LeftOpenRig(path, remove);
  }

  /** Records 50 frames and 10 that are not committed, and leaves the files as a kill does, with half a row. */
  async leaveOpen(geometry = ONE_RIFF, trialLabel = 'a "label",\nin two lines', more = {}): Promise<Left> {
    const session = recordingSession({ geometry, owners: ownersThat(DEAD) });
    const recording = session.begin(requestIn(join(this.folder, 'elsewhere'), { trialLabel, ...more }));
    for (let from = 0; from < 50; from += 10) {
      await recording.append(this.frames.slice(from, from + 10));
      await recording.checkpoint();
    }
    await recording.append(this.frames.slice(50));
    const { paths } = recording;
    if (paths === null) throw new Error('Nothing was recorded.');
    // Where the next recording of that camera goes.
    const camera = join(requestIn(this.folder).sessionDir, 'CSICameras', 'IMX296_Global_picam_0');
    await mkdir(camera, { recursive: true });
    const videoPath = join(camera, basename(paths.videoPath));
    const timingPath = join(camera, basename(paths.timingPath));
    await copyFile(paths.videoPath, videoPath);
    await copyFile(paths.timingPath, timingPath);
    await appendFile(timingPath, '1,CSICameras,picam:0,"a ""lab');
    const metadataPath = paths.metadataPath && join(camera, basename(paths.metadataPath));
    if (paths.metadataPath !== undefined && metadataPath !== undefined) {
      await copyFile(paths.metadataPath, metadataPath);
      await appendFile(metadataPath, `51,${sensorTimestampOf(51)},5003,"[ 1.7`);
    }
    await recording.close();
    return { folder: camera, videoPath, timingPath, ...(metadataPath === undefined ? {} : { metadataPath }) };
  }

  takes(fileSystem = realFileSystem, owners = ownersThat(LIVING)): LeftOpenTakes {
    return new LeftOpenTakes({ fileSystem, owners, sync: 'never', log: this.log.log.bind(this.log) });
  }
}

/** Enough to see a change by; the files are large, and sparse. */
export async function contents({ videoPath, timingPath, metadataPath }: Left): Promise<string[]> {
  const paths = [videoPath, timingPath, ...(metadataPath === undefined ? [] : [metadataPath])];
  const files = await Promise.all(paths.map((path) => readFile(path)));
  return files.map((bytes) => `${bytes.length} ${createHash('md5').update(bytes).digest('hex')}`);
}

export async function patch(path: string, position: number, bytes: Buffer): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(bytes, 0, bytes.length, position);
  await file.close();
}

/** The three counts that a header has, so that it still looks like one of ours. */
export async function patchCounts(videoPath: string, frameCount: number): Promise<void> {
  for (const at of [48, 140, 3784]) await patch(videoPath, at, word(frameCount));
}

export function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
