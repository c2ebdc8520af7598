import { access, chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { cameraControl, type CameraControl } from '../harness/camera-control.js';
import { childHost } from '../harness/child-host.js';
import { cleanFolder } from '../harness/clean-folder.js';
import { FaultyFileSystem } from '../harness/faulty-file-system.js';
import { inProcessHost, type InProcessHost } from '../harness/in-process-host.js';
import { expectOneAnswerEach, type MockHost } from '../harness/mock-host.js';
import { holdings } from '../harness/nothing-left.js';
import { expectAccounted, expectWholeRecording, waitForFrames } from '../harness/whole-recording.js';

/** The edge cases that the product must handle: one `describe` for each case, in the words of the specification. */

const SIZE = { width: 640, height: 480 };
const CONFIG = { camera: { ...SIZE, fps: 60 }, recording: { minFreeBytes: 0 } };

const folder = cleanFolder(async () => {
  await host.end();
  restoreEnvironment();
});
let camera: CameraControl;
let disk: FaultyFileSystem;
let host: MockHost;
let restoreEnvironment: () => void;

beforeEach(async () => {
  camera = await cameraControl(folder.path);
  disk = new FaultyFileSystem();
  restoreEnvironment = setEnvironment(camera.env);
});

/** In process the capture tool gets this process's environment. */
function setEnvironment(variables: Readonly<Record<string, string>>): () => void {
  const former = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of former) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  };
}

const session = (): string => join(folder.path, 'session_20260106_081726');
const assign = { command: 'assign_device', device_id: 'picam:0' };
const record = { command: 'start_recording', trial_number: 1 };
const stop = { command: 'stop_recording' };

async function start(config: object = CONFIG): Promise<InProcessHost> {
  const started = await inProcessHost({
    folder: folder.path,
    config,
    dependencies: { fileSystem: disk.fileSystem },
  });
  host = started;
  return started;
}

async function startWithCamera(): Promise<void> {
  await start();
  await host.expect('device_ready', assign);
  await host.expect('command_ack', { command: 'start_session', session_dir: session() });
}

/** The module lives, the camera streams, and a recording works. */
async function expectRecordingWorks(trial: number): Promise<void> {
  await host.expect('recording_started', { ...record, session_dir: session(), trial_number: trial });
  await waitForFrames(host, 5);
  const { data } = await host.expect('recording_stopped', stop);
  expect(data).toMatchObject({ reason: 'command', trial_number: trial });
  await expectWholeRecording(data, SIZE);
}

describe('Zero-length recording', () => {
  it('leaves no empty file and no empty folder, and says frames 0 and video_path null', async () => {
    await startWithCamera();
    await camera.misbehave('exit-after=0,start-delay=600000');
    await host.log.wait('device_error');
    expect((await host.expect('recording_error', record)).data.code).toBe('camera_disconnected');
    const { data } = await host.expect('recording_stopped', stop);
    expect(data).toMatchObject({ frames: 0, delivered: 0, bytes: 0, video_path: null, timing_path: null });
    expectAccounted(data);
    await expect(access(session())).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is what a disk makes of it that takes no frame', async () => {
    await startWithCamera();
    const full = disk.inject({ operation: 'writev', path: '.avi', effect: { kind: 'fail', errno: 'ENOSPC' } });
    expect((await host.expect('recording_error', record)).data.code).toBe('disk_full');
    await expect(access(session())).rejects.toMatchObject({ code: 'ENOENT' });
    full.end();
    await expectRecordingWorks(1);
  });
});

describe('Rapid start/stop', () => {
  it('is queued and processed one after another: 100 cycles, each answered in order, no file empty', async () => {
    await startWithCamera();
    const open = (): number => holdings().descriptors.length;
    const openBefore = open();
    const sent = Array.from({ length: 100 }, () => [record, stop]).flat();
    const ids: string[] = [];
    for (const [index, command] of sent.entries()) {
      ids.push(host.send(command));
      // The queue is bounded: a burst stays within it.
      if (index % 200 === 199) await host.log.wait('recording_stopped', ({ in_reply_to: id }) => id === ids.at(-1));
    }
    const answered = host.log.all.filter(({ in_reply_to: id }) => id !== undefined && ids.includes(id));
    expect(answered.map(({ in_reply_to: id }) => id)).toEqual(ids);
    expectOneAnswerEach(
      host.log,
      ids.map((id, index) => ({ id, name: sent[index]?.command ?? '' })),
    );
    const stopped = host.log.named('recording_stopped').map(({ data }) => data);
    expect(stopped.map(({ take }) => take)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    for (const data of stopped) {
      expectAccounted(data);
      expect(data.frames).toBeGreaterThan(0);
    }
    const files = await readdir(dirname(stopped[0]?.video_path ?? ''), { withFileTypes: true });
    expect(files).toHaveLength(300);
    for (const file of files) expect((await stat(join(file.parentPath, file.name))).size).toBeGreaterThan(0);
    expect(open()).toBeLessThanOrEqual(openBefore);
  });
});

describe('Camera already in use', () => {
  it.each(['in-use', 'in-use=configure'])(
    'is device_error camera_in_use (%s); the process lives; a later assign works',
    async (how) => {
      await start();
      await camera.misbehave(how);
      const { data } = await host.expect('device_error', assign);
      expect(data).toMatchObject({ code: 'camera_in_use', recoverable: true });
      await camera.misbehave('');
      await host.expect('device_ready', assign);
      await expectRecordingWorks(1);
    },
  );
});

describe('Invalid session directory', () => {
  it('is created if possible', async () => {
    await startWithCamera();
    const deep = join(folder.path, 'not', 'there', 'yet', 'session_1');
    await host.expect('recording_started', { ...record, session_dir: deep });
    await waitForFrames(host, 5);
    const { data } = await host.expect('recording_stopped', stop);
    expect(data.video_path?.startsWith(`${deep}/CSICameras/`)).toBe(true);
    await expectWholeRecording(data, SIZE);
  });

  it.each([
    ['a file', async () => writeFile(session(), '')],
    ['in a file', async () => writeFile(folderOf(session()), '')],
    ['where nothing can be made', () => Promise.resolve()],
  ])('is recording_error invalid_session_dir if not: it is %s', async (what, prepare) => {
    await start();
    await host.expect('device_ready', assign);
    await prepare();
    const places: Record<string, string> = {
      'a file': session(),
      'in a file': join(folderOf(session()), 'session_1'),
      'where nothing can be made': '/proc/session_1',
    };
    const { data } = await host.expect('recording_error', { ...record, session_dir: places[what] });
    expect(data.code).toBe('invalid_session_dir');
    expect(data.error).toMatch(/session directory/);
    await host.expect('recording_started', { ...record, session_dir: join(folder.path, 'session_good') });
    await waitForFrames(host, 2);
    await expectWholeRecording((await host.expect('recording_stopped', stop)).data, SIZE);
  });

  const folderOf = (path: string): string => `${path}_in_the_way`;
});

describe('Disk full', () => {
  it('stops the recording with recording_error disk_full; what was written is playable', async () => {
    await startWithCamera();
    await host.expect('recording_started', record);
    await waitForFrames(host, 20);
    disk.limitTo(40);
    const error = await host.log.wait('recording_error');
    const { data } = await host.log.wait('recording_stopped');
    expect(error.data.code).toBe('disk_full');
    expect(data.reason).toBe('disk_full');
    expect(data.frames).toBeGreaterThanOrEqual(20);
    await expectWholeRecording(data, SIZE);
    expect(host.log.named('recording_error')).toHaveLength(1);
    disk.unlimit();
    await expectRecordingWorks(2);
  });
});

describe('Same trial recorded twice', () => {
  it('never overwrites: a new take', async () => {
    await startWithCamera();
    await expectRecordingWorks(4);
    const first = host.log.named('recording_stopped')[0]?.data;
    const bytes = await readFile(first?.video_path ?? '');
    await expectRecordingWorks(4);
    const second = host.log.named('recording_stopped')[1]?.data;
    expect([first?.take, second?.take]).toEqual([1, 2]);
    expect(second?.video_path).toMatch(/_take2\.avi$/);
    expect((await readFile(first?.video_path ?? '')).equals(bytes)).toBe(true);
  });
});

describe('Command', () => {
  it.each([
    ['not JSON', 'start_recording please'],
    ['not an object', '["start_recording"]'],
    ['unknown', '{"command":"start_recordings"}'],
    ['of wrong types', '{"command":"start_recording","trial_number":{"valueOf":1}}'],
    ['1 MiB long', `{"command":"start_recording","trial_label":"${'x'.repeat(1024 * 1024)}"}`],
  ])('%s: is a clear command_nack; the next command works', async (_, line) => {
    host = await childHost({ folder: folder.path, config: CONFIG });
    host.sendBad(line);
    const nack = await host.log.wait('command_nack');
    expect(nack.data.code).toMatch(/^(?:invalid|unknown)_command$/);
    expect(nack.data.error.length).toBeGreaterThan(20);
    expect(nack.data.error.length).toBeLessThan(1000);
    expect((await host.expect('status_report', { command: 'get_status' })).data.state).toBe('running');
    expect(host.log.named('command_nack')).toHaveLength(1);
  });
});

describe('Camera', () => {
  it.each([
    ['not found', 'not-found', 'camera_not_found', /ribbon cable/],
    ['permission denied', 'permission-denied', 'permission_denied', /group `video`/],
    ['unsupported mode', 'unsupported-mode', 'unsupported_mode', /Choose a size/],
  ])('%s: is device_error with its own code and a message that says what to do', async (_, how, code, advice) => {
    await start();
    await camera.misbehave(how);
    const { data } = await host.expect('device_error', assign);
    expect(data.code).toBe(code);
    expect(data.error).toMatch(advice);
    await camera.misbehave('');
    await host.expect('device_ready', assign);
  });

  it('rpicam-vid missing, or no program: is device_error capture_tool_missing that says what to install', async () => {
    const tool = join(folder.path, 'rpicam-vid');
    await start({ ...CONFIG, simulate: false, camera: { ...CONFIG.camera, tool } });
    expect((await host.expect('device_error', assign)).data).toMatchObject({
      code: 'capture_tool_missing',
      recoverable: false,
      error: expect.stringContaining('sudo apt install rpicam-apps'),
    });
    await writeFile(tool, '#!/bin/sh\n');
    await chmod(tool, 0o644);
    expect((await host.expect('device_error', assign)).data.code).toBe('capture_tool_missing');
    await mkdir(`${tool}-folder`);
    expect((await host.expect('status_report', { command: 'get_status' })).data.state).toBe('running');
  });
});
