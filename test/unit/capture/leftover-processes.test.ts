import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LeftoverProcesses } from '../../../src/capture/leftover-processes.js';
import { noteFolder } from '../../../src/capture/private-folder.js';
import { RpicamSource } from '../../../src/capture/rpicam-source.js';
import { systemClock } from '../../../src/core/clock.js';
import { bootId, isAlive, processState, type ProcessIdentity } from '../../../src/core/process-identity.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';
import { HeardStream, processEnd, requestFor, ToolFolder } from './tool-fixtures.js';

let home: Awaited<ReturnType<typeof temporaryFolder>>;
let folder: string;
let logged: [string, string][];
const children: ChildProcess[] = [];

beforeEach(async () => {
  home = await temporaryFolder();
  folder = join(home.path, 'csi-cameras');
  logged = [];
});

afterEach(async () => {
  await Promise.all(
    children.splice(0).map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
      const ended = once(child, 'exit');
      process.kill(-child.pid, 'SIGKILL');
      await ended;
    }),
  );
  await home.remove();
});

const leftovers = (): LeftoverProcesses =>
  new LeftoverProcesses(
    systemClock,
    (level, message) => {
      logged.push([level, message]);
    },
    folder,
  );

/** A process in a group of its own, as capture tools are. */
async function running(script = 'exec sleep 1000'): Promise<ProcessIdentity> {
  const child = spawn('/bin/sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  await once(child, 'spawn');
  return identityOf(child.pid);
}

async function identityOf(pid = 0): Promise<ProcessIdentity> {
  const state = await processState(pid);
  if (state === undefined) throw new Error(`There is no process ${pid}.`);
  return { pid, startTime: state.startTime };
}

/** A process that ran and was killed. */
async function killed(): Promise<ProcessIdentity> {
  const owner = await running();
  const ended = once(children.at(-1) as ChildProcess, 'exit');
  process.kill(owner.pid, 'SIGKILL');
  await ended;
  return owner;
}

async function writeNote(child: ProcessIdentity, owner: ProcessIdentity, boot?: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const note = { boot: boot ?? (await bootId()), owner, child };
  await writeFile(join(folder, `${child.pid}-${child.startTime}.json`), JSON.stringify(note));
}

const ENDED: [string, string] = ['warn', 'Killed a capture process that a dead module had left running.'];

describe('a capture process whose owner was killed', () => {
  it('is ended with its whole group, though it ignores every request, and is logged', async () => {
    const child = await running(`trap '' INT TERM HUP PIPE; sleep 1000 & echo $!; while :; do wait; done`);
    const [printed] = (await once(children.at(-1)?.stdout ?? process.stdin, 'data')) as [Buffer];
    const grandchild = Number(printed.toString());
    await writeNote(child, await killed());
    await leftovers().endAll();
    expect(await isAlive(child)).toBe(false);
    await processEnd(grandchild);
    expect(logged).toEqual([ENDED]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('is looked for once', async () => {
    const all = leftovers();
    await all.endAll();
    const child = await running();
    await writeNote(child, await killed());
    await all.endAll();
    expect(await isAlive(child)).toBe(true);
  });
});

describe('nobody else is touched', () => {
  it('not the process of an owner that lives', async () => {
    const child = await running();
    await writeNote(child, await running());
    await leftovers().endAll();
    expect(await isAlive(child)).toBe(true);
    expect(await readdir(folder)).toHaveLength(1);
  });

  it('not a stranger who has the number now', async () => {
    const stranger = await running();
    await writeNote({ ...stranger, startTime: `${Number(stranger.startTime) - 1}` }, await killed());
    await leftovers().endAll();
    expect(await isAlive(stranger)).toBe(true);
    expect(await readdir(folder)).toEqual([]);
  });

  it('not a process of this boot that a note of another boot happens to fit', async () => {
    const child = await running();
    await writeNote(child, await killed(), 'another boot');
    await leftovers().endAll();
    expect(await isAlive(child)).toBe(true);
    expect(await readdir(folder)).toEqual([]);
  });

  it('but an owner’s number that is a stranger’s now protects nothing', async () => {
    const child = await running();
    const stranger = await running();
    await writeNote(child, { ...stranger, startTime: '1' });
    await leftovers().endAll();
    expect(await isAlive(child)).toBe(false);
    expect(await isAlive(stranger)).toBe(true);
  });

  it.each(['0755', '0770', '0703'])('by notes in a folder that others may use (%s)', async (mode) => {
    const child = await running();
    await writeNote(child, await killed());
    await chmod(folder, parseInt(mode, 8));
    const all = leftovers();
    await all.endAll();
    await (
      await all.note(child.pid)
    )();
    expect(await isAlive(child)).toBe(true);
    expect(logged).toEqual([
      ['warn', 'The folder for notes is not private, so capture processes that a crash leaves running are not found.'],
    ]);
  });

  it('by notes behind a symbolic link, be it the folder or the note', async () => {
    const child = await running();
    await writeNote(child, await killed());
    const [name = ''] = await readdir(folder);
    const elsewhere = folder;
    folder = join(home.path, 'link');
    await symlink(elsewhere, folder);
    await leftovers().endAll();
    expect(logged).toHaveLength(1);
    folder = join(home.path, 'own');
    await mkdir(folder, { mode: 0o700 });
    await symlink(join(elsewhere, name), join(folder, name));
    await leftovers().endAll();
    expect(await isAlive(child)).toBe(true);
  });

  it.each([
    ['no JSON', 'x'],
    ['no object', '[]'],
    ['an impossible number', JSON.stringify({ boot: 'b', owner: { pid: 1, startTime: '1' }, child: {} })],
    ['no start time', JSON.stringify({ boot: 'b', owner: { pid: 2, startTime: 1 }, child: { pid: 3 } })],
    ['a giant', JSON.stringify({ boot: 'x'.repeat(5_000) })],
  ])('by a note that is none (%s), which goes when its process is gone', async (_what, text) => {
    const child = await running();
    await mkdir(folder, { mode: 0o700 });
    const ofLiving = `${child.pid}-${child.startTime}.json`;
    for (const name of [ofLiving, `${child.pid}-1.json`, 'other.json']) await writeFile(join(folder, name), text);
    await leftovers().endAll();
    expect(await isAlive(child)).toBe(true);
    expect((await readdir(folder)).sort()).toEqual([ofLiving, 'other.json'].sort());
  });
});

describe('a note', () => {
  it('is this user’s alone, says what is needed, and is taken back', async () => {
    const child = await running();
    const takeBack = await leftovers().note(child.pid);
    const [name = ''] = await readdir(folder);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(join(folder, name), 'utf8'))).toEqual({
      boot: await bootId(),
      owner: await identityOf(process.pid),
      child,
    });
    await takeBack();
    await takeBack();
    expect(await readdir(folder)).toEqual([]);
  });

  it('is not made of a process that has ended', async () => {
    const { pid } = await killed();
    await (
      await leftovers().note(pid)
    )();
    await expect(readdir(folder)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is done without where the folder cannot be made', async () => {
    folder = join(home.path, 'missing', 'csi-cameras');
    const all = leftovers();
    await all.endAll();
    await (
      await all.note((await running()).pid)
    )();
    expect(logged.map(([level]) => level)).toEqual(['debug', 'debug']);
  });

  it('lies in the user’s runtime folder, else in one of his own among the temporary ones', () => {
    expect(noteFolder({ XDG_RUNTIME_DIR: home.path })).toBe(folder);
    const own = join(tmpdir(), `csi-cameras-${process.getuid?.()}`);
    expect(noteFolder({})).toBe(own);
    expect(noteFolder({ XDG_RUNTIME_DIR: 'relative' })).toBe(own);
    expect(noteFolder({ XDG_RUNTIME_DIR: join(home.path, 'gone') })).toBe(own);
  });
});

describe('a camera source', () => {
  it('ends leftovers before it opens a camera, and keeps a note on its own process while that runs', async () => {
    const tools = await ToolFolder.make();
    const tool = await tools.tool('cat "$FRAMES"; exec sleep 1000');
    const leftover = await running(`trap '' INT; while :; do sleep 1; done`);
    await writeNote(leftover, await killed());
    const source = new RpicamSource({ captureTool: [tool], clock: systemClock, noteFolder: folder });
    const heard = new HeardStream();
    const stream = await source.open(requestFor(), heard, new AbortController().signal);
    expect(await isAlive(leftover)).toBe(false);
    await heard.frames(3);
    const pid = heard.pid ?? 0;
    const noted = async (): Promise<boolean> => (await readdir(folder)).some((name) => name.startsWith(`${pid}-`));
    while (!(await noted())); // written beside the stream, which does not wait for it
    await stream.close(5_000);
    while (await noted());
    await tools.remove();
  });
});
