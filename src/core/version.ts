import { readFileSync } from 'node:fs';

const packageJson: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

/** The package's version. package.json is its only source. */
export const VERSION: string = versionOf(packageJson);

function versionOf(value: unknown): string {
  const hasVersion = typeof value === 'object' && value !== null && 'version' in value;
  return hasVersion && typeof value.version === 'string' ? value.version : '0.0.0';
}
