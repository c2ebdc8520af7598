import { chmod, mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CameraInfo } from '../../../../src/capture/camera-source.js';
import { KnownCameras } from '../../../../src/capture/listing/known-cameras.js';
import { bootId } from '../../../../src/core/process-identity.js';
import { patientClock } from '../../../harness/patient-clock.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';

const CAMERA: CameraInfo = {
  index: 1,
  model: 'imx219',
  id: '/base/i2c@80000/imx219@10',
  width: 3280,
  height: 2464,
  modes: [
    { format: 'SRGGB10_CSI2P', width: 1640, height: 1232, maxFps: 41.85, crop: [0, 0, 3280, 2464] },
    { format: 'SRGGB10_CSI2P', width: 640, height: 480, maxFps: 0 },
  ],
};

describe('a camera that was listed', () => {
  let home: Awaited<ReturnType<typeof temporaryFolder>>;
  let folder: string;
  let command: { readonly program: string; readonly leadingArguments: readonly string[] };
  let logged: string[];

  beforeEach(async () => {
    home = await temporaryFolder();
    folder = join(home.path, 'notes');
    command = { program: join(home.path, 'tool'), leadingArguments: ['--virtual'] };
    await writeFile(command.program, 'a tool', { mode: 0o755 });
    logged = [];
  });

  afterEach(async () => {
    delete process.env['LIBCAMERA_TEST'];
    await home.remove();
  });

  /** Each start of the module has its own. */
  function known(): KnownCameras {
    return new KnownCameras(patientClock, (level, message) => logged.push(`${level}: ${message}`), folder);
  }

  async function keptFile(): Promise<string> {
    const [name = ''] = await readdir(folder);
    return join(folder, name);
  }

  it('is known to the next start, from a file of this user alone', async () => {
    await known().keep(command, CAMERA);
    expect(await known().recall(command, 1)).toEqual(CAMERA);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(await keptFile())).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toHaveLength(1);
    expect(logged).toEqual([]);
  });

  it('is not waited for longer than a second: a disk that hangs holds up no opening', async () => {
    await known().keep(command, CAMERA);
    const limitsMs: number[] = [];
    // The limit is over at once, before any file can be read.
    const after = (delayMs: number, callback: () => void): (() => void) => {
      limitsMs.push(delayMs);
      callback();
      return () => undefined;
    };
    expect(await new KnownCameras({ ...patientClock, after }, () => {}, folder).recall(command, 1)).toBeNull();
    expect(limitsMs).toEqual([1000]);
    expect(await known().recall(command, 1)).toEqual(CAMERA);
  });

  it('is not known at another index, of another tool, or in another environment', async () => {
    await known().keep(command, CAMERA);
    expect(await known().recall(command, 0)).toBeNull();
    expect(await known().recall({ ...command, leadingArguments: [] }, 1)).toBeNull();
    process.env['LIBCAMERA_TEST'] = 'another pipeline';
    expect(await known().recall(command, 1)).toBeNull();
    delete process.env['LIBCAMERA_TEST'];
    expect(await known().recall(command, 1)).toEqual(CAMERA);
  });

  it('is not known any more when the tool was replaced, or the machine was booted', async () => {
    await known().keep(command, CAMERA);
    const file = await keptFile();
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(await bootId(), '6b1f4cd0-0000-4000-8000-000000000000'));
    expect(await known().recall(command, 1)).toBeNull();
    await writeFile(file, text);
    expect(await known().recall(command, 1)).toEqual(CAMERA);
    await utimes(command.program, 1, 1);
    expect(await known().recall(command, 1)).toBeNull();
    await known().keep(command, CAMERA);
    expect(await readdir(folder)).toHaveLength(1); // in the place of the old one
  });

  it('is not known after it was forgotten', async () => {
    await known().forget(command, 1);
    await known().keep(command, CAMERA);
    await known().forget(command, 1);
    expect(await known().recall(command, 1)).toBeNull();
  });

  it.each([
    ['no JSON', '{'],
    ['too much', 'x'.repeat(70_000)],
    ['another shape', JSON.stringify({ camera: { ...CAMERA, modes: [{ width: 1 }] } })],
    ['another index', JSON.stringify({ camera: { ...CAMERA, index: 0 } })],
    [
      'a crop of three numbers',
      JSON.stringify({ camera: { ...CAMERA, modes: [{ ...CAMERA.modes[0], crop: [0, 0, 1] }] } }),
    ],
    ['a size below nothing', JSON.stringify({ camera: { ...CAMERA, width: -1 } })],
  ])('is not read from a file with %s', async (_what, text) => {
    await known().keep(command, CAMERA);
    const file = await keptFile();
    const { stamp } = JSON.parse(await readFile(file, 'utf8')) as { stamp: string };
    await writeFile(file, text.replace('{"camera"', `{"stamp":${JSON.stringify(stamp)},"camera"`));
    expect(await known().recall(command, 1)).toBeNull();
  });

  it('is neither kept nor read where others may write, or behind a link', async () => {
    await known().keep(command, CAMERA);
    await chmod(folder, 0o770);
    expect(await known().recall(command, 1)).toBeNull();
    await chmod(folder, 0o700);
    const real = folder;
    folder = join(home.path, 'link');
    await symlink(real, folder);
    expect(await known().recall(command, 1)).toBeNull();
    folder = join(home.path, 'own');
    await mkdir(folder, { mode: 0o700 });
    const [name = ''] = await readdir(real);
    await symlink(join(real, name), join(folder, name));
    expect(await known().recall(command, 1)).toBeNull();
  });

  it('is done without where the folder cannot be made, or the tool is gone', async () => {
    folder = join(home.path, 'missing', 'notes');
    await known().keep(command, CAMERA);
    expect(await known().recall(command, 1)).toBeNull();
    expect(logged).toEqual(['debug: A listed camera could not be kept.', 'debug: The kept cameras could not be read.']);
  });

  it('does not fill the folder, whatever is tried', async () => {
    await mkdir(folder, { mode: 0o700 });
    await writeFile(join(folder, '1-2.json'), 'a note on a process');
    for (let index = 0; index < 70; index += 1) {
      const name = `camera-${index.toString(16).padStart(32, '0')}.json`;
      await writeFile(join(folder, name), '{}');
      await utimes(join(folder, name), index, index);
    }
    await known().keep(command, CAMERA);
    const names = await readdir(folder);
    expect(names).toHaveLength(65);
    expect(names).toContain('1-2.json');
    expect(names).not.toContain(`camera-${'0'.repeat(32)}.json`);
    expect(await known().recall(command, 1)).toEqual(CAMERA);
  });
});
