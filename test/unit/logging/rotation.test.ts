import { statSync } from 'node:fs';
import { appendFile, mkdir, readFile, readdir, rename, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../src/core/clock.js';
import { commandLine } from '../../../src/logging/command-log.js';
import {
  LOG_BOUNDS,
  RotatingLogSink,
  type LogBounds,
  type LogFileName,
  type RotatingLogSinkDependencies,
} from '../../../src/logging/rotating-log-sink.js';
import { createRotatingStream, type RotatingStreamFactory } from '../../../src/logging/rotating-stream.js';
import { contentOf, filesOf, recordsOf, sizesOf, temporaryFolder, until } from './log-folder.js';

const NAMES = Object.keys(LOG_BOUNDS) as LogFileName[];
const TINY: Record<LogFileName, LogBounds> = {
  'csicameras.log': { maxBytes: 16 * 1024, backups: 5 },
  'commands.jsonl': { maxBytes: 8 * 1024, backups: 3 },
  'frame_drops.jsonl': { maxBytes: 4 * 1024, backups: 3 },
};

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

function sinkWith(dependencies: Partial<RotatingLogSinkDependencies> = {}): RotatingLogSink {
  return new RotatingLogSink({ clock: systemClock, bounds: TINY, ...dependencies });
}

/** Looks at the file and its newest backups after every write and every rotation, before anything else can happen. */
function watchedSizes(largest: Map<string, number>): RotatingStreamFactory {
  return async (name, settings) => {
    const stream = await createRotatingStream(name, settings);
    const look = (): void => {
      for (const file of [name, `${name}.1`, `${name}.2`]) {
        const size = statSync(join(settings.path, file), { throwIfNoEntry: false })?.size ?? 0;
        largest.set(file, Math.max(size, largest.get(file) ?? 0));
      }
    };
    for (const moment of ['open', 'rotation', 'rotated']) stream.on(moment, look);
    const write = stream.write.bind(stream) as (bytes: Buffer, done: (error?: Error | null) => void) => boolean;
    stream.write = ((bytes: Buffer, done: (error?: Error | null) => void) =>
      write(bytes, (error) => {
        look();
        done(error);
      })) as typeof stream.write;
    return stream;
  };
}

/** The numbers are those of the last lines written, without a gap. */
function expectTail(numbers: unknown[], last: number): void {
  expect(numbers.length).toBeGreaterThan(0);
  expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => last - numbers.length + 1 + index));
}

async function numbersIn(name: LogFileName): Promise<unknown[]> {
  const records = await recordsOf(folder.path, name);
  return records.filter((record) => 'n' in record || 'frame_num' in record).map((r) => r['n'] ?? r['frame_num']);
}

describe('rotation', () => {
  it('keeps every file within its bounds, splits no line and loses none, in a burst of 100,000 lines', async () => {
    const largest = new Map<string, number>();
    const sink = sinkWith({ createStream: watchedSizes(largest), queueBytes: 32 * 1024 * 1024 });
    sink.open(folder.path);
    for (let n = 1; n <= 50_000; n += 1) {
      sink.command({ n, pad: 'é'.repeat(n % 97) });
      sink.log('info', 'burst', { n });
    }
    for (let frame = 1; frame <= 90; frame += 1) {
      sink.drop({ reason: 'corrupt', monoNs: 1n, frameNumber: frame, deviceId: 'picam:0', trial: null });
    }
    await sink.close(60_000);

    expect(sink.losses()).toEqual({ application: 0, commands: 0, drops: 0 });
    for (const name of NAMES) {
      const { maxBytes, backups } = TINY[name];
      const sizes = await sizesOf(folder.path, name);
      expect(Math.max(...sizes, largest.get(name) ?? 0, largest.get(`${name}.1`) ?? 0)).toBeLessThanOrEqual(maxBytes);
      expect(sizes.slice(0, -1).every((size) => size >= maxBytes / 2)).toBe(true);
      expect((await filesOf(folder.path, name)).length).toBeLessThanOrEqual(backups + 1);
    }
    expect(await filesOf(folder.path, 'commands.jsonl')).toHaveLength(4);
    expect(await filesOf(folder.path, 'csicameras.log')).toHaveLength(6);
    expectTail(await numbersIn('commands.jsonl'), 50_000);
    expectTail(await numbersIn('csicameras.log'), 50_000);
    expectTail(await numbersIn('frame_drops.jsonl'), 90);
  });

  it('stays within its bounds where whole blocks meet a file that is just below the limit', async () => {
    const { maxBytes } = TINY['commands.jsonl'];
    const lineBytes = maxBytes / 16; // four lines fill a block of a quarter of the file to the byte
    const wallMs = Date.now();
    const bare = commandLine({ pad: '' }, wallMs, lineBytes).length + 1;
    const pad = 'x'.repeat(lineBytes - bare);
    // So the blocks end a little above every multiple of their size, the last one before the limit too.
    await writeFile(join(folder.path, 'commands.jsonl'), `${JSON.stringify({ n: 0, pad: 'x'.repeat(48) })}\n`);
    const largest = new Map<string, number>();
    const sink = sinkWith({ clock: { ...systemClock, wallMs: () => wallMs }, createStream: watchedSizes(largest) });
    sink.open(folder.path);
    for (let line = 0; line < 64; line += 1) sink.command({ pad });
    await sink.close(60_000);
    expect(sink.losses().commands).toBe(0);
    expect(Math.max(...(await sizesOf(folder.path, 'commands.jsonl')), ...largest.values())).toBeLessThanOrEqual(
      maxBytes,
    );
    expect(largest.get('commands.jsonl')).toBeGreaterThan(maxBytes - maxBytes / 4);
  });

  it('holds with the bounds of the specification in a burst of 50 MB', async () => {
    const largest = new Map<string, number>();
    const sink = sinkWith({
      bounds: LOG_BOUNDS,
      createStream: watchedSizes(largest),
      queueBytes: 64 * 1024 * 1024,
    });
    sink.open(folder.path);
    const pad = 'x'.repeat(1_000);
    for (let n = 1; n <= 50_000; n += 1) sink.command({ n, pad });
    await sink.close(60_000);

    expect(sink.losses().commands).toBe(0);
    const maxBytes = 5 * 1024 * 1024;
    const sizes = await sizesOf(folder.path, 'commands.jsonl');
    expect(sizes).toHaveLength(4);
    expect(Math.max(...sizes, largest.get('commands.jsonl') ?? 0)).toBeLessThanOrEqual(maxBytes);
    expect(Math.min(...sizes.slice(0, 3))).toBeGreaterThan(maxBytes - 64 * 1024 - 2_000);
    expectTail(await numbersIn('commands.jsonl'), 50_000);
  });

  it('holds across many openings, whatever half line the last one left', async () => {
    let n = 0;
    for (let opening = 0; opening < 40; opening += 1) {
      const sink = sinkWith();
      sink.open(folder.path);
      for (let line = 0; line < 7 + opening * 3; line += 1) sink.command({ n: (n += 1), pad: 'x'.repeat(90) });
      await sink.close(60_000);
      await appendFile(join(folder.path, 'commands.jsonl'), `{"n":${n + 1},"pad":"xx`.slice(0, opening % 19));
    }
    const sink = sinkWith();
    sink.open(folder.path);
    sink.command({ n: (n += 1) });
    await sink.close(60_000);

    expect(Math.max(...(await sizesOf(folder.path, 'commands.jsonl')))).toBeLessThanOrEqual(8 * 1024);
    expectTail(await numbersIn('commands.jsonl'), n);
    const notes = await recordsOf(folder.path, 'csicameras.log');
    expect(notes).toContainEqual(
      expect.objectContaining({ msg: 'An incomplete last line was cut off a log.', bytes: 18 }),
    );
  });

  it('does not push out a backup when a kill interrupted the rotation before', async () => {
    const write = async (count: number, from: number): Promise<void> => {
      const sink = sinkWith();
      sink.open(folder.path);
      for (let n = from; n < from + count; n += 1) sink.command({ n, pad: 'x'.repeat(90) });
      await sink.close(60_000);
    };
    await write(150, 1);
    const file = join(folder.path, 'commands.jsonl');
    expect(await filesOf(folder.path, 'commands.jsonl')).toHaveLength(3);
    await rename(`${file}.2`, `${file}.3`);
    await rename(`${file}.1`, `${file}.2`); // the last rename of the next rotation was not made
    await write(60, 151);
    const numbers = await numbersIn('commands.jsonl');
    expect(numbers[0]).toBe(1);
    expectTail(numbers, 210);
  });

  it('goes on with a file that is already as long as it may be', async () => {
    const line = `${JSON.stringify({ n: 0, pad: 'x'.repeat(500) })}\n`;
    await writeFile(join(folder.path, 'commands.jsonl'), line.repeat(Math.floor((8 * 1024) / line.length)));
    const sink = sinkWith();
    sink.open(folder.path);
    sink.command({ n: 1, pad: 'x'.repeat(500) });
    await sink.close(60_000);
    expect(Math.max(...(await sizesOf(folder.path, 'commands.jsonl')))).toBeLessThanOrEqual(8 * 1024);
    expect((await numbersIn('commands.jsonl')).at(-1)).toBe(1);
  });

  it('splits a file that is longer than it may be at line ends, and loses nothing that the backups can hold', async () => {
    const lines = Array.from(
      { length: 320 },
      (_, index) => `${JSON.stringify({ n: index + 1, pad: 'x'.repeat(40) })}\n`,
    );
    await writeFile(join(folder.path, 'commands.jsonl'), `${lines.join('')}{"half`);
    await writeFile(join(folder.path, 'commands.jsonl.1'), '{"n":0}\n');
    const sink = sinkWith();
    sink.open(folder.path);
    sink.command({ n: 321 });
    await sink.close(60_000);
    expect(Math.max(...(await sizesOf(folder.path, 'commands.jsonl')))).toBeLessThanOrEqual(8 * 1024);
    const numbers = await numbersIn('commands.jsonl');
    expect(numbers[0]).toBe(0);
    expect(numbers).toHaveLength(322);
    expectTail(numbers, 321);
  });

  it('keeps the newest part of a file that is longer than all backups', async () => {
    const lines = Array.from(
      { length: 2_000 },
      (_, index) => `${JSON.stringify({ n: index + 1, pad: 'x'.repeat(40) })}\n`,
    );
    await writeFile(join(folder.path, 'commands.jsonl'), lines.join(''));
    const sink = sinkWith();
    sink.open(folder.path);
    await sink.close(60_000);
    expect(await filesOf(folder.path, 'commands.jsonl')).toHaveLength(4);
    expect(Math.max(...(await sizesOf(folder.path, 'commands.jsonl')))).toBeLessThanOrEqual(8 * 1024);
    expectTail(await numbersIn('commands.jsonl'), 2_000);
  });

  it('makes directory and files readable by their owner alone, and leaves an existing directory as it is', async () => {
    const made = join(folder.path, 'logs', 'instance');
    const sink = sinkWith();
    sink.open(made);
    await sink.close(60_000);
    expect((await readdir(made)).sort()).toEqual([...NAMES].sort());
    expect((await stat(made)).mode & 0o777).toBe(0o700);
    for (const name of NAMES) expect((await stat(join(made, name))).mode & 0o777).toBe(0o600);

    const existing = join(folder.path, 'existing');
    await mkdir(existing, { mode: 0o755 });
    sink.open(existing);
    await sink.close(60_000);
    expect((await stat(existing)).mode & 0o777).toBe(0o755);
  });

  it('keeps what another program appends meanwhile, and its own bounds', async () => {
    const sink = sinkWith();
    sink.open(folder.path);
    const file = join(folder.path, 'commands.jsonl');
    for (let n = 1; n <= 300; n += 1) {
      sink.command({ n, pad: 'x'.repeat(90) });
      if (n % 10 !== 0) continue;
      const sought = `"n":${n},`;
      await until(async () => (await contentOf(folder.path, 'commands.jsonl').catch(() => '')).includes(sought));
      await appendFile(file, `{"other":"${'x'.repeat(300)}"}\n`);
    }
    await sink.close(60_000);
    expect(Math.max(...(await sizesOf(folder.path, 'commands.jsonl')))).toBeLessThanOrEqual(8 * 1024);
    expect(await recordsOf(folder.path, 'csicameras.log')).toEqual([]); // nothing failed
    expectTail(await numbersIn('commands.jsonl'), 300);
    expect(sink.losses().commands).toBe(0);
  });

  it('refuses bounds too small for a line that says it was cut', () => {
    expect(() => sinkWith({ bounds: { 'commands.jsonl': { maxBytes: 1_000, backups: 3 } } })).toThrow(RangeError);
  });

  it('cuts a line that is longer than a block to valid JSON that says so', async () => {
    const sink = sinkWith({ bounds: LOG_BOUNDS });
    sink.open(folder.path);
    sink.log('error', 'm'.repeat(100_000), { payload: { pad: 'x'.repeat(20_000) }, short: 'kept' });
    sink.command({ dir: 'in', payload: 'y'.repeat(1024 * 1024) });
    await sink.close(60_000);
    for (const name of ['csicameras.log', 'commands.jsonl'] as const) {
      const text = await readFile(join(folder.path, name), 'utf8');
      expect(text.length).toBeLessThanOrEqual(64 * 1024);
      expect(JSON.parse(text)).toMatchObject({ cut: true });
    }
    const [line] = await recordsOf(folder.path, 'csicameras.log');
    expect(line).toMatchObject({ level: 50, pid: process.pid, short: 'kept', msg: expect.stringMatching(/^m{8192}/) });
    await truncate(join(folder.path, 'csicameras.log'), 0);
  });
});
