import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { blocksOf, isRun } from '../../harness/documents/document-blocks.js';
import { DOCUMENTS, textOf } from '../../harness/documents/documents.js';
import { ROOT } from '../../harness/paths.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

const run = promisify(execFile);
const OPTIONS = [
  '--noEmit',
  '--strict',
  '--skipLibCheck',
  '--module',
  'nodenext',
  '--target',
  'es2022',
  '--types',
  'node',
];

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await folder.remove();
});

it('the TypeScript of the documents has the types that the package has', async () => {
  const modules = join(folder.path, 'node_modules');
  await mkdir(modules);
  await symlink(ROOT, join(modules, 'csi-cameras'));
  await symlink(join(ROOT, 'node_modules/@types'), join(modules, '@types'));
  await writeFile(join(folder.path, 'package.json'), '{ "type": "module" }');
  const blocks = DOCUMENTS.flatMap((document) => blocksOf(document, textOf(document))).filter(
    (block) => block.language === 'ts' && isRun(block),
  );
  const names = blocks.map(({ document, line }) => `${document.replaceAll('/', '-')}-${line}.ts`);
  for (const [index, { lines }] of blocks.entries()) {
    await writeFile(join(folder.path, names[index] ?? ''), lines.join('\n'));
  }
  expect(names.length).toBeGreaterThan(0);
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const said = await run(process.execPath, [compiler, ...OPTIONS, ...names], { cwd: folder.path }).catch(
    (thrown: { stdout: string }) => thrown,
  );
  expect(said.stdout).toBe('');
});
