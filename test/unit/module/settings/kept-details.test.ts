import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { keptFileName, keptText, readKeptText } from '../../../../src/module/settings/kept-file.js';
import { KeptFolder } from '../../../../src/module/settings/kept-folder.js';
import { KeptSettings } from '../../../../src/module/settings/kept-settings.js';
import { FaultyFileSystem } from '../../../harness/faulty-file-system.js';
import { ManualClock } from '../../../harness/manual-clock.js';
import { patientClock } from '../../../harness/patient-clock.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';

const IMX296 = '/base/axi/pcie@120000/rp1/i2c@88000/imx296@1a';
const IMX219 = '/base/axi/pcie@120000/rp1/i2c@80000/imx219@10';
const FILE = 'i2c@88000_imx296@1a.json';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let path: string;
let disk: FaultyFileSystem;

beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder.path, 'cameras');
  disk = new FaultyFileSystem();
});

afterEach(async () => {
  await folder.remove();
});

async function loaded(): Promise<KeptSettings> {
  const kept = new KeptSettings(new KeptFolder(disk.fileSystem, patientClock, path), patientClock, () => undefined);
  await kept.load(() => undefined);
  return kept;
}

/** Waits for the writes in the background. */
const settled = (kept: KeptSettings): Promise<void> => kept.load(() => undefined);

async function writeKept(settings: object, { cameraId = IMX296, model = 'imx296', name = FILE } = {}): Promise<void> {
  await mkdir(path, { recursive: true });
  await writeFile(join(path, name), keptText({ cameraId, model, index: 0, settings }));
}

const READ_FAILS = { operation: 'open', path: FILE, effect: { kind: 'fail', errno: 'EIO' } } as const;

describe('the name of a camera’s file', () => {
  it('is the same in whichever case the id is written, and short enough for every disk', () => {
    expect(keptFileName('/base/I2C@88000/IMX296@1A')).toBe(FILE);
    for (const length of [50, 99, 100, 101, 300]) {
      expect(keptFileName(`/base/i2c@1/${'m'.repeat(length)}@10`).length).toBeLessThanOrEqual(120);
    }
  });

  it('stands for a file of this program alone', () => {
    const other = keptText({ cameraId: IMX296, model: '', index: 0, settings: {} }).replace('csi-cameras', 'other');
    expect(readKeptText(other)).toEqual({ kind: 'corrupt', why: 'it is not a file of this program' });
  });
});

describe('a kept file that changes while the module runs', () => {
  it('is not replaced where the disk does not give it any more', async () => {
    await writeKept({ gain: 2 });
    const kept = await loaded();
    const fault = disk.inject(READ_FAILS);
    expect(await kept.keep(IMX296, 0, { gain: 3 })).toContain('the file that is there could not be read (EIO)');
    fault.end();
    expect((await loaded()).find(IMX296)?.settings).toEqual({ gain: 2 });
  });

  it('is set aside, not lost, where it was damaged meanwhile', async () => {
    const kept = await loaded();
    await writeKept({});
    await writeFile(join(path, FILE), 'damaged');
    expect(await kept.keep(IMX296, 0, { gain: 3 })).toBeNull();
    const [aside = '', ...others] = (await readdir(path)).filter((name) => name !== FILE);
    expect(others).toEqual([]);
    expect(await readFile(join(path, aside), 'utf8')).toBe('damaged');
  });

  it('is set aside and stays where the clock was set back, as after a start without a network', async () => {
    const clock = new ManualClock();
    const wallMs = Date.UTC(2026, 10, 26);
    for (const [time, damage] of ['first', 'second', 'third', 'fourth'].entries()) {
      await writeKept({});
      await writeFile(join(path, FILE), damage);
      clock.setWallMs(wallMs - time * 86_400_000);
      await new KeptFolder(disk.fileSystem, clock, path).readAll(() => undefined);
      const asides = await readdir(path);
      expect(asides.length).toBe(Math.min(3, time + 1));
      const texts = await Promise.all(asides.map((name) => readFile(join(path, name), 'utf8')));
      expect(texts).toContain(damage);
    }
  });

  it('is not written over by what was known before a reading that failed', async () => {
    await writeKept({ gain: 2 });
    const kept = await loaded();
    const fault = disk.inject({ operation: 'readdir', effect: { kind: 'fail', errno: 'EIO' } });
    await kept.load(() => undefined);
    fault.end();
    expect(await kept.keep(IMX296, 0, { gain: 3 })).toMatch(/what was kept before .* could not be read/);
    expect((await loaded()).find(IMX296)?.settings).toEqual({ gain: 2 });
  });

  it('tells why it cannot be forgotten, and is still there', async () => {
    const kept = await loaded();
    await kept.keep(IMX296, 0, { gain: 2 });
    disk.inject({ operation: 'unlink', effect: { kind: 'fail', errno: 'EACCES' } });
    expect(await kept.forget(IMX296)).toBe(`What is kept in ${path} could not be removed: EACCES.`);
    expect(kept.find(IMX296)?.settings).toEqual({ gain: 2 });
  });

  it('is gone where it is forgotten while a change is being written', async () => {
    const kept = await loaded();
    await kept.keep(IMX296, 0, { gain: 2 });
    expect(await Promise.all([kept.keep(IMX296, 0, { gain: 3 }), kept.forget(IMX296)])).toEqual([null, null]);
    expect(await readdir(path)).toEqual([]);
  });
});

describe('where a camera is', () => {
  it('is not written again while it stays there', async () => {
    const kept = await loaded();
    await kept.keep(IMX296, 0, { gain: 2 });
    const before = await stat(join(path, FILE));
    kept.noteSeen(IMX296, 0, true);
    await settled(kept);
    expect((await stat(join(path, FILE))).ino).toBe(before.ino);
  });

  it('is not written where nobody could read what is there', async () => {
    await writeKept({ gain: 2 });
    const fault = disk.inject(READ_FAILS);
    const kept = await loaded();
    fault.end();
    kept.noteSeen(IMX296, 5, true);
    await settled(kept);
    expect((await loaded()).find(IMX296)).toMatchObject({ index: 0, settings: { gain: 2 } });
  });

  it('is not known any more of a camera whose place another one has', async () => {
    const kept = await loaded();
    await kept.keep(IMX296, 0, { gain: 2 });
    kept.noteSeen(IMX219, 0, true);
    await settled(kept);
    expect(kept.find(IMX296)).toMatchObject({ index: null, settings: { gain: 2 } });
    expect(kept.guess({ index: 0 })?.cameraId).toBe(IMX219);
  });

  it('stays known through a change that does not tell it, as does the model', async () => {
    await writeKept({ gain: 2 }, { cameraId: 'odd', model: 'imx708', name: keptFileName('odd') });
    const kept = await loaded();
    expect(await kept.keep('odd', undefined, { gain: 3 })).toBeNull();
    expect((await loaded()).find('odd')).toMatchObject({ index: 0, model: 'imx708', settings: { gain: 3 } });
  });

  it('is not guessed by the place for an assignment that names another camera', async () => {
    const kept = await loaded();
    await kept.keep(IMX296, 0, { gain: 2 });
    expect(kept.guess({ stableId: IMX219, index: 0 })).toBeUndefined();
  });
});
