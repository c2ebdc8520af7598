import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { Clock } from '../../../../src/core/clock.js';
import { keptFileName, keptText, MAX_KEPT_BYTES, readKeptText } from '../../../../src/module/settings/kept-file.js';
import { KeptFolder } from '../../../../src/module/settings/kept-folder.js';
import { KeptSettings } from '../../../../src/module/settings/kept-settings.js';
import { FaultyFileSystem } from '../../../harness/faulty-file-system.js';
import { ManualClock } from '../../../harness/manual-clock.js';
import { patientClock } from '../../../harness/patient-clock.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';
import { anySettings } from './any-settings.js';

const IMX296 = '/base/axi/pcie@120000/rp1/i2c@88000/imx296@1a';
const IMX219 = '/base/axi/pcie@120000/rp1/i2c@80000/imx219@10';
const FILE = 'i2c@88000_imx296@1a.json';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let path: string;
let disk: FaultyFileSystem;
let warnings: string[];

beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder.path, 'state', 'cameras');
  disk = new FaultyFileSystem();
  warnings = [];
});

afterEach(async () => {
  await folder.remove();
});

const warn = (code: string, message: string): void => {
  warnings.push(`${code}: ${message}`);
};

/** A store that has read its folder, as a module has at its start. */
async function loaded(clock: Clock = patientClock): Promise<KeptSettings> {
  const kept = new KeptSettings(new KeptFolder(disk.fileSystem, clock, path), clock, () => undefined);
  await kept.load(warn);
  return kept;
}

async function writeKept(text: string | Buffer, name = FILE): Promise<void> {
  await mkdir(path, { recursive: true });
  await writeFile(join(path, name), text);
}

function promised(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

const textWith = (settings: object): string => keptText({ cameraId: IMX296, model: 'imx296', index: 0, settings });

describe('two processes that keep settings of the same camera', () => {
  it('each change only what they were told to change', async () => {
    const first = await loaded();
    await first.keep(IMX296, 0, { gain: 2, fps: 20 });
    const other = await loaded();
    await other.keep(IMX296, 0, { gain: 2, fps: 20, contrast: 3, colourGains: [1, 2] });
    await first.keep(IMX296, 0, { gain: 4 });
    expect((await loaded()).find(IMX296)?.settings).toEqual({ gain: 4, contrast: 3, colourGains: [1, 2] });
    first.noteSeen(IMX296, 1, false);
    await first.load(warn);
    expect(first.guess({ index: 1 })?.settings).toEqual({ gain: 4, contrast: 3, colourGains: [1, 2] });
  });

  it('write all that they know where the file was removed, and what a full disk refused before', async () => {
    const kept = await loaded();
    await kept.keep(IMX296, 0, { gain: 2 });
    disk.inject({ operation: 'rename', times: 1, effect: { kind: 'fail', errno: 'ENOSPC' } });
    expect(await kept.keep(IMX296, 0, { gain: 3 })).toContain('ENOSPC');
    await kept.keep(IMX296, 0, { gain: 3, contrast: 2 });
    expect((await loaded()).find(IMX296)?.settings).toEqual({ gain: 3, contrast: 2 });
    await (await loaded()).forget(IMX296);
    await kept.keep(IMX296, 0, { gain: 3, contrast: 2, hflip: true });
    expect((await loaded()).find(IMX296)?.settings).toEqual({ gain: 3, contrast: 2, hflip: true });
  });
});

describe('what is kept', () => {
  it('is there at the next start, in one small file a camera that a person can read', async () => {
    const kept = await loaded();
    expect(await kept.keep(IMX296, 0, { gain: 2 })).toBeNull();
    expect(await kept.keep(IMX219, 1, { exposureTimeUs: 5000 })).toBeNull();
    const again = await loaded();
    expect(again.find(IMX296)?.settings).toEqual({ gain: 2 });
    expect(again.guess({ index: 1 })?.cameraId).toBe(IMX219);
    expect((await readdir(path)).sort()).toEqual(['i2c@80000_imx219@10.json', FILE]);
    expect(JSON.parse(await readFile(join(path, FILE), 'utf8'))).toEqual({
      format: 'csi-cameras settings of a camera',
      version: 1,
      cameraId: IMX296,
      model: 'imx296',
      index: 0,
      settings: { gain: 2 },
    });
    expect(warnings).toEqual([]);
  });

  it('is this user’s alone: files of mode 0600 in folders of mode 0700', async () => {
    await (await loaded()).keep(IMX296, 0, { gain: 2 });
    const modeOf = async (at: string): Promise<number> => (await stat(at)).mode & 0o777;
    expect(await modeOf(join(path, FILE))).toBe(0o600);
    expect(await modeOf(path)).toBe(0o700);
    expect(await modeOf(dirname(path))).toBe(0o700);
  });

  it('belongs to a camera whatever comes before the stable end of its id', async () => {
    await (await loaded()).keep(IMX296, 0, { gain: 2 });
    expect((await loaded()).find('/base/soc/i2c0mux/i2c@88000/imx296@1a')?.settings).toEqual({ gain: 2 });
    expect((await loaded()).find(IMX219)).toBeUndefined();
    expect((await loaded()).find('')).toBeUndefined();
  });

  it('is forgotten on request', async () => {
    const kept = await loaded();
    await kept.keep(IMX296, 0, { gain: 2 });
    expect(await kept.forget(IMX296)).toBeNull();
    expect(kept.find(IMX296)).toBeUndefined();
    expect(await readdir(path)).toEqual([]);
    expect(await kept.forget(IMX296)).toBeNull();
  });

  it('is read back as it was, in its order, whatever it is', () => {
    fc.assert(
      fc.property(anySettings, (settings) => {
        const read = readKeptText(keptText({ cameraId: IMX296, model: '', index: null, settings }));
        if (read.kind !== 'kept') throw new Error(read.why);
        expect(read.camera.settings).toEqual(settings);
        expect(Object.keys(read.camera.settings)).toEqual(Object.keys(settings));
        expect(read.dropped).toEqual([]);
      }),
    );
  });

  it('has a file name of its own for each stable end, which is a plain name in that folder', () => {
    const part = fc.string({
      unit: fc.constantFrom('a', 'B', '_', '.', '@', '/', '-', ' ', 'é', '\0'),
      maxLength: 150,
    });
    fc.assert(
      fc.property(part, part, (one, other) => {
        expect(keptFileName(one)).toMatch(/^[a-z0-9_@.,-]{1,110}\.json$/);
        expect(keptFileName(one)).not.toMatch(/^\./);
        const ends = [one, other].map((id) => id.toLowerCase().split('/').filter(Boolean).slice(-2).join('/'));
        expect(keptFileName(one) === keptFileName(other)).toBe(ends[0] === ends[1]);
      }),
    );
  });
});

describe('a kept file that cannot be used', () => {
  it.each([
    ['no JSON', '{"format": "csi-cam'],
    ['an empty file', ''],
    ['a foreign file', '{"gain": 2}'],
    ['JSON that is no object', '[1, 2, 3]'],
    ['no version', textWith({}).replace('"version":1', '"version":"1"')],
    ['no camera', textWith({}).replace(IMX296, '')],
    ['settings that are a list', textWith({}).replace('{}', '[]')],
    ['binary data', randomBytes(500)],
    ['a large file', textWith({ metering: 'x'.repeat(MAX_KEPT_BYTES) })],
    ['a huge file', Buffer.alloc(2 * 1024 * 1024, ' ')],
  ])('is set aside with a warning, and the defaults apply: %s', async (_, text) => {
    await writeKept(text);
    const kept = await loaded();
    expect(kept.all).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/^settings_set_aside: .* cannot be used: .*\. The file is now /)]);
    const [aside = '', ...others] = await readdir(path);
    expect(others).toEqual([]);
    expect(aside).toMatch(/^i2c@88000_imx296@1a\.json\.corrupt-\d{8}T\d+Z-[0-9a-f]{6}$/);
    // Jest compares large buffers byte by byte, which takes seconds.
    expect((await readFile(join(path, aside))).equals(Buffer.from(text))).toBe(true);
    // It is told once, and the next change is kept beside it.
    expect(await kept.keep(IMX296, 0, { gain: 3 })).toBeNull();
    expect((await loaded()).find(IMX296)?.settings).toEqual({ gain: 3 });
    expect(warnings).toHaveLength(1);
  });

  it('is set aside as newer where a newer version wrote it', async () => {
    await writeKept(textWith({ gain: 2 }).replace('"version":1', '"version":2'));
    expect((await loaded()).all).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining('a newer version of this program wrote it (format 2)')]);
    expect(await readdir(path)).toEqual([expect.stringMatching(/\.json\.newer-/)]);
  });

  it('is set aside where it is a link, a folder or a pipe, which is not followed, read or waited for', async () => {
    const elsewhere = join(folder.path, 'elsewhere.json');
    await writeFile(elsewhere, textWith({ gain: 2 }));
    await mkdir(join(path, 'i2c@1_folder@1.json'), { recursive: true });
    await symlink(elsewhere, join(path, FILE));
    execFileSync('mkfifo', [join(path, 'i2c@1_pipe@1.json')]);
    expect((await loaded()).all).toEqual([]);
    expect(warnings).toHaveLength(3);
    expect((await readdir(path)).filter((name) => name.endsWith('.json'))).toEqual([]);
    expect(await readFile(elsewhere, 'utf8')).toBe(textWith({ gain: 2 }));
  });

  it('is never more than a few files', async () => {
    for (let count = 0; count < 6; count += 1) {
      await writeKept(`broken ${count}`);
      await loaded(new ManualClock(Date.UTC(2026, 0, 1, 0, 0, count)));
    }
    const aside = (await readdir(path)).sort();
    expect(aside).toHaveLength(3);
    expect(await readFile(join(path, aside[2] ?? ''), 'utf8')).toBe('broken 5');
  });

  it('loses no other setting than the one that cannot be used, and the old file stays beside the next', async () => {
    const text = textWith({ gain: 0.5, contrast: 2, '--output': 'x', shutter: 1 });
    await writeKept(text);
    const kept = await loaded();
    expect(kept.find(IMX296)?.settings).toEqual({ contrast: 2 });
    expect(warnings).toEqual([
      expect.stringMatching(
        /^settings_set_aside: .* gain must be at least 1; --output is not a setting; shutter is not a setting\. The others apply\.$/,
      ),
    ]);
    expect(await readFile(join(path, FILE), 'utf8')).toBe(text);
    await kept.keep(IMX296, 0, { contrast: 3 });
    const aside = (await readdir(path)).find((name) => name.includes('.corrupt-')) ?? '';
    expect(await readFile(join(path, aside), 'utf8')).toBe(text);
  });

  it('stays where it is if it cannot be renamed, and is not written over', async () => {
    await writeKept('broken');
    const fault = disk.inject({ operation: 'rename', effect: { kind: 'fail', errno: 'EROFS' } });
    const kept = await loaded();
    expect(warnings).toEqual([expect.stringContaining('It could not be renamed (EROFS).')]);
    expect(await kept.keep(IMX296, 0, { gain: 2 })).toMatch(/could not be kept in .*: EROFS\./);
    expect(await readFile(join(path, FILE), 'utf8')).toBe('broken');
    fault.end();
    expect(await kept.keep(IMX296, 0, { gain: 2 })).toBeNull();
  });

  it('stays as it is while the disk fails, and is not written over by what nobody could read', async () => {
    await writeKept(textWith({ gain: 2, contrast: 3 }));
    const fault = disk.inject({ operation: 'open', path: FILE, effect: { kind: 'fail', errno: 'EIO' } });
    const kept = await loaded();
    expect(kept.all).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/^settings_unreadable: .* could not be read \(EIO\)/)]);
    fault.end();
    expect(await kept.keep(IMX296, 0, { gain: 9 })).toMatch(/what was kept before .* could not be read/);
    kept.noteSeen(IMX296, 5, true);
    expect((await loaded()).find(IMX296)).toMatchObject({ settings: { gain: 2, contrast: 3 }, index: 0 });
  });

  it('is told where this user may not read it', async () => {
    await writeKept(textWith({ gain: 2 }));
    disk.inject({ operation: 'open', path: FILE, effect: { kind: 'fail', errno: 'EACCES' } });
    expect((await loaded()).all).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/^settings_set_aside: .*this user may not read it/)]);
  });
});

describe('a place that cannot be written', () => {
  it.each(['EACCES', 'EROFS', 'ENOSPC'])('costs the keeping and nothing else, with a sentence: %s', async (errno) => {
    const kept = await loaded();
    disk.inject({ operation: 'mkdir', effect: { kind: 'fail', errno } });
    expect(await kept.keep(IMX296, 0, { gain: 2 })).toBe(
      `The settings could not be kept in ${path}: ${errno}. They apply until the camera is unassigned.`,
    );
  });

  it.each(['open', 'writeFile', 'sync', 'close', 'rename'] as const)(
    'leaves the old file and nothing else where %s fails',
    async (operation) => {
      const kept = await loaded();
      await kept.keep(IMX296, 0, { gain: 2 });
      disk.inject({ operation, path: /\.write-/, effect: { kind: 'fail', errno: 'ENOSPC' } });
      expect(await kept.keep(IMX296, 0, { gain: 3 })).toContain('ENOSPC');
      expect(await readdir(path)).toEqual([FILE]);
      expect((await loaded()).find(IMX296)?.settings).toEqual({ gain: 2 });
    },
  );

  it('may be no folder at all', async () => {
    await writeFile(join(folder.path, 'state'), 'a file');
    const kept = await loaded();
    expect(kept.all).toEqual([]);
    expect(await kept.keep(IMX296, 0, { gain: 2 })).toMatch(/could not be (?:kept|read)/);
    expect(await readFile(join(folder.path, 'state'), 'utf8')).toBe('a file');
  });

  it('may not exist for this user: then a sentence says how to name one, once something is to be kept', async () => {
    const kept = new KeptSettings(null, patientClock, () => undefined);
    await kept.load(warn);
    expect(warnings).toEqual([]);
    expect(await kept.keep(IMX296, 0, { gain: 2 })).toContain('Name one with --state-dir.');
    expect(await kept.forget(IMX296)).toBeNull();
  });
});

describe('a disk that hangs', () => {
  const never = new Promise<void>(() => {});

  it('delays a start by one second at most: without kept settings, with a warning, and no file is lost', async () => {
    await writeKept(textWith({ gain: 2 }));
    const fault = disk.inject({ operation: 'readdir', effect: { kind: 'stall', until: never } });
    const clock = new ManualClock();
    const loading = loaded(clock);
    await clock.advance(1000);
    const kept = await loading;
    expect(kept.all).toEqual([]);
    expect(warnings).toEqual([
      `settings_unreadable: The kept settings in ${path} could not be read (the disk does not answer). Cameras open without them.`,
    ]);
    // The disk is back, but what is on it is not known here.
    fault.end();
    expect(await kept.keep(IMX296, 0, { gain: 9 })).toMatch(/what was kept before .* could not be read/);
    expect((await loaded()).find(IMX296)?.settings).toEqual({ gain: 2 });
  });

  it('delays a change by one second at most, and takes the last one when it answers', async () => {
    const clock = new ManualClock();
    const kept = await loaded();
    const { promise: until, resolve: answer } = promised();
    disk.inject({ operation: 'sync', path: /\.write-/, times: 1, effect: { kind: 'stall', until } });
    const timed = new KeptSettings(new KeptFolder(disk.fileSystem, clock, path), clock, () => undefined);
    await timed.load(warn);
    const first = timed.keep(IMX296, 0, { gain: 2 });
    const second = timed.keep(IMX296, 0, { gain: 3 });
    await new Promise(setImmediate);
    await clock.advance(1000);
    expect(await first).toContain('the disk does not answer');
    expect(await second).toContain('the disk does not answer');
    answer();
    expect(await timed.keep(IMX219, 1, { gain: 4 })).toBeNull();
    await kept.load(warn);
    expect(kept.find(IMX296)?.settings).toEqual({ gain: 3 });
  });
});

describe('a process that dies while it writes', () => {
  const written = (gain: number, { fileSystem }: FaultyFileSystem): Promise<void> =>
    new KeptFolder(fileSystem, patientClock, path).write(
      { cameraId: IMX296, model: '', index: 0, settings: { gain } },
      ['gain'],
    );

  it('leaves the old file or the new one, whole, at whichever step it dies', async () => {
    await written(1, disk);
    const counting = new FaultyFileSystem();
    let steps = 0;
    counting.observe(() => {
      steps += 1;
    });
    await written(2, counting);
    expect(steps).toBeGreaterThan(8);
    const found = new Set<number>();
    for (let last = 1; last <= steps; last += 1) {
      await written(1, disk);
      const dying = new FaultyFileSystem();
      const [isDead, goOn] = [promised(), promised()];
      let calls = 0;
      dying.observe(() => {
        calls += 1;
        if (calls !== last) return undefined;
        isDead.resolve();
        return goOn.promise;
      });
      const writing = written(2, dying);
      await isDead.promise;
      const read = readKeptText(await readFile(join(path, FILE), 'utf8'));
      if (read.kind !== 'kept') throw new Error(`Dead after ${last} calls: ${read.why}.`);
      found.add(read.camera.settings.gain ?? 0);
      // What a new process finds is the same, without a warning.
      expect((await loaded()).find(IMX296)?.settings).toEqual(read.camera.settings);
      goOn.resolve();
      await writing;
    }
    expect(found).toEqual(new Set([1, 2]));
    expect(warnings).toEqual([]);
  });

  it('leaves a temporary file that the next writer removes, and no other’s', async () => {
    await mkdir(path, { recursive: true });
    const dead = `.write-${2 ** 22 + 5}-0123456789abcdef`;
    const alive = `.write-${process.pid}-0123456789abcdef`;
    for (const name of [dead, alive, '.write-x', '.write-7']) await writeFile(join(path, name), 'half');
    const kept = await loaded();
    await kept.keep(IMX296, 0, { gain: 2 });
    expect((await readdir(path)).sort()).toEqual([alive, '.write-7', '.write-x', FILE].sort());
    expect(warnings).toEqual([]);
  });
});

describe('two processes', () => {
  it('that keep at once leave a whole file with the change of one of them at least', async () => {
    const [one, other] = [await loaded(), await loaded()];
    for (let round = 1; round <= 20; round += 1) {
      const both = [one.keep(IMX296, 0, { gain: round }), other.keep(IMX296, 0, { contrast: round })];
      expect(await Promise.all(both)).toEqual([null, null]);
      const { settings } = (await loaded()).find(IMX296) ?? {};
      expect(Object.values(settings ?? {})).toContain(round);
    }
    expect(await readdir(path)).toEqual([FILE]);
    expect(warnings).toEqual([]);
  });
});
