import { readFileSync } from 'node:fs';
import { packageFile } from './package-files.js';

const packageJson: unknown = JSON.parse(readFileSync(packageFile('package.json'), 'utf8'));

/** The package's version. package.json is its only source. */
export const VERSION: string = versionOf(packageJson);

function versionOf(value: unknown): string {
  const hasVersion = typeof value === 'object' && value !== null && 'version' in value;
  return hasVersion && typeof value.version === 'string' ? value.version : '0.0.0';
}
