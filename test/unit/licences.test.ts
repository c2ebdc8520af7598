import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { format, resolveConfig } from 'prettier';
import { installedPackages, licencesText } from '../../scripts/make-licences.mjs';
import { ROOT } from '../harness/paths.js';

const DOCUMENT = join(ROOT, 'docs/licences.md');

/** They ask for nothing but their text, which each package brings. */
const PERMISSIVE = ['0BSD', 'Apache-2.0', 'ISC', 'MIT'];

interface Manifest {
  readonly version: string;
  readonly license: string;
}

describe('the packages that are installed with this one', () => {
  it('are those of docs/licences.md: npm run licences', async () => {
    const settings = { ...(await resolveConfig(DOCUMENT)), filepath: DOCUMENT };
    expect(await format(licencesText(), settings)).toBe(readFileSync(DOCUMENT, 'utf8'));
  });

  it('have permissive licences, as they say themselves, with their texts', () => {
    expect(installedPackages().length).toBeGreaterThan(10);
    for (const { path, name, version, license } of installedPackages()) {
      const folder = join(ROOT, path);
      const { version: ofPackage, license: itSays } = JSON.parse(
        readFileSync(join(folder, 'package.json'), 'utf8'),
      ) as Manifest;
      expect({ name, version: ofPackage, licence: itSays }).toEqual({ name, version, licence: license });
      expect(PERMISSIVE).toContain(license);
      const texts = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license'].filter((file) =>
        existsSync(join(folder, file)),
      );
      expect({ name, texts: texts.length > 0 }).toEqual({ name, texts: true });
    }
  });

  it('run no script when they are installed', () => {
    expect(installedPackages().filter(({ hasInstallScript }) => hasInstallScript)).toEqual([]);
  });
});
