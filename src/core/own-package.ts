import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Looked for upwards: the build puts code of several files into one, which may lie elsewhere. */
const ROOT = packageAbove(new URL('.', import.meta.url));

/** The package's version. package.json is its only source. */
export const VERSION: string = versionOf(JSON.parse(readFileSync(packageFile('package.json'), 'utf8')));

/** A file or folder of this package, whether it runs built or from its sources. `path`: from the package's folder, with `/`. */
export function packageFile(path: string): URL {
  return new URL(path, ROOT);
}

/** `packageFile` as an absolute path. */
export function packagePath(path: string): string {
  return fileURLToPath(packageFile(path));
}

function packageAbove(folder: URL): URL {
  if (existsSync(new URL('package.json', folder))) return folder;
  const above = new URL('..', folder);
  if (above.href === folder.href) throw new Error('The package.json of this package is missing: install it again.');
  return packageAbove(above);
}

function versionOf(value: unknown): string {
  const hasVersion = typeof value === 'object' && value !== null && 'version' in value;
  return hasVersion && typeof value.version === 'string' ? value.version : '0.0.0';
}
