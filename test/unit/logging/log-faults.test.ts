import { access, mkdir, readdir, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { realFileSystem, type FileSystem } from '../../../src/core/file-system.js';
import {
  LOG_BOUNDS,
  RotatingLogSink,
  type RotatingLogSinkDependencies,
} from '../../../src/logging/rotating-log-sink.js';
import { ManualClock, settled } from '../../harness/manual-clock.js';
import { FaultyDisk } from './faulty-stream.js';
import { recordsOf, temporaryFolder, until } from './log-folder.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let logs: string;
let clock: ManualClock;
let disk: FaultyDisk;
beforeEach(async () => {
  folder = await temporaryFolder();
  logs = join(folder.path, 'logs');
  clock = new ManualClock();
  disk = new FaultyDisk();
});
afterEach(() => folder.remove());

function sinkWith(dependencies: Partial<RotatingLogSinkDependencies> = {}): RotatingLogSink {
  return new RotatingLogSink({ clock, createStream: disk.createStream, ...dependencies });
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const numbers = async (name = 'commands.jsonl'): Promise<unknown[]> =>
  (await recordsOf(logs, name)).filter((record) => 'n' in record).map(({ n }) => n);

async function allOpen(): Promise<void> {
  const files = Object.keys(LOG_BOUNDS).map((file) => join(logs, file));
  await until(async () => (await Promise.all(files.map(isThere))).every(Boolean));
}

/** The line is on disk. */
async function written(name: string, n: number): Promise<void> {
  await until(async () => (await isThere(join(logs, name))) && (await numbers(name)).includes(n));
}

/** Turns the clock on until the log writes again. */
async function retriedUntil(isTrue: () => Promise<boolean> | boolean): Promise<void> {
  await until(async () => {
    await clock.advance(1_000);
    return isTrue();
  });
}

describe('a full disk', () => {
  it('leaves no half line, and each line once, when there is space again', async () => {
    const sink = sinkWith();
    sink.open(logs);
    sink.command({ n: 1 });
    await written('commands.jsonl', 1);
    disk.mood = 'short';
    for (let n = 2; n <= 20; n += 1) sink.command({ n, pad: 'x'.repeat(50) }); // one block: half of it is nine lines and a half
    await until(() => disk.mood === 'full' && disk.writes >= 3);
    sink.command({ n: 21 });
    await retriedUntil(() => disk.writes >= 6); // tried again and again
    disk.mood = 'works';
    await retriedUntil(async () => (await numbers()).includes(21));
    await sink.close(10_000);
    expect(await numbers()).toEqual(Array.from({ length: 21 }, (_, index) => index + 1));
    expect(sink.losses()).toEqual({ application: 0, commands: 0, drops: 0 });
  });

  it('says in csicameras.log what failed and when it worked again, once', async () => {
    const sink = sinkWith();
    sink.open(logs);
    sink.command({ n: 1 });
    await written('commands.jsonl', 1);
    disk.mood = 'full';
    sink.command({ n: 2 });
    await retriedUntil(() => disk.writes >= 10);
    disk.mood = 'works';
    await retriedUntil(async () => (await numbers()).includes(2));
    await sink.close(10_000);
    const records = await recordsOf(logs, 'csicameras.log');
    const file = join(logs, 'commands.jsonl');
    const ofCommands = records.filter(({ path }) => path === file);
    expect(ofCommands).toEqual([
      expect.objectContaining({ level: 40, operation: 'write', errno: 'ENOSPC' }),
      expect.objectContaining({ level: 40, msg: 'A log can be written again.', attempts: expect.any(Number) }),
    ]);
  });

  it('drops and counts lines beyond the bound, and resumes with a line that says how many', async () => {
    const sink = sinkWith({ queueBytes: 128 * 1024 });
    sink.open(logs);
    sink.command({ n: 0 });
    await written('commands.jsonl', 0);
    disk.mood = 'full';
    for (let n = 1; n <= 10_000; n += 1) sink.command({ n, pad: 'x'.repeat(90) });
    const { commands: lost } = sink.losses();
    expect(lost).toBeGreaterThan(8_000);
    await retriedUntil(() => disk.writes >= 5);
    disk.mood = 'works';
    await retriedUntil(async () => (await recordsOf(logs, 'commands.jsonl')).some(({ event }) => event !== undefined));
    sink.command({ n: 20_000 });
    await sink.close(10_000);

    const records = await recordsOf(logs, 'commands.jsonl');
    const gapAt = records.findIndex(({ event }) => event === 'lines_lost');
    expect(records[gapAt]).toEqual({
      ts: expect.any(Number),
      event: 'lines_lost',
      lines: lost,
      since: expect.any(Number),
    });
    expect(records.slice(0, gapAt).map(({ n }) => n)).toEqual(Array.from({ length: 10_001 - lost }, (_, n) => n));
    expect(records.slice(gapAt + 1).map(({ n }) => n)).toEqual([20_000]);
    expect(sink.losses().commands).toBe(lost);
  });

  it('gives up at once when it is closed while the disk is full, counts, and tells of it at the next opening', async () => {
    const sink = sinkWith();
    sink.open(logs);
    sink.log('info', 'x', { n: 0 });
    await written('csicameras.log', 0);
    disk.mood = 'full';
    for (let n = 1; n <= 5; n += 1) sink.log('info', 'x', { n });
    await settled();
    await sink.close(10_000); // the clock stands still: no limit is waited for
    expect(sink.losses().application).toBeGreaterThanOrEqual(5);
    disk.mood = 'works';
    sink.open(logs);
    await sink.close(10_000);
    expect(await recordsOf(logs, 'csicameras.log')).toContainEqual(
      expect.objectContaining({ level: 50, msg: 'Log lines were lost here.', lines: sink.losses().application }),
    );
    expect(clock.timers).toBe(0);
  });
});

describe('a directory', () => {
  it('that vanishes while it is written is made again, and no line after that is lost', async () => {
    const sink = sinkWith();
    sink.open(logs);
    sink.command({ n: 1 });
    await written('commands.jsonl', 1);
    await allOpen();
    await rm(logs, { recursive: true });
    sink.command({ n: 2 });
    sink.log('info', 'x', { n: 3 });
    await written('commands.jsonl', 2);
    await written('csicameras.log', 3);
    await sink.close(10_000);
    expect(await numbers()).toEqual([2]);
    expect(sink.losses()).toEqual({ application: 0, commands: 0, drops: 0 });
  });

  it('that is moved away keeps its lines, and a new one goes on', async () => {
    const sink = sinkWith();
    sink.open(logs);
    sink.command({ n: 1 });
    await written('commands.jsonl', 1);
    await allOpen();
    await rename(logs, join(folder.path, 'moved'));
    sink.command({ n: 2 });
    await sink.close(10_000);
    expect(await numbers()).toEqual([2]);
    expect((await recordsOf(join(folder.path, 'moved'), 'commands.jsonl')).at(0)).toMatchObject({ n: 1 });
  });

  it('whose file was deleted gets a new file', async () => {
    const sink = sinkWith();
    sink.open(logs);
    sink.command({ n: 1 });
    await written('commands.jsonl', 1);
    await unlink(join(logs, 'commands.jsonl'));
    sink.command({ n: 2 });
    await sink.close(10_000);
    expect(await numbers()).toEqual([2]);
  });

  it('that cannot be made at the start is tried again, and the lines wait', async () => {
    await writeFile(logs, 'a file where the directory should be');
    let attempts = 0;
    const countedMkdir = ((path: string, options: object) => {
      attempts += 1;
      return realFileSystem.mkdir(path, options);
    }) as FileSystem['mkdir'];
    const sink = sinkWith({ files: { ...realFileSystem, mkdir: countedMkdir } });
    sink.open(logs);
    for (let n = 1; n <= 100; n += 1) sink.command({ n });
    await retriedUntil(() => attempts > 10); // three logs, two at once, then every second
    await unlink(logs);
    await retriedUntil(async () => (await isThere(join(logs, 'commands.jsonl'))) && (await numbers()).includes(100));
    await sink.close(10_000);
    expect(await numbers()).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    const notes = await recordsOf(logs, 'csicameras.log');
    expect(notes).toContainEqual(expect.objectContaining({ level: 40, errno: 'ENOTDIR' }));
  });

  it('that may not be written at the start costs the lines when it stays so, and nothing else', async () => {
    let attempts = 0;
    const failingMkdir = (() => {
      attempts += 1;
      return Promise.reject(Object.assign(new Error('EACCES'), { code: 'EACCES' }));
    }) as FileSystem['mkdir'];
    const sink = sinkWith({ files: { ...realFileSystem, mkdir: failingMkdir } });
    sink.open(logs);
    sink.command({ n: 1 });
    await retriedUntil(() => attempts > 10);
    await sink.close(1_000);
    expect(sink.losses().commands).toBe(1);
    expect(await readdir(folder.path)).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  it('in which a rotation fails keeps each line once', async () => {
    const bounds = { 'commands.jsonl': { maxBytes: 4_096, backups: 1 } };
    await mkdir(join(logs, 'commands.jsonl.1', 'in the way'), { recursive: true });
    const sink = sinkWith({ bounds });
    sink.open(logs);
    for (let n = 1; n <= 32; n += 1) sink.command({ n, pad: 'x'.repeat(90) });
    await until(
      async () => (await isThere(join(logs, 'commands.jsonl'))) && (await clock.advance(1_000), disk.writes >= 3),
    );
    await rm(join(logs, 'commands.jsonl.1'), { recursive: true });
    await retriedUntil(async () => (await numbers()).includes(32));
    await sink.close(10_000);
    expect(await numbers()).toEqual(Array.from({ length: 32 }, (_, index) => index + 1));
    expect(sink.losses().commands).toBe(0);
  });
});

describe('a library that fails', () => {
  it('is asked again, whether it fails at once or while it opens the file', async () => {
    await writeFile(join(folder.path, 'file'), '');
    let attempts = 0;
    let isBroken = true;
    const sink = sinkWith({
      createStream: (name, settings) => {
        attempts += 1;
        if (!isBroken) return disk.createStream(name, settings);
        if (attempts % 2 === 0) return Promise.reject(new Error('cannot be imported'));
        return disk.createStream(name, { ...settings, path: join(folder.path, 'file') });
      },
    });
    sink.open(logs);
    sink.command({ n: 1 });
    await retriedUntil(() => attempts > 10);
    isBroken = false;
    await retriedUntil(async () => (await isThere(join(logs, 'commands.jsonl'))) && (await numbers()).includes(1));
    await sink.close(10_000);
    expect(await numbers()).toEqual([1]);
    expect(sink.losses().commands).toBe(0);
  });
});

describe('a disk that hangs', () => {
  it('holds up a close no longer than its limit, and its late answer changes nothing', async () => {
    const sink = sinkWith();
    sink.open(logs);
    sink.command({ n: 1 });
    await written('commands.jsonl', 1);
    disk.mood = 'hangs';
    sink.command({ n: 2 });
    await disk.hanging();
    for (let n = 3; n <= 7; n += 1) sink.command({ n });
    let isClosed = false;
    const closing = sink.close(500).then(() => (isClosed = true));
    await clock.advance(499);
    expect(isClosed).toBe(false);
    await clock.advance(1);
    await closing;
    expect(sink.losses().commands).toBe(6);

    const after = join(folder.path, 'after');
    sink.open(after);
    sink.command({ n: 8 });
    await disk.hanging(2);
    sink.command({ n: 9 });
    disk.mood = 'works';
    disk.release();
    await sink.close(10_000);
    expect(await recordsOf(after, 'commands.jsonl')).toEqual([
      expect.objectContaining({ event: 'lines_lost', lines: 6 }),
      expect.objectContaining({ n: 8 }),
      expect.objectContaining({ n: 9 }),
    ]);
    expect(sink.losses().commands).toBe(6);
    await until(() => disk.streams.every((stream) => stream.closed));
    expect(clock.timers).toBe(0);
  });

  it('keeps memory within the bound while lines go on coming', async () => {
    const sink = sinkWith({ queueBytes: 256 * 1024 });
    sink.open(logs);
    disk.mood = 'hangs';
    sink.command({ n: 0 });
    await disk.hanging();
    for (let n = 1; n <= 20_000; n += 1) sink.command({ n, pad: 'x'.repeat(90) });
    const kept = 20_001 - sink.losses().commands;
    expect(kept * 130).toBeLessThan(300 * 1024);
    disk.mood = 'works';
    disk.release();
    await sink.close(10_000);
    expect(await numbers()).toEqual(Array.from({ length: kept }, (_, n) => n));
  });
});
