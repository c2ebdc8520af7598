import { readdirSync, readFileSync } from 'node:fs';
import { packagePath } from '../../core/own-package.js';

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

/** Always the built files, even if this file runs unbuilt. Its scripts are one file: a page of many asks for all of them at once. */
const BUILT = packagePath('dist/monitor/site');

/** Reads them all, once. Throws if the folder cannot be read. */
export function readPageFiles(folder = BUILT): PageFiles {
  return new Map(
    readdirSync(folder).flatMap((name): [string, PageFile][] => {
      const type = TYPES[name.slice(name.lastIndexOf('.'))];
      if (type === undefined) return [];
      const path = name === 'index.html' ? '/' : `/${name}`;
      return [[path, { type, bytes: readFileSync(`${folder}/${name}`) }]];
    }),
  );
}
