import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, messageOf } from '../../core/errors.js';
import type { FileSystem } from '../../core/file-system.js';
import type { Log } from '../../core/log-level.js';
import { AviFile, type SyncPolicy } from '../avi/avi-file.js';
import { type FoundHeader, readHeader } from '../avi/avi-header-reader.js';
import { NotAsWritten } from '../avi/avi-reader.js';
import { readHeaderCopy } from '../avi/header-copy.js';
import type { RecordingOwners } from '../avi/recording-owner.js';
import { unfinishedInfoPathOf } from '../info/write-info.js';
import { metadataPathOf, timingPathOf } from '../takes/take-paths.js';
import { clearCopies, closedHeader, cut, write } from './closing-writes.js';
import { belongsToEmptyTake, endOfMetadataRow } from './left-open-metadata.js';
import { findTimingRow, type FoundRow } from './left-open-timing.js';
import { readLeftOpen } from './left-open-video.js';
import { type Open, removeUnfinished, type Whose, writeRecoveredInfo } from './recovered-info.js';

interface LeftOpenTakesDependencies {
  readonly fileSystem: FileSystem;
  readonly owners: RecordingOwners;
  readonly sync: SyncPolicy;
  readonly log: Log;
}

/** A video that its owner left open, with all descriptors. */
interface LeftOpenTake {
  readonly videoPath: string;
  readonly header: FoundHeader;
  readonly video: FileHandle;
  readonly timing: FileHandle;
  /** `null`: there is none that could be opened. */
  readonly metadata: FileHandle | null;
}

/** A file of rows. `end`: where it is to end. */
interface LeftOpenRows {
  readonly handle: FileHandle;
  readonly end: number;
  readonly bytes: number;
}

/** How a take was closed. */
interface ClosedTake {
  /** The metadata file, if it is the take's own. */
  readonly metadata: FileHandle | null;
  readonly logContext: Readonly<Record<string, unknown>>;
}

const VIDEO_NAME = /\.avi$/;
/** A link, a folder, a pipe or somebody else's file. */
const NOT_OURS = new Set(['ELOOP', 'EISDIR', 'ENXIO', 'EACCES', 'EPERM']);

/**
 * Closes the takes in a camera's folder whose process died. Everything after the last committed frame and its rows
 * is cut off, then indexes and sizes are written as at a normal end. A video is touched only if nothing writes to it
 * any more and its header is, byte for byte, what this module writes; one with frames only if its indexes and its timing row
 * agree too (`docs/recovery.md`). Other files stay as they are. A take that was closed gets its info file, with what its files
 * say. Never rejects, because failures are logged.
 */
export class LeftOpenTakes {
  constructor(private readonly dependencies: LeftOpenTakesDependencies) {}

  /**
   * `except`: name of a video that is known to be in use. `isOver`: asked between two files; when it returns
   * `true`, the other files are left for another time. Resolves with whether all files were checked.
   */
  async closeIn(folder: string, except = '', isOver: () => boolean = () => false): Promise<boolean> {
    try {
      const { fileSystem } = this.dependencies;
      const names = await fileSystem.readdir(folder);
      for (const name of names.filter((each) => VIDEO_NAME.test(each) && each !== except).sort()) {
        if (isOver()) return false;
        const path = join(folder, name);
        await this.#closeIfLeftOpen(path, 'process', (header) => this.#isLeft(path, header));
      }
      await removeUnfinished(fileSystem, folder, names);
    } catch (thrown) {
      this.dependencies.log('debug', 'The search for recordings left open failed.', {
        folder,
        error: messageOf(thrown),
      });
      return errnoOf(thrown) === 'ENOENT'; // then there is nothing to check
    }
    return true;
  }

  /**
   * Closes a video of a dead thread of this process. The caller must know that the thread is dead, because the owner mark
   * does not tell the threads of a process apart. Resolves with the path of its info file, or `null` if that was not written.
   * Never rejects.
   */
  async closeOwn(videoPath: string): Promise<string | null> {
    return this.#closeIfLeftOpen(videoPath, 'thread', async ({ owner }) => {
      const self = Buffer.from(await this.dependencies.owners.self());
      return self.equals(owner);
    });
  }

  async #closeIfLeftOpen(
    videoPath: string,
    whose: Whose,
    isLeft: (header: FoundHeader) => Promise<boolean>,
  ): Promise<string | null> {
    const handles: FileHandle[] = [];
    const open: Open = async (path, flags) => {
      const handle = await this.dependencies.fileSystem.open(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      handles.push(handle);
      return handle;
    };
    try {
      const readable = await open(videoPath, constants.O_RDONLY);
      const own = await readHeader(readable);
      const header = own ?? (await readHeaderCopy(readable));
      if (header === undefined || !(await isLeft(header))) return null;
      const metadata = await this.#openMetadata(metadataPathOf(videoPath), open);
      if (header.state.frames === 0) {
        await this.#removeEmpty(videoPath, metadata, open, whose);
        return null;
      }
      const video = await open(videoPath, constants.O_RDWR);
      const timing = await open(timingPathOf(videoPath), constants.O_RDWR);
      const closed = await this.#close({ videoPath, header, video, timing, metadata });
      const context = { ...closed.logContext, headerFrom: own === undefined ? 'its copy' : 'itself' };
      this.dependencies.log('warn', `A recording left open by a dead ${whose} was closed.`, context);
      return await this.#writeInfo({ videoPath, timing, metadata: closed.metadata, whose }, open);
    } catch (thrown) {
      this.dependencies.log('warn', 'A recording left open stays as it is; it plays, but its end was not tidied up.', {
        path: videoPath,
        reason: messageOf(thrown),
      });
      return null;
    } finally {
      // `AviFile` has closed the handles that it took over. Closing a handle twice does nothing.
      for (const handle of handles) await handle.close().catch(() => undefined);
    }
  }

  /** A failure costs the info file alone: the recording is closed, and nobody tries again. */
  async #writeInfo(take: Parameters<typeof writeRecoveredInfo>[1], open: Open): Promise<string | null> {
    try {
      return await writeRecoveredInfo(this.dependencies, take, open);
    } catch (thrown) {
      const context = { path: take.videoPath, reason: messageOf(thrown) };
      this.dependencies.log('warn', 'A recording that was closed has no info file.', context);
      return null;
    }
  }

  async #isLeft(path: string, { owner }: FoundHeader): Promise<boolean> {
    const state = await this.dependencies.owners.stateOf(owner);
    if (state === 'unknown') {
      this.dependencies.log(
        'info',
        'A recording may be open on another machine or in another container; it is left alone.',
        { path },
      );
    }
    return state === 'gone';
  }

  /** Not every recording has a metadata file. What is no file of ours must not keep the video from being closed. */
  async #openMetadata(path: string, open: Open): Promise<FileHandle | null> {
    try {
      return await open(path, constants.O_RDWR);
    } catch (thrown) {
      const errno = errnoOf(thrown) ?? '';
      if (errno === 'ENOENT') return null;
      if (!NOT_OURS.has(errno)) throw thrown; // the disk failed: the next start tries again
      this.#leaveMetadata(path, messageOf(thrown));
      return null;
    }
  }

  #leaveMetadata(path: string, reason: string): void {
    this.dependencies.log('warn', 'The metadata file beside a recording left open stays as it is.', { path, reason });
  }

  /** Removes a take whose process died in the milliseconds before the first commit. It holds no frame. */
  async #removeEmpty(videoPath: string, metadata: FileHandle | null, open: Open, whose: Whose): Promise<void> {
    const { fileSystem } = this.dependencies;
    const [timingPath, metadataPath] = [timingPathOf(videoPath), metadataPathOf(videoPath)];
    if (metadata !== null) {
      const first = await firstRow(() => open(timingPath, constants.O_RDONLY));
      const isOurs = await belongsToEmptyTake(metadata, first, (await metadata.stat()).size);
      if (isOurs) await fileSystem.rm(metadataPath, { force: true });
      else this.#leaveMetadata(metadataPath, 'it has rows of another recording');
    }
    await fileSystem.rm(timingPath, { force: true });
    await fileSystem.rm(videoPath);
    await fileSystem.rm(unfinishedInfoPathOf(videoPath), { force: true });
    this.dependencies.log('warn', `Files without a frame, left by a dead ${whose}, were removed.`, { path: videoPath });
  }

  async #close(take: LeftOpenTake): Promise<ClosedTake> {
    const { videoPath, header, video, timing } = take;
    const { frames } = header.state;
    const [videoBytes, timingBytes] = [(await video.stat()).size, (await timing.stat()).size];
    const found = await readLeftOpen(video, header, videoBytes);
    const row = await findTimingRow(timing, frames, timingBytes);
    if (row === undefined) throw new NotAsWritten(`its timing file has no row ${frames}`);
    const metadata = await this.#metadataRows(take, row);
    const rows = [{ handle: timing, end: row.end, bytes: timingBytes }, ...metadata];
    const cutRows = async (): Promise<void> => {
      for (const { handle, end, bytes } of rows) await cut(handle, end, bytes, sync);
    };

    const owner = await this.dependencies.owners.self();
    const { format, geometry } = header;
    const { sync } = this.dependencies;
    if (found.kind === 'open') {
      const options = { path: videoPath, format, geometry, owner, sync, expectedFps: 0 };
      const file = await AviFile.reopen(video, options, found.file);
      try {
        await cutRows();
        await file.finalize();
      } finally {
        await file.abandon();
      }
    } else {
      await cutRows();
      for (const { position, parts } of found.repairs) await write(video, parts, position);
      await cut(video, found.fileBytes, videoBytes, sync);
      await write(video, [closedHeader(header)], 0);
      await clearCopies(video, geometry, sync);
    }
    return {
      metadata: metadata[0]?.handle ?? null,
      logContext: { path: videoPath, frames, videoBytes, timingBytesCut: timingBytes - row.end },
    };
  }

  /** The metadata file, if it has the row of the last committed frame. `newest`: that row of the timing file. */
  async #metadataRows({ videoPath, header, metadata }: LeftOpenTake, newest: FoundRow): Promise<LeftOpenRows[]> {
    if (metadata === null) return [];
    const { frames } = header.state;
    const bytes = (await metadata.stat()).size;
    const end = await endOfMetadataRow(metadata, frames, newest, bytes);
    if (end !== undefined) return [{ handle: metadata, end, bytes }];
    this.#leaveMetadata(metadataPathOf(videoPath), `it has no row ${frames} of that recording`);
    return [];
  }
}

/** The first row of a timing file; `undefined` where there is no such file, or no row in it. */
async function firstRow(open: () => Promise<FileHandle>): Promise<FoundRow | undefined> {
  try {
    const timing = await open();
    return await findTimingRow(timing, 1, (await timing.stat()).size);
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
}
