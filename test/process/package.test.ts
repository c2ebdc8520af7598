import { execFile } from 'node:child_process';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NODES, OTHER_NODES } from '../../scripts/readers.mjs';
import { ENTRIES } from '../../scripts/rollup.config.mjs';
import { bytesBelow, installPackage, type Ended, type InstalledPackage } from '../harness/installed-package.js';
import { MarkdownDocument, namesIn } from '../harness/markdown-tables.js';
import { ROOT } from '../harness/paths.js';
import { isPresent } from '../harness/present-readers.js';
import { temporaryFolder } from '../harness/temporary-folder.js';

const execute = promisify(execFile);

/** What a user does who has nothing but the package: no root, no network, an empty folder. */
describe('the package in an empty folder', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let installed: InstalledPackage;

  beforeAll(async () => {
    folder = await temporaryFolder();
    await execute('chmod', ['755', folder.path]); // another user passes through it
    installed = await installPackage(folder.path);
  }, 120_000);

  afterAll(async () => {
    await folder.remove();
  });

  it('weighs what docs/package.md says, and not more than its limits', async () => {
    const { unpackedSize, size, files } = installed.packed;
    const below = (part: string): number =>
      files.filter(({ path }) => path.startsWith(part)).reduce((sum, file) => sum + file.size, 0);
    const weights: Record<string, number> = {
      packed: size,
      unpacked: unpackedSize,
      dist: below('dist/'),
      docs: below('docs/'),
      installed: await bytesBelow(join(installed.folder, 'node_modules')),
    };
    const rows = new MarkdownDocument('docs/package.md').tableUnder('What it weighs');
    expect(rows.map((row) => namesIn(row['What'])[0] ?? row['What'])).toEqual(Object.keys(weights));
    for (const [index, bytes] of Object.values(weights).entries()) {
      const [told = 0, limit = 0] = ['Weighs', 'Limit'].map((name) => Number.parseFloat(rows[index]?.[name] ?? ''));
      const megabytes = bytes / 1e6;
      expect({ ...rows[index], megabytes, isInside: megabytes <= limit }).toMatchObject({ isInside: true });
      expect({ ...rows[index], megabytes, isTrue: Math.abs(megabytes / told - 1) < 0.25 }).toMatchObject({
        isTrue: true,
      });
    }
  });

  it('has every program and thread that the build makes or the code starts, and no other code twice', async () => {
    const paths = installed.packed.files.map(({ path }) => path);
    const programs = paths.filter((path) => /^dist\/(?!chunks\/|monitor\/site\/).*\.js$/.test(path));
    expect(programs.toSorted()).toEqual(ENTRIES.map((name) => `dist/${name}.js`).toSorted());
    const sources = await readdir(join(ROOT, 'src'), { recursive: true });
    const texts = sources
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFile(join(ROOT, 'src', name), 'utf8'));
    const named = [...(await Promise.all(texts)).join('\n').matchAll(/\bpackage(?:File|Path)\('([^']+)'\)/g)];
    expect(named.length).toBeGreaterThan(5);
    for (const [, wanted = ''] of named) expect(paths).toContainEqual(expect.stringMatching(`^${wanted}`));
  });

  it('has no test, no source map, and of the pictures those that its documents show', async () => {
    const paths = installed.packed.files.map(({ path }) => path);
    expect(paths.filter((path) => /\.test\.|^test\/|\.map$|tsconfig/.test(path))).toEqual([]);
    const documents = paths.filter((path) => path.endsWith('.md'));
    const texts = await Promise.all(documents.map((path) => readFile(join(ROOT, path), 'utf8')));
    const shown = new Set(
      texts.flatMap((text) => [...text.matchAll(/pictures\/([\w-]+\.\w+)/g)].map(([, name]) => name)),
    );
    // `files` of package.json lists them one by one: a document that shows another needs a line there.
    const pictures = (await readdir(join(ROOT, 'docs/pictures'))).filter((name) => shown.has(name));
    const published = paths.filter((path) => path.startsWith('docs/pictures/'));
    expect(published.map((path) => path.slice('docs/pictures/'.length)).toSorted()).toEqual(pictures.toSorted());
  });

  it('records, verifies and reports', async () => {
    const { run } = installed;
    const record = await run('npx', 'csi-cameras', 'record', '--simulate', '--duration', '2', '--out', 'session_one');
    expect(record).toMatchObject({ code: 0 });
    expect(await run('npx', 'csi-cameras', 'verify', '--decode', 'session_one')).toMatchObject({ code: 0 });
    expect(await run('npx', 'csi-cameras', 'report', 'session_one')).toMatchObject({ code: 0, stderr: '' });
    const report = await readFile(join(installed.folder, 'session_one', 'report.html'), 'utf8');
    expect(report).toContain('Every frame is there.');
  }, 60_000);

  it('is loaded by CommonJS with import()', async () => {
    const text = `import('csi-cameras').then(({ createCsiCamerasModule }) =>
      console.log(typeof require, createCsiCamerasModule().status().state, require('csi-cameras/plugin.json').factory));`;
    await writeFile(join(installed.folder, 'host.cjs'), text);
    const { code, stdout, stderr } = await installed.run('node', 'host.cjs');
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: ['function stopped createCsiCamerasModule'],
      stderr: '',
    });
  });

  const itWithNodes = isPresent(NODES) ? it : it.skip;

  itWithNodes(
    'records and verifies with every version of Node that it promises',
    async () => {
      const main = join(installed.folder, 'node_modules/csi-cameras/dist/cli/main.js');
      // Few small pictures: three of them record at the same time.
      const what = ['--simulate', '--duration', '1', '--size', '640x480', '--fps', '15'];
      const versions = OTHER_NODES.map(async (node) => {
        const out = join(folder.path, `session_${basename(node)}`);
        await execute(node, [main, 'record', ...what, '--out', out, '--log-dir', `${out}_logs`]);
        return await execute(node, [main, 'verify', out]); // rejects unless it exits with 0
      });
      for (const { stdout } of await Promise.all(versions)) expect(stdout).toMatch(/^1 proven\.$/m);
      const { engines } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
        engines: { node: string };
      };
      expect(engines.node.match(/\d+/g)).toEqual(['20', ...OTHER_NODES.map((node) => node.replace(/^.*node-/, ''))]);
    },
    60_000,
  );

  describe('with the example hosts', () => {
    const examples = 'node_modules/csi-cameras/examples';
    const hosts = {
      'plugin-host.ts': ['node', 'plugin-host.js'],
      'process_host.py': ['python3', `${examples}/process_host.py`],
    } as const;
    const withEach = Object.entries(hosts);

    beforeAll(async () => {
      // As examples/README.md says, with the compiler and Node's types that are here already.
      const types = ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules/@types')];
      const compile = [join(ROOT, 'node_modules/.bin/tsc'), ...types, '--outDir', '.', `${examples}/plugin-host.ts`];
      await execute(process.execPath, compile, { cwd: installed.folder });
      await installed.run('npm', 'pkg', 'set', 'type=module');
    }, 60_000);

    it('records two trials with two cameras', async () => {
      const runs = withEach.map(([name, [program, file]]) =>
        installed.run(program, file, '--simulate', '--out', `data-of-${name}`),
      );
      for (const run of await Promise.all(runs)) {
        expect(run).toMatchObject({ code: 0, stderr: '' });
        expect(took(run)).toEqual(['picam:0', 'picam:0', 'picam:1', 'picam:1']);
        expect(run.stdout.at(-1)).toMatch(/ shutdown_complete$/);
      }
      // What they recorded is verified before the folder is removed.
    }, 60_000);

    it('ends whole at Ctrl-C', async () => {
      const runs = withEach.map(async ([name, [program, file]]) => {
        const host = installed.start(program, file, '--simulate', '--out', `cut-${name}`);
        await Promise.all(
          ['picam:0', 'picam:1'].map((device) => host.line(new RegExp(`recording_started.* ${device}`))),
        );
        host.process.kill('SIGINT');
        return await host.ended;
      });
      for (const run of await Promise.all(runs)) {
        expect(run.code).toBe(130);
        expect(took(run)).toEqual(['picam:0', 'picam:1']);
        expect(run.stdout.at(-1)).toMatch(/ shutdown_complete$/);
      }
    }, 60_000);

    it('says what is missing where no camera can be opened, and ends with 1', async () => {
      const runs = withEach.map(([name, [program, file]]) => installed.run(program, file, '--out', `none-${name}`));
      for (const { code, stdout } of await Promise.all(runs)) {
        expect(code).toBe(1);
        expect(stdout.join('\n')).toMatch(/ device_error picam:1 \w+.* [A-Z].*\.\n/);
        expect(stdout.at(-1)).toMatch(/ shutdown_complete$/);
      }
    });
  });
});

/** The cameras whose takes ended, one a take. */
function took({ stdout }: Ended): readonly string[] {
  const ends = stdout.map((line) => / recording_stopped (picam:\d) /.exec(line)?.[1]);
  return ends.filter((device) => device !== undefined).toSorted();
}
