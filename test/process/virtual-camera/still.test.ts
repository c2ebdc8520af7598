import { execFile, spawn } from 'node:child_process';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { expectNothingLeft, holdings, type Holdings } from '../../harness/nothing-left.js';
import { ROOT, STILL_CAMERA } from '../../harness/paths.js';
import { readJpeg } from '../../harness/read-stream.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';
import { RunningTool } from './run-tool.js';

const NODE_LIBCAMERA = createRequire(import.meta.url).resolve('node-libcamera');

async function readValues(path: string): Promise<Readonly<Record<string, unknown>>> {
  const frames = JSON.parse(await readFile(path, 'utf8')) as readonly Readonly<Record<string, unknown>>[];
  return frames[0] ?? {};
}

describe('the still tool', () => {
  let before: Holdings;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let file: string;

  beforeEach(async () => {
    before = holdings();
    folder = await temporaryFolder();
    file = join(folder.path, 'still.jpg');
  });
  afterEach(async () => {
    await folder.remove();
    await expectNothingLeft(before);
  });

  const SMALL = ['--immediate', '-n', '--width', '320', '--height', '240'];
  const start = (args: readonly string[], misbehaviours = ''): RunningTool =>
    new RunningTool(args, misbehaviours, {}, STILL_CAMERA);
  async function take(args: readonly string[], misbehaviours = ''): Promise<{ code: number | null; stderr: string }> {
    const tool = start([...args, '-o', file], misbehaviours);
    const { code } = await tool.ended;
    return { code, stderr: tool.stderr };
  }
  const picture = async (): Promise<ReturnType<typeof readJpeg>['frame']> => readJpeg(await readFile(file), 0).frame;

  it('takes one picture of the whole sensor, with its metadata beside it', async () => {
    const metadata = join(folder.path, 'metadata');
    const settings = ['--shutter', '5000', '--gain', '2', '--metadata', metadata];
    const { code, stderr } = await take(['--immediate', '--camera', '1', ...settings]);
    expect(code).toBe(0);
    expect(stderr).toContain('Still capture image received\n');
    expect(await picture()).toMatchObject({ width: 3280, height: 2464 });
    expect((await picture()).jpeg).toHaveLength((await stat(file)).size);
    const told = await readValues(metadata);
    expect(told).toMatchObject({ AnalogueGain: 2 });
    expect(told['ExposureTime']).toBeGreaterThan(4950);
    expect(told['ExposureTime']).toBeLessThanOrEqual(5000);
  });

  it('exposes as long as it is told to, and shows what is set', async () => {
    const metadata = join(folder.path, 'metadata');
    await take([...SMALL, '--shutter', '2s', '--metadata', metadata]);
    expect((await readValues(metadata))['ExposureTime']).toBeGreaterThan(1_999_000);
    // Automatic exposure has no frame time either: 32 times 3 ms.
    await take([...SMALL, '--ev', '5', '--metadata', metadata]);
    expect((await readValues(metadata))['ExposureTime']).toBeGreaterThan(90_000);
    await take(SMALL);
    const plain = (await stat(file)).size;
    await take([...SMALL, '--quality', '30']);
    expect((await stat(file)).size).toBeLessThan(plain / 2);
  });

  it('waits for its time, and for ever with a time of 0', async () => {
    const startMs = performance.now();
    expect((await take([...SMALL.slice(1), '--timeout', '700'])).code).toBe(0);
    expect(performance.now() - startMs).toBeGreaterThan(700);
    const waiting = start([...SMALL.slice(1), '--timeout', '0', '-o', file]);
    await waiting.until(({ stderr }) => stderr.includes('configuring streams'));
    waiting.child.kill('SIGINT');
    expect(await waiting.ended).toEqual({ code: null, signal: 'SIGINT' });
  });

  it('lists, tells its version and writes to stdout', async () => {
    const listing = start(['--list-cameras'], 'cameras=2');
    expect((await listing.ended).code).toBe(0);
    expect(listing.stdout.toString()).toContain('0 : imx708');
    const out = start([...SMALL, '-o', '-']);
    expect((await out.ended).code).toBe(0);
    expect(readJpeg(out.stdout, 0).end).toBe(out.stdout.length);
  });

  it.each([
    ['in-use', [], '*** failed to acquire camera /base/axi'],
    ['not-found', [], '*** no cameras available ***'],
    ['start-failure', [], '*** failed to start camera ***'],
    ['old-version=--immediate', [], "*** unrecognised option '--immediate' ***"],
    ['', ['--awb', 'foo'], '*** Invalid AWB mode: foo ***'],
    ['', ['--denoise', 'foo'], '*** Invalid denoise mode foo ***'],
    ['', ['--encoding', 'gif'], '*** invalid encoding format gif ***'],
    ['', ['--encoding', 'png'], 'jpg only'],
  ])('with %s and %j ends with 255', async (misbehaviours, args, text) => {
    const { code, stderr } = await take([...SMALL, ...args], misbehaviours);
    expect(code).toBe(255);
    expect(stderr).toContain(text);
  });

  it('says that it cannot write its file', async () => {
    const tool = start([...SMALL, '-o', join(folder.path, 'not', 'there.jpg')]);
    expect((await tool.ended).code).toBe(255);
    expect(tool.stderr).toMatch(/ERROR: \*\*\* failed to open file .*there\.jpg \*\*\*\n$/);
  });

  it('hangs where it is told to, and may be stubborn', async () => {
    const polite = start([...SMALL, '-o', file], 'still-hang');
    await polite.until(({ stderr }) => stderr.includes('configuring streams'));
    polite.child.kill('SIGTERM');
    expect(await polite.ended).toEqual({ code: null, signal: 'SIGTERM' });
    const stubborn = start([...SMALL, '-o', file], 'still-hang=stubborn');
    await stubborn.until(({ stderr }) => stderr.includes('configuring streams'));
    stubborn.child.kill('SIGTERM');
    await stubborn.until(({ stderr }) => stderr.includes('Received signal SIGTERM'));
    stubborn.child.kill('SIGKILL');
    expect(await stubborn.ended).toEqual({ code: null, signal: 'SIGKILL' });
    await expect(stat(file)).rejects.toThrow('ENOENT');
  });

  it('says 10 MB before its picture', async () => {
    const { code, stderr } = await take(SMALL, 'still-flood');
    expect(code).toBe(0);
    expect(stderr.length).toBeGreaterThan(10_000_000);
    expect(await picture()).toMatchObject({ width: 320 });
  });

  it('writes half a file, or none, and ends with 0', async () => {
    expect((await take(SMALL, 'still-nothing')).code).toBe(0);
    await expect(stat(file)).rejects.toThrow('ENOENT');
    expect((await take(SMALL, 'still-half')).code).toBe(0);
    await expect(picture()).rejects.toThrow('no EOI');
  });

  it('leaves a child of its process group behind, which keeps its stderr open', async () => {
    const env = { ...process.env, CSI_VIRTUAL_CAMERA: 'still-child=50' };
    const args = [STILL_CAMERA, ...SMALL, '-o', file];
    const child = spawn(process.execPath, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const closed = new Promise((resolve) => child.once('close', resolve));
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
    expect(await picture()).toMatchObject({ width: 320 });
    // It is still there: its group can be signalled. It ends with the group.
    expect(child.pid !== undefined && process.kill(-child.pid, 'SIGKILL')).toBe(true);
    await closed;
  });

  it('stands for libcamera-still where node-libcamera looks for that name', async () => {
    const script = join(folder.path, 'libcamera-still');
    await writeFile(script, `#!/bin/sh\nexec '${process.execPath}' '${STILL_CAMERA}' "$@"\n`);
    await chmod(script, 0o755);
    const options = { camera: 1, nopreview: true, immediate: true, timeout: 1, quality: 80, gain: 2, shutter: 2000 };
    const more = { width: 640, height: 480, awbgains: [1.5, 2], roi: { x: 0, y: 0, w: 0.5, h: 0.5 }, output: file };
    const program = `require(${JSON.stringify(NODE_LIBCAMERA)}).still(${JSON.stringify({ ...options, ...more })})
      .then((said) => process.stdout.write(said));`;
    const env = { ...process.env, PATH: `${folder.path}:${process.env['PATH'] ?? ''}` };
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', program], { env, cwd: ROOT });
    expect(stdout).toContain('Still capture image received');
    expect(await picture()).toMatchObject({ width: 640, height: 480 });
  });
});
