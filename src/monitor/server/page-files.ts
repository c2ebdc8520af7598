import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The page's files by their path in the URL. Nothing else of the disk can be asked for. */
export type PageFiles = ReadonlyMap<string, PageFile>;

export interface PageFile {
  readonly type: string;
  readonly bytes: Uint8Array;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Always the built files, even if this file runs unbuilt. */
const BUILT = fileURLToPath(new URL('../../../dist/monitor/', import.meta.url));

/**
 * Reads them all, once. `page/` is the root, `wording/` lies beside its modules as it does on the disk, so that imports between
 * them hold. Throws if a folder cannot be read.
 */
export function readPageFiles(folder = BUILT): PageFiles {
  const files = new Map([...filesIn(`${folder}/page`, '/'), ...filesIn(`${folder}/wording`, '/wording/')]);
  const index = files.get('/index.html');
  if (index !== undefined) files.set('/', index);
  files.delete('/index.html');
  return files;
}

function filesIn(folder: string, prefix: string): [string, PageFile][] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((name): [string, PageFile][] => {
    const type = TYPES[name.slice(name.lastIndexOf('.'))];
    if (type === undefined) return [];
    return [[`${prefix}${name}`, { type, bytes: readFileSync(`${folder}/${name}`) }]];
  });
}
