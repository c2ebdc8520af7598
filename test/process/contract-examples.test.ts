import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MarkdownDocument } from '../harness/markdown-tables.js';
import { ROOT } from '../harness/paths.js';
import { saySkipped } from '../harness/say-skipped.js';
import { temporaryFolder } from '../harness/temporary-folder.js';

const document = new MarkdownDocument('docs/contract.md');
const hasJsonschema = spawnSync('python3', ['-c', 'import jsonschema']).status === 0;
if (!hasJsonschema) saySkipped('the Python example of docs/contract.md needs the package jsonschema.');

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

  (hasJsonschema ? it : it.skip)('has an example for Python that finds the same', async () => {
    expect(await output('python3', 'example.py', 'Validate in Python')).toBe("$.data 'pid' is a required property\n");
  });
});
