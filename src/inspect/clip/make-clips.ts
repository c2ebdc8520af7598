import { dirname, join } from 'node:path';
import { systemClock } from '../../core/clock.js';
import { messageOf } from '../../core/errors.js';
import { realFileSystem, type FileSystem } from '../../core/file-system.js';
import type { AviGeometry } from '../../recording/avi/avi-layout.js';
import { FileRecordingSession } from '../../recording/file-recording-session.js';
import type { ClosedRecording, RecordingPart } from '../../recording/recording-session.js';
import { identifyFolder } from '../../recording/takes/camera-folder.js';
import { MODULE_FOLDER } from '../../recording/takes/take-paths.js';
import { writeInfo } from '../../recording/info/write-info.js';
import { CannotClip } from './cannot-clip.js';
import { type ClipFolder, makeClipFolder } from './clip-folder.js';
import { clipInfo, type ClipPart } from './clip-info.js';
import type { ClipSource } from './clip-source.js';
import { ClipSums } from './clip-sums.js';
import type { FrameRange } from './frame-range.js';
import { sourceFrames } from './source-frames.js';

/**
 * Cuts clips: the frames of a source as they are, written by the recorder's own session, so that a clip is a recording like
 * any other. All of them or nothing: an end before the last frame removes what was made.
 */

export interface Cut {
  readonly source: ClipSource;
  readonly range: FrameRange;
}

export interface ClipOptions {
  /** The folder in which the clip's session directory is made. */
  readonly out: string;
  /** What the session directory's name says of the range: `frames_100-200`. */
  readonly what: string;
  readonly signal?: AbortSignal;
  /** Called after some megabytes each. */
  readonly onProgress?: (frames: number, bytes: number) => void;
  readonly fileSystem?: FileSystem;
  readonly geometry?: AviGeometry;
}

export interface MadeClip {
  readonly cut: Cut;
  readonly videos: readonly string[];
  readonly frames: number;
  readonly bytes: number;
  /** Frames of the source that are not what was recorded, by its checksums. */
  readonly changed: readonly FrameRange[];
}

export interface MadeClips {
  readonly sessionDir: string;
  readonly clips: readonly MadeClip[];
}

/** Bytes from one commit to the next. Nobody needs half a clip. */
const COMMIT_BYTES = 64 * 1024 * 1024;

/** Rejects with `CannotClip`, with the errors of the recorder and the readers, or with the reason of the signal. */
export async function makeClips(cuts: readonly Cut[], options: ClipOptions): Promise<MadeClips> {
  const { fileSystem = realFileSystem, out, what } = options;
  const [first] = cuts;
  if (first === undefined) throw new CannotClip('There is nothing to cut.');
  const folder = await makeClipFolder(fileSystem, out, first.source.files, what);
  const work = new Work(folder, fileSystem, options);
  try {
    const clips: MadeClip[] = [];
    for (const cut of cuts) clips.push(await work.make(cut));
    return { sessionDir: folder.sessionDir, clips };
  } catch (failure) {
    await work.undo();
    throw failure;
  }
}

class Work {
  readonly #made: string[] = [];
  readonly #session: FileRecordingSession;
  #frames = 0;
  #bytes = 0;

  constructor(
    private readonly folder: ClipFolder,
    private readonly fileSystem: FileSystem,
    private readonly options: ClipOptions,
  ) {
    const { geometry } = options;
    this.#session = new FileRecordingSession({ fileSystem, clock: systemClock, ...(geometry ? { geometry } : {}) });
  }

  async make(cut: Cut): Promise<MadeClip> {
    const { source, range } = cut;
    const checksums = source.info?.csi_cameras.checksums ?? null;
    const sums = checksums === null ? null : new ClipSums(checksums, range, source.index.count);
    const closed = await this.#record(cut, sums);
    const parts = partsOf(closed);
    let first = range.first;
    for (const [at, part] of parts.entries()) {
      const last = first + part.frames - 1;
      await this.#writeInfo(cut, part, { first, last }, at, parts.length, sums);
      first = last + 1;
    }
    return {
      cut,
      videos: parts.map(({ paths }) => paths.videoPath),
      frames: closed.frames,
      bytes: closed.bytes,
      changed: sums?.changed ?? [],
    };
  }

  /** Removes what was made. Never rejects: what led here is told. */
  async undo(): Promise<void> {
    for (const path of this.#made) await this.fileSystem.rm(path, { force: true }).catch(() => undefined);
    const folders = new Set(this.#made.map((path) => dirname(path)));
    // A folder with files of somebody else stays.
    for (const folder of folders) await this.fileSystem.rmdir(folder).catch(() => undefined);
    await this.fileSystem.rmdir(join(this.folder.sessionDir, MODULE_FOLDER)).catch(() => undefined);
    await this.folder.removeIfEmpty();
  }

  async #record({ source, range }: Cut, sums: ClipSums | null): Promise<ClosedRecording> {
    const { files, index, rows } = source;
    const recording = this.#session.begin({
      sessionDir: this.folder.sessionDir,
      deviceId: rows.deviceId,
      cameraLabel: files.cameraLabel,
      trialNumber: rows.trial,
      trialLabel: rows.label,
      width: index.width,
      height: index.height,
      fps: index.rate.rate / index.rate.scale,
      writesMetadata: files.metadataPath !== null,
    });
    let failure: Error | undefined;
    let committed = 0;
    try {
      for await (const frames of sourceFrames(source, range)) {
        this.options.signal?.throwIfAborted();
        sums?.note(frames);
        const before = recording.bytes;
        await recording.append(frames);
        if (recording.bytes - committed >= COMMIT_BYTES) {
          await recording.checkpoint();
          committed = recording.bytes;
        }
        this.#frames += frames.length;
        this.#bytes += recording.bytes - before;
        this.options.onProgress?.(this.#frames, this.#bytes);
      }
    } catch (thrown) {
      failure = thrown instanceof Error ? thrown : new Error(messageOf(thrown));
    }
    const closed = await recording.close();
    for (const { paths } of closed.parts ?? [closed]) this.#note(paths);
    failure ??= closed.failure;
    if (failure !== undefined) throw failure;
    return closed;
  }

  #note(paths: ClosedRecording['paths']): void {
    if (paths === null) return;
    for (const path of [paths.videoPath, paths.timingPath, paths.metadataPath]) {
      if (path !== null && path !== undefined) this.#made.push(path);
    }
  }

  async #writeInfo(
    { source }: Cut,
    part: PlacedPart,
    range: FrameRange,
    at: number,
    parts: number,
    sums: ClipSums | null,
  ): Promise<void> {
    const { videoPath, metadataPath = null } = part.paths;
    const clip: ClipPart = {
      part,
      metadataPath,
      range,
      number: at + 1,
      isContinued: at + 1 < parts,
      sessionDir: this.folder.sessionDir,
      // The sums are of the clip as a whole.
      checksums: parts > 1 ? null : (sums?.blocks() ?? null),
    };
    const info = await clipInfo(source, clip);
    const folder = await identifyFolder(this.fileSystem, dirname(videoPath));
    this.#made.push(await writeInfo(this.fileSystem, { videoPath, folder, sync: 'onCheckpoint' }, info));
  }
}

type PlacedPart = ClipPart['part'] & { readonly paths: { readonly metadataPath?: string | null } };

function partsOf(closed: ClosedRecording): readonly PlacedPart[] {
  const parts: readonly (Omit<RecordingPart, 'paths'> & Pick<ClosedRecording, 'paths'>)[] = closed.parts ?? [closed];
  return parts.map((part) => {
    const { take, videoPath, timingPath, metadataPath } = part.paths ?? {};
    if (take === undefined || typeof videoPath !== 'string' || typeof timingPath !== 'string') {
      throw new CannotClip('The clip was moved or removed while it was written.');
    }
    return { ...part, paths: { take, videoPath, timingPath, ...(metadataPath === undefined ? {} : { metadataPath }) } };
  });
}
