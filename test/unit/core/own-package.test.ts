import { readFile } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import { packageFile, packagePath, VERSION } from '../../../src/core/own-package.js';

it('finds the files of the package, and its version', async () => {
  const text = await readFile(packageFile('package.json'), 'utf8');
  expect(JSON.parse(text)).toMatchObject({ name: 'csi-cameras', version: VERSION });
  expect(await readFile(packagePath('package.json'), 'utf8')).toBe(text);
});
