import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { errnoOf } from '../../core/errors.js';
import { realFileSystem } from '../../core/file-system.js';

/** Where a report goes, and how it is written: always as a new file. */

/** A report shows people, as recordings do, so not everybody on the machine may read it. The umask may remove more. */
const FILE_MODE = 0o640;
/** Reports of one name. */
const MOST_COPIES = 999;

export interface ReportPlace {
  readonly folder: string;
  /** Names in the order in which they are tried: `report.html`, `report-2.html`, ... */
  readonly names: readonly string[];
}

/** Why a report cannot go there. */
export interface NoPlace {
  /** A sentence. */
  readonly why: string;
  readonly isWrongUsage: boolean;
}

/** `given`: the path that is reported. `stem`: of the recording, where a file was named. */
export async function placeFor(
  out: string | undefined,
  given: string,
  stem: string | null,
): Promise<ReportPlace | NoPlace> {
  if (out === undefined) {
    return stem === null ? numbered(resolve(given), 'report') : numbered(resolve('.'), `${stem}_report`);
  }
  const path = resolve(out);
  const there = await realFileSystem.lstat(path).catch(() => undefined); // missing: it is made
  const isFolder = there !== undefined && (await realFileSystem.stat(path).catch(() => there)).isDirectory();
  if (isFolder) return numbered(path, stem === null ? 'report' : `${stem}_report`);
  if (out.endsWith('/')) return wrong(`The folder ${path} does not exist. Make it, or name another one with --out.`);
  if (there !== undefined)
    return wrong(`${path} is there already, and a report never replaces a file. Name another one with --out.`);
  if (!['.html', '.htm'].includes(extname(path).toLowerCase()))
    return wrong(`A report is an HTML file: let the name ${path} end in .html, or make a folder of that name.`);
  return { folder: dirname(path), names: [basename(path)] };
}

function wrong(why: string): NoPlace {
  return { why, isWrongUsage: true };
}

function numbered(folder: string, name: string): ReportPlace {
  const names = Array.from({ length: MOST_COPIES }, (_, copy) => `${name}${copy === 0 ? '' : `-${copy + 1}`}.html`);
  return { folder, names };
}

/** Writes the report under the first free name and resolves with its path. What was begun and failed is removed. */
export async function writeReport({ folder, names }: ReportPlace, html: string): Promise<string | NoPlace> {
  for (const name of names) {
    const path = join(folder, name);
    let file: FileHandle;
    try {
      file = await realFileSystem.open(path, 'wx', FILE_MODE); // O_EXCL: follows no link, overwrites nothing
    } catch (thrown) {
      if (errnoOf(thrown) === 'EEXIST') continue;
      return { why: `${whyNot(folder, thrown)} Name another place with --out.`, isWrongUsage: false };
    }
    try {
      await file.writeFile(html);
      await file.sync();
      await file.close();
      return path;
    } catch (thrown) {
      await file.close().catch(() => undefined); // why it failed matters more
      await realFileSystem.unlink(path).catch(() => undefined);
      return {
        why: `${path} could not be written (${errnoOf(thrown) ?? 'unknown'}). Name another place with --out.`,
        isWrongUsage: false,
      };
    }
  }
  return {
    why: `${folder} has ${names.length} reports of this name. Remove some, or name a file with --out.`,
    isWrongUsage: false,
  };
}

function whyNot(folder: string, thrown: unknown): string {
  const errno = errnoOf(thrown) ?? 'unknown';
  return errno === 'ENOENT'
    ? `The folder ${folder} does not exist.`
    : `Nothing can be written into ${folder} (${errno}).`;
}
