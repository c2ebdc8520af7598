import type { FileHandle } from 'node:fs/promises';
import { errnoOf, errorWithAdvice, type CsiCamerasError } from '../../core/errors.js';
import type { FileSystem } from '../../core/file-system.js';
import type { FoundPaths, RecordingPaths, Unreachable, Whereabouts } from '../recording-session.js';
import { isMounted } from './mounts.js';

/** The error of a recording that ends because its file was removed while it was being written. */
export function removedError(path: string): CsiCamerasError {
  const whatHappened = `The recording was removed while it was being written: ${path}.`;
  return errorWithAdvice('invalid_session_dir', whatHappened, { operation: 'stat', path });
}

/** The descriptors of a take's files. `metadata`: only where that file is wanted. */
export interface TakeHandles {
  readonly video: FileHandle;
  readonly timing: FileHandle;
  readonly metadata?: FileHandle;
}

/** A take with its open files. */
export interface OpenTake {
  /** The names under which the files were made. */
  readonly paths: RecordingPaths;
  readonly handles: TakeHandles;
}

/** Where a take's files are now. */
export interface TakeLocation {
  /** The worst result of the files. */
  readonly whereabouts: Whereabouts;
  readonly isVideoGone: boolean;
  readonly paths: FoundPaths;
  /** The disk that holds the video; `null` if it does not answer. */
  readonly device: bigint | null;
}

/** Looks for all files. Rejects if the disk cannot tell. */
export async function locateTake(fileSystem: FileSystem, { paths, handles }: OpenTake): Promise<TakeLocation> {
  const { metadataPath } = paths;
  const [video, timing, metadata] = await Promise.all([
    whereIs(fileSystem, handles.video, paths.videoPath),
    whereIs(fileSystem, handles.timing, paths.timingPath),
    metadataPath === undefined || handles.metadata === undefined
      ? null
      : whereIs(fileSystem, handles.metadata, metadataPath),
  ]);
  const found = [video, timing, ...(metadata === null ? [] : [metadata])].map(({ whereabouts }) => whereabouts);
  const worst = (kind: Whereabouts['kind']): Whereabouts | undefined => found.find((file) => file.kind === kind);
  return {
    whereabouts: worst('removed') ?? worst('unreachable') ?? worst('moved') ?? video.whereabouts,
    isVideoGone: video.whereabouts.kind === 'removed',
    paths: {
      take: paths.take,
      videoPath: presentName(video.whereabouts, paths.videoPath),
      timingPath: presentName(timing.whereabouts, paths.timingPath),
      ...(metadata === null || metadataPath === undefined
        ? {}
        : { metadataPath: presentName(metadata.whereabouts, metadataPath) }),
    },
    device: video.device,
  };
}

/**
 * The paths of files that were closed on that disk, without those that lead nowhere, or to another disk's file, by now.
 * A disk that does not answer leaves them as they are.
 */
export async function stillThere(fileSystem: FileSystem, paths: FoundPaths, device: bigint): Promise<FoundPaths> {
  const check = async (path: string | null): Promise<string | null> => {
    if (path === null) return null;
    const named = await statOrMissing(fileSystem, path).catch(() => ({ dev: device }));
    return named?.dev === device ? path : null;
  };
  const { take, metadataPath } = paths;
  return {
    take,
    videoPath: await check(paths.videoPath),
    timingPath: await check(paths.timingPath),
    ...(metadataPath === undefined ? {} : { metadataPath: await check(metadataPath) }),
  };
}

function presentName(file: Whereabouts, asMade: string): string | null {
  if (file.kind === 'inPlace') return asMade;
  return file.kind === 'moved' ? file.to : null;
}

/**
 * Where one of our open files is now. Its descriptor stays good when it is moved, removed or unmounted, so only a check
 * finds that. A changed inode number alone is not an alarm, because inode numbers change on some file systems (FUSE).
 * Rejects if the disk cannot tell.
 */
async function whereIs(
  fileSystem: FileSystem,
  handle: FileHandle,
  path: string,
): Promise<{ readonly whereabouts: Whereabouts; readonly device: bigint }> {
  const [ours, named] = await Promise.all([handle.stat({ bigint: true }), statOrMissing(fileSystem, path)]);
  const device = ours.dev;
  const isSame = named?.ino === ours.ino && named.dev === device;
  if (!isSame && ours.nlink === 0n) return { whereabouts: { kind: 'removed', path }, device };
  if (named?.dev === device) return { whereabouts: { kind: 'inPlace' }, device };
  const to = await presentPath(fileSystem, handle);
  // A path of a disk that was unmounted leads to nothing, or into another disk.
  const found = to === null ? null : await statOrMissing(fileSystem, to).catch(() => null);
  if (to !== null && found?.dev === device) return { whereabouts: { kind: 'moved', path, to }, device };
  return { whereabouts: { kind: 'unreachable', path, why: await whyUnreachable(fileSystem, handle, to) }, device };
}

/** `told`: the path that the kernel gives for the file, and that does not lead to it. */
async function whyUnreachable(
  fileSystem: FileSystem,
  handle: FileHandle,
  told: string | null,
): Promise<Unreachable['why']> {
  // The file lives on under another name (a hard link), which the kernel does not report.
  if (told === null || told.endsWith(' (deleted)')) return 'unknown';
  const isStillMounted = await isMounted(fileSystem, handle);
  if (isStillMounted === null) return 'unknown';
  return isStillMounted ? 'mountedOver' : 'unmounted';
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
