import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { errnoOf } from '../core/errors.js';
import { MODULE_FOLDER } from '../recording/takes/take-paths.js';
import { type FileKind, partsOfStem, splitName } from './recording-names.js';
import { sentenceOf } from './path-sentence.js';

/**
 * Finds recordings by the names of their files. Opens none, so that a pipe cannot hold it up, and follows no link out of a
 * session. What is in the files does not belong here.
 */

/** A finished recording as it lies in a folder. Nothing is opened to find it. `null`: there is no such file. */
export interface RecordingFiles {
  /** The name that its files share: `20260106_081726_CSI_trial001_IMX296_Global_picam_0_take2`. */
  readonly stem: string;
  /** Absolute path of the folder that holds them. */
  readonly folder: string;
  /** Absolute path of the session directory, where the folder lies in one. */
  readonly sessionDir: string | null;
  readonly videoPath: string | null;
  readonly timingPath: string | null;
  readonly metadataPath: string | null;
  readonly infoPath: string | null;
  /** By the name. `null`: the name is not one of ours. */
  readonly trial: number | null;
  readonly take: number | null;
  readonly cameraLabel: string | null;
}

/** Something that was named, or that lies where recordings are, and that cannot be looked at. */
export interface FindingProblem {
  readonly path: string;
  /** One sentence, for a person. It holds names from the disk: `printable()` before it is shown. */
  readonly message: string;
}

/** What `findRecordings` found. */
export interface FoundRecordings {
  /** By session, camera, trial and take. */
  readonly recordings: readonly RecordingFiles[];
  readonly problems: readonly FindingProblem[];
}

/**
 * Each of `paths` is a session directory, a camera's folder, or one file of a recording: then all of its files are found.
 * A video without rows and rows without a video are recordings too. A file with another name is passed over, unless it was
 * named itself. Never rejects: what cannot be looked at is a problem.
 */
export async function findRecordings(paths: readonly string[]): Promise<FoundRecordings> {
  const search = new Search();
  for (const path of paths) await search.lookAt(path);
  return search.found();
}

class Search {
  /** By folder and stem: what was named twice is found once. */
  readonly #recordings = new Map<string, RecordingFiles>();
  readonly #problems = new Map<string, FindingProblem>();

  found(): FoundRecordings {
    return { recordings: [...this.#recordings.values()].sort(inOrder), problems: [...this.#problems.values()] };
  }

  async lookAt(given: string): Promise<void> {
    const path = resolve(given);
    try {
      const found = await stat(path);
      if (found.isDirectory()) await this.#lookIntoFolder(path);
      else if (found.isFile()) await this.#lookAtFile(path);
      else this.#tell(path, `${path} is neither a folder nor a file, so it was not opened.`);
    } catch (failure) {
      this.#tell(path, sentenceOf(path, failure));
    }
  }

  async #lookIntoFolder(path: string): Promise<void> {
    const before = this.#recordings.size + this.#problems.size;
    const inside = join(path, MODULE_FOLDER);
    const holdsCameras = basename(path) === MODULE_FOLDER;
    if (holdsCameras) await this.#lookIntoCameras(path, dirname(path));
    else if (await isFolder(inside)) await this.#lookIntoCameras(inside, path);
    else await this.#lookIntoCamera(path, sessionOf(path), null);
    if (this.#recordings.size + this.#problems.size > before || this.#isKnown(path)) return;
    this.#tell(path, `${path} holds no recordings. Name a session, a camera's folder, a video or a timing file.`);
  }

  /** Whether recordings of this folder were found under another of the paths. */
  #isKnown(path: string): boolean {
    const within = `${path}${sep}`;
    return [...this.#recordings.values()].some(({ folder }) => folder === path || folder.startsWith(within));
  }

  async #lookIntoCameras(path: string, sessionDir: string): Promise<void> {
    if (!(await this.#isInside(sessionDir, path))) return;
    for (const entry of await entriesOf(path)) {
      const folder = join(path, entry.name);
      if (!entry.isDirectory() && !entry.isSymbolicLink()) continue;
      try {
        if (!(await isFolder(folder)) || !(await this.#isInside(sessionDir, folder))) continue;
        await this.#lookIntoCamera(folder, sessionDir, null);
      } catch (failure) {
        this.#tell(folder, sentenceOf(folder, failure));
      }
    }
  }

  /** `only`: the stem of the one that was asked for. */
  async #lookIntoCamera(folder: string, sessionDir: string | null, only: string | null): Promise<void> {
    const byStem = new Map<string, Dirent[]>();
    for (const entry of await entriesOf(folder)) {
      const stem = splitName(entry.name)?.stem;
      if (stem === undefined || (only === null ? partsOfStem(stem, basename(folder)) === null : stem !== only))
        continue;
      const entries = byStem.get(stem);
      if (entries === undefined) byStem.set(stem, [entry]);
      else entries.push(entry);
    }
    for (const [stem, entries] of byStem) await this.#take(folder, sessionDir, stem, entries);
  }

  async #lookAtFile(path: string): Promise<void> {
    const name = splitName(basename(path));
    if (name === null) {
      this.#tell(
        path,
        `${path} is no file of a recording. Name a session, a camera's folder, a video or a timing file.`,
      );
      return;
    }
    await this.#lookIntoCamera(dirname(path), sessionOf(dirname(path)), name.stem);
  }

  /** One that cannot be opened whole is a problem and no recording: it would look as if a file were missing. */
  async #take(folder: string, sessionDir: string | null, stem: string, entries: readonly Dirent[]): Promise<void> {
    const paths: Record<FileKind, string | null> = {
      videoPath: null,
      timingPath: null,
      metadataPath: null,
      infoPath: null,
    };
    for (const entry of entries) {
      const path = join(folder, entry.name);
      const kind = splitName(entry.name)?.kind;
      if (kind === undefined) continue;
      if (!(await this.#mayOpen(entry, path, sessionDir ?? folder))) return;
      // Whoever opens it follows no link.
      paths[kind] = entry.isSymbolicLink() ? await realpath(path) : path;
    }
    // Metadata alone may be all that is left of another recording, and no recording needs them.
    if (paths.videoPath === null && paths.timingPath === null && paths.infoPath === null) return;
    const parts = partsOfStem(stem, basename(folder));
    this.#recordings.set(join(await realpath(folder), stem), {
      stem,
      folder,
      sessionDir,
      ...paths,
      trial: parts?.trial ?? null,
      take: parts?.take ?? null,
      cameraLabel: parts?.cameraLabel ?? null,
    });
  }

  async #mayOpen(entry: Dirent, path: string, within: string): Promise<boolean> {
    if (entry.isFile()) return true;
    if (!entry.isSymbolicLink()) {
      this.#tell(path, `${path} is no regular file, so it was not opened.`);
      return false;
    }
    try {
      if (!(await this.#isInside(within, path))) return false;
      if ((await stat(path)).isFile()) return true;
      this.#tell(path, `${path} leads to something that is no regular file, so it was not opened.`);
    } catch (failure) {
      this.#tell(path, sentenceOf(path, failure));
    }
    return false;
  }

  async #isInside(root: string, path: string): Promise<boolean> {
    const way = relative(await realpath(root), await realpath(path));
    if (way !== '..' && !way.startsWith(`..${sep}`)) return true;
    this.#tell(path, `${path} is a link that leads out of ${root}, so it was not followed.`);
    return false;
  }

  #tell(path: string, message: string): void {
    this.#problems.set(path, { path, message });
  }
}

/** The session that a camera's folder lies in: `{session}/CSICameras/{camera}`. */
function sessionOf(folder: string): string | null {
  const above = dirname(folder);
  return basename(above) === MODULE_FOLDER ? dirname(above) : null;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (failure) {
    if (errnoOf(failure) === 'ENOENT' || errnoOf(failure) === 'ENOTDIR') return false;
    throw failure;
  }
}

function entriesOf(path: string): Promise<Dirent[]> {
  return readdir(path, { withFileTypes: true });
}

/** picam_2 before picam_10. */
let numbersInNames: Intl.Collator | undefined;

function inOrder(a: RecordingFiles, b: RecordingFiles): number {
  numbersInNames ??= new Intl.Collator('en', { numeric: true });
  return (
    numbersInNames.compare(a.folder, b.folder) ||
    (a.trial ?? Infinity) - (b.trial ?? Infinity) ||
    (a.take ?? Infinity) - (b.take ?? Infinity) ||
    numbersInNames.compare(a.stem, b.stem) ||
    0
  );
}
