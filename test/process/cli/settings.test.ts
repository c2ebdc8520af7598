import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cameraHolders } from '../../../src/module/container.js';
import { childHost } from '../../harness/child-host.js';
import { holdings } from '../../harness/nothing-left.js';
import { MAIN, VIRTUAL_CAMERA } from '../../harness/paths.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  delete process.env['CSI_VIRTUAL_CAMERA'];
  await folder.remove();
});

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `csi-cameras settings` with the virtual cameras and a state folder of the test. */
async function settings(...args: string[]): Promise<Outcome> {
  const places = ['--state-dir', join(folder.path, 'state'), '--log-dir', join(folder.path, 'logs')];
  const child = spawn(process.execPath, [MAIN, 'settings', '--simulate', ...places, ...args], {
    env: { ...process.env },
  });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: code as number | null, stdout, stderr };
}

const rowOf = (stdout: string, name: string): string =>
  stdout
    .split('\n')
    .find((line) => line.trim().startsWith(name))
    ?.trim()
    .replaceAll(/ {2,}/g, ' | ') ?? 'none';

const keptFolder = (): string => join(folder.path, 'state', 'cameras-simulated');

describe('csi-cameras settings', () => {
  it('shows every setting of every camera with its value and its origin, by group, and writes nothing', async () => {
    const { code, stdout, stderr } = await settings();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^picam:0, imx296 \(\/base\/\S+imx296@1a\)\nExposure\n {2}exposureTimeUs /);
    expect(stdout).toMatch(/\npicam:1, imx219 \(/);
    expect(rowOf(stdout, 'exposureTimeUs')).toBe('exposureTimeUs | automatic | default');
    expect(rowOf(stdout, 'fps')).toBe('fps | 30 frames a second | default');
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('shows what the configuration says, for all cameras and for one, and what cannot be used', async () => {
    const config = join(folder.path, 'config.ini');
    await writeFile(config, 'camera.gain = 2\ncameras.picam:1.gain = 3\ncamera.contrast = many\n');
    const first = await settings('--config-path', config, '--camera', '0');
    expect(rowOf(first.stdout, 'gain')).toBe('gain | 2 | configuration');
    expect(first.stderr).toMatch(/^warning: The configuration file .* camera\.contrast must be a number/);
    const second = await settings('--config-path', config, '--camera', '1');
    expect(rowOf(second.stdout, 'gain')).toBe('gain | 3 | camera configuration');
  });

  it('keeps, shows, takes back and forgets values, and says what it did', async () => {
    const set = await settings('--camera', '0', '--set', 'gain=2', '--set', 'colourGains=1.7,1.5');
    expect(set).toMatchObject({ code: 0, stderr: '' });
    expect(set.stdout).toMatch(/^Kept for picam:0, imx296 \(.*\): gain 2, colourGains 1\.7,1\.5\.\n/);
    const shown = await settings('--camera', '0');
    expect(rowOf(shown.stdout, 'colourGains')).toBe('colourGains | 1.7,1.5 | kept');
    expect((await settings('--camera', '0', '--set', 'gain=')).stdout).toContain(': colourGains 1.7,1.5.\n');
    const reset = await settings('--camera', '0', '--reset');
    expect(reset.stdout).toMatch(/^Forgotten for picam:0, .*: colourGains 1\.7,1\.5\.\n$/);
    expect((await settings('--camera', '0', '--reset')).stdout).toMatch(/^Nothing was kept for picam:0/);
    expect(await readdir(keptFolder())).toEqual([]);
  });

  it('is for programs with --json', async () => {
    await settings('--camera', '1', '--set', 'gain=2');
    const { stdout } = await settings('--camera', '1', '--json');
    expect(JSON.parse(stdout)).toMatchObject([
      {
        device_id: 'picam:1',
        index: 1,
        model: 'imx219',
        connected: true,
        settings: { gain: { value: 2, origin: 'kept' }, fps: { value: 30, origin: 'default' }, hflip: { value: null } },
        kept: { gain: 2 },
        ignored: [],
      },
    ]);
  });

  it('refuses what does not go together, with both names, and keeps nothing of it', async () => {
    const { code, stderr } = await settings('--camera', '0', '--set', 'exposureTimeUs=50000', '--set', 'fps=60');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: exposureTimeUs 50000 \(new\) does not fit with fps 60 \(new\): /);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('names what gives way', async () => {
    await settings('--camera', '0', '--set', 'exposureTimeUs=20000');
    const { code, stderr } = await settings('--camera', '0', '--set', 'fps=60');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^warning: exposureTimeUs 20000 \(kept\) does not fit with fps 60 \(kept\)/);
    expect((await settings('--camera', '0')).stdout).toContain('\nNote: exposureTimeUs 20000 (kept) does not fit');
  });

  it.each([
    [['--set', 'gain=2'], 2, 'There are several cameras. Name one with --camera N: picam:0, imx296'],
    [['--reset'], 2, 'There are several cameras.'],
    [['--camera', '7'], 1, 'There is no camera 7, and nothing is kept of one there. Known: picam:0, imx296'],
    [['--camera', '0', '--set', 'gain=0.1'], 2, 'gain must be at least 1.'],
    [['--camera', '64'], 2, 'It must be a whole number, 0 to 63.'],
    [['--state-dir', ''], 2, 'It must not be empty.'],
  ])('ends %p with %p and a sentence', async (args, code, why) => {
    const outcome = await settings(...args);
    expect(outcome).toMatchObject({ code, stdout: '' });
    expect(outcome.stderr).toContain(why);
  });

  it('shows and forgets what is kept of a camera that is not connected, and lists nothing without a tool', async () => {
    await settings('--camera', '1', '--set', 'gain=2');
    const places = ['--state-dir', join(folder.path, 'state')];
    const without = ['settings', '--simulate', '--capture-tool', '/gone/rpicam-vid', ...places];
    const run = async (...args: string[]): Promise<Outcome> => {
      const child = spawn(process.execPath, [MAIN, ...without, ...args]);
      const outputs = [text(child.stdout), text(child.stderr), once(child, 'close')] as const;
      const [stdout, stderr, [code]] = await Promise.all(outputs);
      return { code: code as number | null, stdout, stderr };
    };
    const shown = await run();
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(/^not connected \(was picam:1\), imx219 /);
    expect(shown.stderr).toMatch(/^warning: The connected cameras are not known: /);
    expect((await run('--camera', '1', '--reset')).stdout).toMatch(/^Forgotten for not connected \(was picam:1\)/);
    expect(await run()).toMatchObject({ code: 1, stderr: expect.stringContaining('No camera is connected') });
  });

  it('names a kept file that is damaged, and sets it aside', async () => {
    await settings('--camera', '0', '--set', 'gain=2');
    const file = join(keptFolder(), 'i2c@88000_imx296@1a.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await writeFile(file, (await readFile(file)).subarray(0, 40));
    const { code, stdout, stderr } = await settings('--camera', '0');
    expect(code).toBe(0);
    expect(rowOf(stdout, 'gain')).toBe('gain | automatic | default');
    expect(stderr).toMatch(/^warning: .* cannot be used: it is not JSON/);
  });
});

describe('what was kept from the terminal', () => {
  it('applies to the next opening by a host, which changes it, and the terminal shows that', async () => {
    await settings('--camera', '0', '--set', 'fps=20', '--set', 'hflip=on');
    const host = await childHost({ folder: folder.path });
    const ready = await host.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
    expect(ready.data.fps).toBeCloseTo(20, 0);
    expect(host.log.named('device_ready')).toHaveLength(1);
    const changed = await host.expect('settings_changed', { command: 'set_settings', settings: { fps: 25 } });
    expect(changed.data.kept).toEqual({ hflip: true, fps: 25 });
    await host.end();
    const { stdout } = await settings('--camera', '0');
    expect(rowOf(stdout, 'fps')).toBe('fps | 25 frames a second | kept');
    expect(rowOf(stdout, 'hflip')).toBe('hflip | yes | kept');
  });
});

describe('who has a camera', () => {
  it('is a capture program that was started for it, and no listing', async () => {
    const args = [
      VIRTUAL_CAMERA,
      '--camera',
      '1',
      '--codec',
      'mjpeg',
      '-t',
      '0',
      '-o',
      '-',
      '--width',
      '64',
      '--height',
      '64',
    ];
    const child: ChildProcess = spawn(
      '/bin/sh',
      ['-c', '"$@" > /dev/null & echo $!; wait', 'sh', process.execPath, ...args],
      {
        stdio: ['ignore', 'pipe', 'ignore'],
        detached: true,
      },
    );
    const [printed] = (await once(child.stdout as NonNullable<ChildProcess['stdout']>, 'data')) as [Buffer];
    const pid = Number(printed.toString().trim());
    try {
      expect(await cameraHolders(1, 'virtual')).toContainEqual({ pid, program: 'virtual camera' });
      expect(await cameraHolders(0, 'virtual')).not.toContainEqual(expect.objectContaining({ pid }));
      expect(await cameraHolders(1, 'real')).not.toContainEqual(expect.objectContaining({ pid }));
    } finally {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
      await once(child, 'exit');
    }
  });

  it('is a module of another process, rather than its capture process', async () => {
    const host = await childHost({ folder: folder.path });
    await host.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
    const holders = await cameraHolders(0, 'virtual');
    expect(holders).toContainEqual({ pid: host.process.pid, program: 'csi-cameras' });
    const children = holdings(host.process.pid).children.map((child) => Number(child.split(' ')[0]));
    expect(children.length).toBeGreaterThan(0);
    expect(holders.filter(({ pid }) => children.includes(pid))).toEqual([]);
    await host.end();
  });
});

describe('csi-cameras settings --fix', () => {
  it('keeps what automatic found, after 3 s of the same, and finds it anew only with --reset', async () => {
    const fixed = await settings('--camera', '1', '--fix');
    expect(fixed).toMatchObject({ code: 0 });
    expect(fixed.stderr).toMatch(/^Opening picam:1 \.\.\.\n(?:Waiting for a steady exposure: .*\n)+$/);
    const said =
      /^Fixed and kept for picam:1, imx219 .*: exposureTimeUs (\d+), gain ([\d.]+), colourGains [\d.]+,[\d.]+\.\nEach still .* csi-cameras still --camera 1 --simulate\n$/;
    const [, exposure, gain] = said.exec(fixed.stdout) ?? [];
    const { stdout } = await settings('--camera', '1');
    expect(rowOf(stdout, 'exposureTimeUs')).toBe(`exposureTimeUs | ${exposure} us | kept`);
    expect(rowOf(stdout, 'gain')).toBe(`gain | ${gain} | kept`);
    const again = await settings('--camera', '1', '--fix');
    expect(again.stderr).toMatch(/^Set already, so not looked for again: exposureTimeUs \d+, .* add --reset\.\n/);
    expect((await settings('--camera', '1', '--reset', '--fix')).stderr).toMatch(/^Opening picam:1/);
  }, 30_000);

  it('says who has a camera that is in use, opens nothing and keeps nothing', async () => {
    const host = await childHost({ folder: folder.path });
    await host.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
    process.env['CSI_VIRTUAL_CAMERA'] = 'in-use';
    const { code, stderr } = await settings('--camera', '0', '--fix');
    expect(code).toBe(1);
    expect(stderr).toMatch(/\nerror: The camera is in use\. .* It is probably .*csi-cameras \(pid \d+\)/);
    expect(stderr).toContain(`csi-cameras (pid ${host.process.pid})`);
    await host.end();
    expect(await readdir(folder.path)).not.toContain('state');
  });
});
