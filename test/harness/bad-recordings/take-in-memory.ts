import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import type { InfoFile } from '../../../src/recording/info/info-file.js';
import type { AviGeometry } from '../../../src/recording/avi/avi-layout.js';
import type { RecordingRequest } from '../../../src/recording/recording-session.js';
import { type JpegFrameOptions, jpegFrames } from '../jpeg-frames.js';
import { pathsOf, recordingSession, requestIn } from '../recordings.js';
import { temporaryFolder } from '../temporary-folder.js';
import { checksumsOf } from './checksums.js';
import { type Loss, infoOf } from './info-of-files.js';
import { type VideoMap, mapOf } from './video-map.js';

/** So small that sixty frames of 2 KB reach every kind of border: three groups and four RIFFs. */
export const TINY_GEOMETRY: AviGeometry = {
  liveEntries: 512,
  groupBytes: 48_000,
  maxGroups: 220,
  segmentBytes: 2 ** 16,
  firstSegmentFrames: 20,
  growthBytes: 2 ** 13,
};

export interface RecordedWish extends JpegFrameOptions {
  readonly frames?: number;
  readonly geometry?: AviGeometry;
  readonly request?: Partial<RecordingRequest>;
  /** Frames that the camera delivered or should have, and that were not recorded: numbers from 1. */
  readonly lost?: readonly Loss[];
  /** Whether the info file has checksums. Default: no. */
  readonly checksums?: boolean;
}

/** A recording of the product's, held in memory so that it can be damaged cheaply. One per part of the recording. */
export class TakeInMemory {
  /** Names of further files beside it, with what is in them. */
  readonly others = new Map<string, Buffer>();

  private constructor(
    /** Folder of the camera, below the session directory's parent. */
    readonly folder: string,
    readonly name: string,
    public video: Buffer | null,
    public timing: Buffer | null,
    public metadata: Buffer | null,
    public info: InfoFile | Buffer | null,
    /** Where everything was before any damage. */
    readonly map: VideoMap,
  ) {}

  static async record(wish: RecordedWish = {}): Promise<TakeInMemory[]> {
    const { frames = 60, geometry = TINY_GEOMETRY, request = {}, lost = [], checksums = false, ...pictures } = wish;
    const scratch = await temporaryFolder();
    try {
      const gone = new Set(lost.map(({ number }) => number));
      const all = jpegFrames(frames + gone.size, { padding: (number) => (number * 11) % 700, ...pictures });
      const recording = recordingSession({ geometry }).begin(requestIn(scratch.path, { ...sizeOf(wish), ...request }));
      await recording.append(all.filter((_, index) => !gone.has(index + 1)));
      const { paths, parts, failure } = await recording.close();
      if (failure !== undefined) throw failure;
      const each = parts?.map((part) => part.paths) ?? [paths];
      const takes = await Promise.all(each.map((one) => TakeInMemory.#read(scratch.path, one, lost)));
      for (const [index, take] of takes.entries()) take.#tellOfParts(index, takes.length, checksums);
      return takes;
    } finally {
      await scratch.remove();
    }
  }

  static async #read(root: string, found: Parameters<typeof pathsOf>[0], lost: readonly Loss[]): Promise<TakeInMemory> {
    const { take, videoPath, timingPath, metadataPath } = pathsOf(found);
    const video = await readFile(videoPath);
    const timing = await readFile(timingPath);
    const metadata = metadataPath === undefined ? null : await readFile(metadataPath);
    const name = basename(videoPath, '.avi');
    const info = infoOf({ name, take, video, timing, metadata, lost });
    return new TakeInMemory(relative(root, dirname(videoPath)), name, video, timing, metadata, info, mapOf(video));
  }

  #tellOfParts(index: number, count: number, hasChecksums: boolean): void {
    const { info, video, map } = this;
    if (info === null || isBytes(info) || video === null) return;
    const { take, end } = info.csi_cameras;
    const isContinued = index < count - 1;
    const part = { number: index + 1, continues_take: index === 0 ? null : take - 1, is_continued: isContinued };
    const checksums = hasChecksums ? checksumsOf(video, map.frames) : null;
    const ending = isContinued ? { ...end, kind: 'continued' as const } : end;
    this.info = { ...info, csi_cameras: { ...info.csi_cameras, part, checksums, end: ending } };
  }

  /** As if it had never been. */
  remove(): void {
    [this.video, this.timing, this.metadata, this.info] = [null, null, null, null];
  }

  copy(): TakeInMemory {
    const { folder, name, video, timing, metadata, info, map } = this;
    const own = (bytes: Buffer | null): Buffer | null => bytes && Buffer.from(bytes);
    const ownInfo = isBytes(info) ? own(info) : structuredClone(info);
    return new TakeInMemory(folder, name, own(video), own(timing), own(metadata), ownInfo, map);
  }

  /** The rows without their line breaks; the first one is the header. Changes are put back by `setLines`. */
  get lines(): string[] {
    return (this.timing ?? Buffer.alloc(0)).toString('utf8').replace(/\n$/, '').split('\n');
  }

  setLines(lines: readonly string[]): void {
    this.timing = Buffer.from(`${lines.join('\n')}\n`);
  }

  /** Writes it below `root`; returns the folder of the camera. */
  async writeTo(root: string, withInfo: boolean): Promise<string> {
    const folder = join(root, this.folder);
    await mkdir(folder, { recursive: true });
    const put = async (end: string, bytes: Buffer | null): Promise<void> => {
      if (bytes !== null) await writeFile(join(folder, `${this.name}${end}`), bytes);
    };
    await put('.avi', this.video);
    await put('_timing.csv', this.timing);
    await put('_metadata.csv', this.metadata);
    const { info } = this;
    const text = info === null || isBytes(info) ? info : Buffer.from(`${JSON.stringify(info, null, 2)}\n`);
    if (withInfo) await put('_info.json', text);
    for (const [name, bytes] of this.others) await writeFile(join(folder, name), bytes);
    return folder;
  }
}

/** Of the pictures that the frames hold. */
function sizeOf({ large = false }: RecordedWish): Pick<RecordingRequest, 'width' | 'height'> {
  return large ? { width: 320, height: 240 } : { width: 64, height: 48 };
}

/** `instanceof` leaves the other kind as it is: to TypeScript the two have no more in common than any two objects. */
export function isBytes(info: InfoFile | Buffer | null): info is Buffer {
  return Buffer.isBuffer(info);
}
