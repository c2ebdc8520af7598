import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { errnoOf } from '../../core/errors.js';
import type { FileSystem } from '../../core/file-system.js';
import { makeFolder, makeFolders } from '../../core/make-folders.js';
import { MODULE_FOLDER, sessionToken } from '../../recording/takes/take-paths.js';
import type { RecordingFiles } from '../recording-files.js';
import { CannotClip } from './cannot-clip.js';

const FOLDER_MODE = 0o750;
const MAX_SAME_NAME = 1000;

/**
 * A new session directory for clips: `clip_{session}_{what}`, or `..._2` and so on. A clip is a recording like any other and
 * lies in a session of its own, so that every command works on it, and nobody takes it for one of the source's takes. The
 * files in it bear its name behind `clip_`.
 */
export interface ClipFolder {
  readonly sessionDir: string;
  /** Removes it if it is empty, and what was made for it. Never rejects. */
  removeIfEmpty(): Promise<void>;
}

/** `what`: for example `frames_100-200`. Rejects with `CannotClip`. */
export async function makeClipFolder(
  fileSystem: FileSystem,
  parent: string,
  source: RecordingFiles,
  what: string,
): Promise<ClipFolder> {
  const out = resolve(parent);
  const made: string[] = [];
  const removeIfEmpty = async (): Promise<void> => {
    // A folder that is not empty is somebody's.
    for (const folder of made.toReversed()) await fileSystem.rmdir(folder).catch(() => undefined);
  };
  try {
    await makeFolders(fileSystem, out, FOLDER_MODE, made);
    await refuseWithinCameras(fileSystem, out, source);
    const token = source.sessionDir === null ? source.stem.split('_CSI_')[0] : sessionToken(source.sessionDir);
    const name = `clip_${token ?? ''}_${what}`;
    for (let attempt = 1; attempt <= MAX_SAME_NAME; attempt += 1) {
      const sessionDir = join(out, attempt === 1 ? name : `${name}_${attempt}`);
      if (!(await makeFolder(fileSystem, sessionDir, FOLDER_MODE))) continue;
      made.push(sessionDir);
      return { sessionDir, removeIfEmpty };
    }
    throw new CannotClip(
      `${join(out, name)} and ${MAX_SAME_NAME - 1} more are there already. Name another folder with --out.`,
    );
  } catch (failure) {
    await removeIfEmpty();
    if (failure instanceof CannotClip) throw failure;
    throw new CannotClip(
      `No clip can be made in ${out} (${errnoOf(failure) ?? 'unknown error'}). Name a folder with --out.`,
    );
  }
}

/** What lies there is the recorder's: its takes and nothing else. */
async function refuseWithinCameras(fileSystem: FileSystem, out: string, { folder }: RecordingFiles): Promise<void> {
  const real = await fileSystem.realpath(folder);
  const cameras = basename(dirname(real)) === MODULE_FOLDER ? dirname(real) : real;
  const way = relative(cameras, await fileSystem.realpath(out));
  if (way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !way.startsWith(sep))) {
    throw new CannotClip(`${out} is where the recordings lie. Name a folder outside of ${cameras} with --out.`, true);
  }
}
