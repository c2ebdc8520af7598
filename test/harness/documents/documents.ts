import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../paths.js';

/** Folders with documents, besides those that lie in the project's folder itself. */
const FOLDERS = ['docs', 'examples', 'integrations'];

/** Every document, by its path from the project's folder. */
export const DOCUMENTS: readonly string[] = [
  ...markdownIn(''),
  ...FOLDERS.filter((folder) => existsSync(join(ROOT, folder))).flatMap((folder) => markdownIn(folder)),
];

export function textOf(document: string): string {
  return readFileSync(join(ROOT, document), 'utf8');
}

function markdownIn(folder: string): string[] {
  const options = { recursive: folder !== '', encoding: 'utf8' } as const;
  return readdirSync(join(ROOT, folder), options)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name))
    .sort();
}
