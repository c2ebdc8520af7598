import { link, lstat, mkdir, readdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { StatusMessage } from '../../src/protocol/statuses.js';
import { childHost } from '../harness/child-host.js';
import { inProcessHost, type InProcessHost } from '../harness/in-process-host.js';
import { expectDamage } from '../harness/recordings-held.js';
import { temporaryFolder } from '../harness/temporary-folder.js';
import { waitForFrames } from '../harness/whole-recording.js';

/** What docs/security.md says of files and of what a host sends, against the module with the virtual camera. */

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
/** The host's data directory, some folders down: there is something around it to fall into. */
let data: string;
let host: InProcessHost | undefined;

beforeEach(async () => {
  folder = await temporaryFolder();
  data = join(folder.path, 'outer', 'data');
  await mkdir(data, { recursive: true });
});

afterEach(async () => {
  await host?.end();
  host = undefined;
  await folder.remove();
});

async function start(): Promise<InProcessHost> {
  host = await inProcessHost({ folder: data, config: { camera: { fps: 120 }, recording: { minFreeBytes: 0 } } });
  return host;
}

/** Every file below the test's folder but the logs, relative to it. */
async function files(): Promise<string[]> {
  const entries = [...(await readdir(folder.path, { recursive: true, withFileTypes: true }))];
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.path.length + 1))
    .filter((name) => !name.includes('/logs/'))
    .sort();
}

async function recordOne(module: InProcessHost, fields: object = {}): Promise<StatusMessage> {
  const started = await module.ask({ command: 'record', session_dir: 'session_1', trial_number: 1, ...fields });
  if (started.status !== 'recording_started') return started;
  return module.ask({ command: 'stop_recording' });
}

const UP = '../../../../escaped';

describe('nothing that a host sends places a file outside of the session directory:', () => {
  it.each([
    ['device_id', { device_id: `${UP}/x 0` }],
    ['display_name', { display_name: UP }],
    ['display_name (absolute)', { display_name: '/tmp/escaped' }],
    ['camera_stable_id', { camera_stable_id: '../../..' }],
    ['camera_hw_model', { camera_hw_model: 'imx296 ../../..' }],
  ])('%s', async (_field, fields) => {
    const module = await start();
    await module.expect('device_ready', { command: 'assign_device', device_id: 'picam:0', ...fields });
    expect(await recordOne(module)).toMatchObject({ status: 'recording_stopped' });
    await module.expect('snapshot_taken', { command: 'take_snapshot' });
    const written = await files();
    expect(written).toHaveLength(4);
    for (const name of written) {
      expect(name).toMatch(
        /^outer\/data\/session_1\/CSICameras\/[A-Za-z0-9_.-]+\/[A-Za-z0-9_.-]+\.(?:avi|csv|jpg|json)$/,
      );
    }
  });

  it('trial_label, which is data', async () => {
    const module = await start();
    await module.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
    const { data: stopped } = await recordOne(module, { trial_label: `${UP},"=1+1"` });
    expect(await files()).toHaveLength(3);
    const timing = 'timing_path' in stopped ? await readFile(String(stopped.timing_path), 'utf8') : '';
    expect(timing.split('\n')[1]).toContain(`,"${UP},""=1+1""",`);
  });

  it('session_dir, which stays in the data directory or is refused', async () => {
    const module = await start();
    await module.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
    for (const sessionDir of ['..', '../x', 'a/../../x', './../x', 'session_1/../../x', 'x\0', 'x\ny', '']) {
      for (const command of ['start_session', 'record'] as const) {
        const { data: refused } = await module.ask({ command, session_dir: sessionDir });
        expect(['invalid_session_dir', 'invalid_command']).toContain('code' in refused ? refused.code : '');
      }
    }
    expect(await files()).toEqual([]);
  });

  it('--instance-id, which names a folder for logs', async () => {
    for (const id of ['..', '../../escaped', '/tmp/escaped', '.']) {
      const module = await childHost({ folder: data, args: ['--instance-id', id] });
      await module.end();
    }
    expect(await readdir(folder.path)).toEqual(['outer']);
    expect(await readdir(dirname(data))).toEqual(['data']);
    expect((await readdir(join(data, 'logs'))).sort()).toEqual(['_', '__.._escaped', '_tmp_escaped']);
  });
});

describe('links that others plant in the session directory', () => {
  const label = 'Left_picam_0';
  const stem = `1_CSI_trial001_${label}`;
  let outside: string;
  let cameraFolder: string;
  let module: InProcessHost;

  beforeEach(async () => {
    expectDamage(folder.path, 'files of others bear the names of recordings', ['V1', 'V12', 'V25']);
    outside = join(folder.path, 'outside');
    cameraFolder = join(data, 'session_1', 'CSICameras', label);
    await mkdir(outside);
    await writeFile(join(outside, 'precious'), 'precious');
    module = await start();
    await module.expect('device_ready', { command: 'assign_device', device_id: 'picam:0', display_name: 'Left' });
  });

  it.each([
    ['in the place of the module’s folder', () => dirname(cameraFolder)],
    ['in the place of the camera’s folder', () => cameraFolder],
  ])('%s are refused, and nothing is written where they lead', async (_where, at) => {
    await mkdir(dirname(at()), { recursive: true });
    await symlink(outside, at());
    const refused = await recordOne(module);
    expect(refused).toMatchObject({ status: 'recording_error', data: { code: 'invalid_session_dir' } });
    expect(await module.ask({ command: 'take_snapshot' })).toMatchObject({ data: { code: 'invalid_session_dir' } });
    expect(await readdir(outside)).toEqual(['precious']);
  });

  it.each(['.avi', '_timing.csv'])(
    'under a take’s name (%s) are not followed: it gets the next name',
    async (ending) => {
      await mkdir(cameraFolder, { recursive: true });
      await symlink(join(outside, 'precious'), join(cameraFolder, `${stem}${ending}`));
      await symlink(join(outside, 'missing'), join(cameraFolder, `${stem}_take2${ending}`));
      await link(join(outside, 'precious'), join(cameraFolder, `${stem}_take3${ending}`));
      expect(await recordOne(module)).toMatchObject({ status: 'recording_stopped', data: { take: 4 } });
      expect(await readdir(outside)).toEqual(['precious']);
      expect(await readFile(join(outside, 'precious'), 'utf8')).toBe('precious');
      expect((await lstat(join(cameraFolder, `${stem}${ending}`))).isSymbolicLink()).toBe(true);
    },
  );

  it('while a recording runs do not lead it away: it goes on in the file that it opened', async () => {
    await module.expect('recording_started', { command: 'record', session_dir: 'session_1', trial_number: 1 });
    await waitForFrames(module, 3);
    // What the names lead to from now on is not what is open.
    await rename(cameraFolder, `${cameraFolder}_away`);
    await symlink(outside, cameraFolder);
    const { data: stopped } = await module.expect('recording_stopped', { command: 'stop_recording' });
    expect(stopped.frames).toBeGreaterThanOrEqual(3);
    expect(await readdir(outside)).toEqual(['precious']);
    expect(await readdir(`${cameraFolder}_away`)).toHaveLength(3);
  });
});

describe('what is made', () => {
  it.each([
    [0o000, { folder: 0o750, file: 0o640 }],
    [0o077, { folder: 0o700, file: 0o600 }],
  ])('is for its owner, and recordings for the group, with the umask %o', async (umask, expected) => {
    const before = process.umask(umask);
    const runtime = join(folder.path, 'runtime');
    try {
      await mkdir(runtime, { mode: 0o700 });
      const module = await childHost({
        folder: data,
        config: { recording: { minFreeBytes: 0 } },
        env: { XDG_RUNTIME_DIR: runtime },
      });
      await module.expect('device_ready', { command: 'assign_device', device_id: 'picam:0', session_dir: 'session_1' });
      await module.expect('recording_started', { command: 'record' });
      await module.expect('snapshot_taken', { command: 'take_snapshot' });
      expect(await modesBelow(runtime)).toEqual({ folders: [0o700], files: [0o600] });
      await module.expect('recording_stopped', { command: 'stop_recording' });
      await module.expect('shutdown_complete', { command: 'quit' });
      await module.exited;
    } finally {
      process.umask(before);
    }
    expect(await modesBelow(join(data, 'session_1'))).toEqual({ folders: [expected.folder], files: [expected.file] });
    expect(await modesBelow(join(data, 'logs'))).toEqual({ folders: [], files: [0o600] });
    expect((await stat(join(data, 'session_1'))).mode & 0o777).toBe(expected.folder);
    expect((await stat(join(data, 'logs'))).mode & 0o777).toBe(0o700);
  });
});

/** The different modes of what lies below. */
async function modesBelow(path: string): Promise<{ folders: number[]; files: number[] }> {
  const folders = new Set<number>();
  const found = new Set<number>();
  for (const name of await readdir(path, { recursive: true })) {
    const { mode } = await lstat(join(path, name));
    if ((mode & 0o170_000) === 0o040_000) folders.add(mode & 0o7777);
    else found.add(mode & 0o7777);
  }
  return { folders: [...folders], files: [...found] };
}
