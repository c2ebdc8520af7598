import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { JSONSCHEMA, PYTHON } from '../../scripts/readers.mjs';
import { MarkdownDocument } from '../harness/markdown-tables.js';
import { ROOT } from '../harness/paths.js';
import { isPresent } from '../harness/present-readers.js';
import { temporaryFolder } from '../harness/temporary-folder.js';

const document = new MarkdownDocument('docs/contract.md');

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

/** A folder of somebody who installed the package. */
beforeAll(async () => {
  folder = await temporaryFolder();
  await mkdir(join(folder.path, 'node_modules'));
  await symlink(ROOT, join(folder.path, 'node_modules/csi-cameras'));
  await symlink(join(ROOT, 'node_modules/ajv'), join(folder.path, 'node_modules/ajv'));
});

afterAll(() => folder.remove());

async function output(program: string, name: string, heading: string): Promise<string> {
  await writeFile(join(folder.path, name), document.codeUnder(heading).join('\n'));
  return execFileSync(program, [name], { cwd: folder.path, encoding: 'utf8' });
}

describe('docs/contract.md', () => {
  it('has an example for Node that finds what is wrong with a line', async () => {
    expect(await output(process.execPath, 'example.mjs', 'Validate in TypeScript')).toBe(
      "/data must have required property 'pid'\n",
    );
  });

  (isPresent(JSONSCHEMA) ? it : it.skip)('has an example for Python that finds the same', async () => {
    expect(await output(PYTHON, 'example.py', 'Validate in Python')).toBe("$.data 'pid' is a required property\n");
  });
});
