import type { FileHandle } from 'node:fs/promises';
import { errnoOf, errorWithAdvice, type CsiCamerasError } from '../../core/errors.js';
import type { FileSystem } from '../../core/file-system.js';
import type { RecordingPaths, Whereabouts } from '../recording-session.js';

/** The error of a recording that ends because its file was removed while it was being written. */
export function removedError(path: string): CsiCamerasError {
  const whatHappened = `The recording was removed while it was being written: ${path}.`;
  return errorWithAdvice('invalid_session_dir', whatHappened, { operation: 'stat', path });
}

/** A take with its open files. */
export interface OpenTake {
  /** The names under which the files were made. */
  readonly paths: RecordingPaths;
  readonly handles: { readonly video: FileHandle; readonly timing: FileHandle };
}

/** Where a take's files are now. */
export interface TakeLocation {
  /** The worse result of the two files. */
  readonly whereabouts: Whereabouts;
  readonly isVideoGone: boolean;
  /** The present names, as far as the system reports them. */
  readonly paths: RecordingPaths;
}

/** Looks for both files. Rejects if the disk cannot tell. */
export async function locateTake(fileSystem: FileSystem, { paths, handles }: OpenTake): Promise<TakeLocation> {
  const [video, timing] = await Promise.all([
    whereIs(fileSystem, handles.video, paths.videoPath),
    whereIs(fileSystem, handles.timing, paths.timingPath),
  ]);
  const worst = (kind: Whereabouts['kind']): Whereabouts | undefined =>
    [video, timing].find((file) => file.kind === kind);
  return {
    whereabouts: worst('removed') ?? worst('moved') ?? video,
    isVideoGone: video.kind === 'removed',
    paths: {
      ...paths,
      videoPath: presentName(video, paths.videoPath),
      timingPath: presentName(timing, paths.timingPath),
    },
  };
}

function presentName(file: Whereabouts, otherwise: string): string {
  return file.kind === 'moved' ? (file.to ?? otherwise) : otherwise;
}

/**
 * Where one of our open files is now. Its descriptor stays good when it is moved or removed, so only a check finds
 * that. A changed inode number alone is not an alarm, because inode numbers change on some file systems (FUSE).
 * Rejects if the disk cannot tell.
 */
async function whereIs(fileSystem: FileSystem, handle: FileHandle, path: string): Promise<Whereabouts> {
  const [ours, named] = await Promise.all([handle.stat({ bigint: true }), statOrMissing(fileSystem, path)]);
  if (named !== null && named.ino === ours.ino && named.dev === ours.dev) return { kind: 'inPlace' };
  if (ours.nlink === 0n) return { kind: 'removed', path };
  if (named !== null) return { kind: 'inPlace' };
  const to = await presentPath(fileSystem, handle);
  // The file lives on under another name (a hard link), which the kernel does not report.
  return { kind: 'moved', path, to: to === null || to.endsWith(' (deleted)') ? null : to };
}

async function statOrMissing(fileSystem: FileSystem, path: string): Promise<{ ino: bigint; dev: bigint } | null> {
  try {
    return await fileSystem.stat(path, { bigint: true });
  } catch (failure) {
    const errno = errnoOf(failure);
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return null;
    throw failure;
  }
}

/** The kernel's present path of an open file, or `null`. Only Linux reports it (/proc). */
export async function presentPath(fileSystem: Pick<FileSystem, 'readlink'>, file: FileHandle): Promise<string | null> {
  try {
    return await fileSystem.readlink(`/proc/self/fd/${file.fd}`);
  } catch {
    return null; // no /proc: the caller works without the path
  }
}
