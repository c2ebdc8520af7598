import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { childHost } from '../harness/child-host.js';
import { describeWithFfprobe } from '../harness/describe-with-ffprobe.js';
import { lineOf } from '../harness/lost-terminal.js';
import { runProgram, type ProgramRun } from '../harness/run-program.js';
import { MAIN } from '../harness/paths.js';
import { temporaryFolder } from '../harness/temporary-folder.js';
import { verifyRecording } from '../harness/verify-recording.js';
import { expectWholeRecording, waitForFrames } from '../harness/whole-recording.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await folder.remove();
});

const run = (args: readonly string[], env: Record<string, string> = {}): ProgramRun =>
  runProgram(folder.path, args, env);

/** A small picture, unless a test says otherwise: it is drawn faster. */
const record = (args: readonly string[], env?: Record<string, string>): ProgramRun =>
  recordWidest(args.includes('--size') ? args : ['--size', '640x480', ...args], env);

const recordWidest = (args: readonly string[], env?: Record<string, string>): ProgramRun =>
  run(
    ['record', '--simulate', '--log-dir', join(folder.path, 'logs'), '--out', join(folder.path, 'session_x'), ...args],
    env,
  );

async function recordedFiles(): Promise<string[]> {
  return (await readdir(join(folder.path, 'session_x'), { recursive: true }))
    .filter((name) => /\.(avi|csv)$/.test(name))
    .sort();
}

describeWithFfprobe('csi-cameras record', () => {
  it('records for the duration and says what it made', async () => {
    const { code, stdout, stderr } = await record(['--duration', '2', '--fps', '30', '--size', '320x240']).ended;
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const frames = Number(/Recorded (\d+) frames/.exec(stdout)?.[1]);
    expect(frames).toBeGreaterThanOrEqual(58);
    // A busy machine may be late with the stop, by no more than the duration itself.
    expect(frames).toBeLessThan(120);
    const [video, timing] = await recordedFiles();
    const at = (name: string | undefined): string => join(folder.path, 'session_x', name ?? '');
    await verifyRecording({ videoPath: at(video), timingPath: at(timing), frames, width: 320, height: 240 });
    expect(stdout).toContain(at(video).slice(folder.path.length + 1));
    expect(stderr).toMatch(/\[#+\.*\] 00:01 \/ 00:02/);
  });

  it('records the widest view where no size is asked for, and says so', async () => {
    const { code, stdout, stderr } = await recordWidest(['--duration', '0.5', '--camera', '1', '--fps', '20']).ended;
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.not.stringContaining('warning') });
    expect(stderr).toContain('Recording picam:1 (imx219, 3280x2464, whole sensor, at 20 fps) into ');
    expect(stdout).toContain('\n  view     3280x2464, whole sensor\n');
    const [video, timing] = await recordedFiles();
    const at = (name: string | undefined): string => join(folder.path, 'session_x', name ?? '');
    const frames = Number(/Recorded (\d+) frames/.exec(stdout)?.[1]);
    await verifyRecording({ videoPath: at(video), timingPath: at(timing), frames, width: 3280, height: 2464 });
  });

  it('says what is cut out of the sensor, and knows the model though stderr does not tell it', async () => {
    const { code, stderr } = await record(['--duration', '0.2', '--camera', '1', '--size', '1920x1080'], {
      CSI_VIRTUAL_CAMERA: 'hide-sensor-id',
    }).ended;
    expect(code).toBe(0);
    expect(stderr).toContain('Recording picam:1 (imx219, 1920x1080 cut out of 3280x2464, at 30 fps) into ');
    expect((await recordedFiles())[0]).toContain('CSICameras/IMX219_picam_1/');
  });

  it('keeps its logs apart from those of a host on the same machine', async () => {
    const args = [
      'record',
      '--simulate',
      '--camera',
      '1',
      '--size',
      '640x480',
      '--duration',
      '0.2',
      '--out',
      join(folder.path, 'session_x'),
    ];
    await run(args, { XDG_STATE_HOME: join(folder.path, 'state') }).ended;
    const logs = join(folder.path, 'state', 'csi-cameras', 'logs');
    expect(await readdir(logs)).toEqual(['record-camera-1']);
    expect(await readdir(join(logs, 'record-camera-1'))).toContain('csicameras.log');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('stops cleanly at %s, with a whole recording', async (signal) => {
    const running = record([]);
    await new Promise<void>((resolve) => {
      running.process.stderr?.on('data', (chunk: Buffer) => {
        if (/00:01/.test(chunk.toString())) resolve();
      });
    });
    running.process.kill(signal);
    const { code, stdout } = await running.ended;
    expect(code).toBe(0);
    const frames = Number(/Recorded (\d+) frames/.exec(stdout)?.[1]);
    const [video, timing] = await recordedFiles();
    const at = (name: string | undefined): string => join(folder.path, 'session_x', name ?? '');
    await verifyRecording({ videoPath: at(video), timingPath: at(timing), frames, width: 640, height: 480 });
  });

  it('ends with 3 when frames were lost in the camera', async () => {
    const { code, stdout } = await record(['--duration', '2'], { CSI_VIRTUAL_CAMERA: 'drop=20:5' }).ended;
    expect(stdout).toContain('5 lost in the camera');
    expect(code).toBe(3);
  });

  it('goes on into a new take when a lost camera is back, and ends with 3', async () => {
    const { code, stdout, stderr } = await record(['--duration', '3'], { CSI_VIRTUAL_CAMERA: 'exit-after=30' }).ended;
    expect(code).toBe(3);
    expect(stderr).toContain('The camera is back');
    expect(stdout.match(/^Recorded /gm)?.length).toBeGreaterThanOrEqual(2);
    expect((await recordedFiles()).some((name) => name.includes('_take2'))).toBe(true);
  });

  it('ends with 1 and a sentence that helps when there is no camera', async () => {
    const { code, stderr } = await record(['--duration', '1'], { CSI_VIRTUAL_CAMERA: 'not-found' }).ended;
    expect(code).toBe(1);
    expect(stderr).toContain('ribbon cable');
  });

  it('ends with 1 when it may not write there', async () => {
    await writeFile(join(folder.path, 'session_x'), 'a file');
    const { code, stderr } = await record(['--duration', '1']).ended;
    expect(code).toBe(1);
    expect(stderr).toContain('session directory');
  });

  it('records in a current directory that was removed, with paths that are absolute', async () => {
    const gone = join(folder.path, 'gone');
    const places = `--log-dir '${join(folder.path, 'logs')}' --out '${join(folder.path, 'session_x')}'`;
    const command = `mkdir '${gone}' && cd '${gone}' && rmdir '${gone}' && exec "$0" '${MAIN}' record --simulate --duration 0.5 ${places}`;
    const child = spawn('/bin/sh', ['-c', command, process.execPath], { stdio: 'ignore' });
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(await recordedFiles()).toHaveLength(2);
  });

  it('ends with 1 and the reason where no directory can be made, and opens no camera for it', async () => {
    const { code, stdout, stderr } = await record(['--out', '/proc/x', '--duration', '1']).ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe(
      'error: The session directory /proc/x cannot be made (ENOENT: no such file or directory). Name another one with --out.\n',
    );
  });
});

describe('csi-cameras cameras', () => {
  it('lists the cameras as a table', async () => {
    const { code, stdout } = await run(['cameras', '--simulate']).ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^device +model +size/);
    expect(stdout).toMatch(/picam:0 +imx296 +1456x1088/);
    expect(stdout).toMatch(/picam:1 +imx219 +640x480/);
  });

  it('lists them as JSON for programs', async () => {
    const { stdout } = await run(['cameras', '--simulate', '--json']).ended;
    const cameras = JSON.parse(stdout) as { index: number; model: string; modes: unknown[] }[];
    expect(cameras.map(({ index, model }) => `${index} ${model}`)).toEqual(['0 imx296', '1 imx219']);
    expect(cameras[0]?.modes).not.toHaveLength(0);
  });

  it('says that there are none', async () => {
    const { code, stdout } = await run(['cameras', '--simulate'], { CSI_VIRTUAL_CAMERA: 'cameras=none' }).ended;
    expect(code).toBe(0);
    expect(stdout).toContain('No CSI cameras found');
  });

  it.each([
    ['ends with 0 for a reader that has enough', '| true', '0\n'],
    ['ends with 1 where the list cannot be written', '> /dev/full', '1\n'],
  ])('%s', async (_what, redirection, code) => {
    const command = `( '${process.execPath}' '${MAIN}' cameras --simulate; echo $? >&3 ) 3>code ${redirection}`;
    await once(spawn('/bin/sh', ['-c', command], { stdio: 'ignore', cwd: folder.path }), 'close');
    expect(`${await lineOf(join(folder.path, 'code'))}\n`).toBe(code);
  });

  it('ends with 1 when the capture tool is missing', async () => {
    const { code, stderr } = await run(['cameras', '--capture-tool', '/nowhere/rpicam-vid']).ended;
    expect(code).toBe(1);
    expect(stderr).toContain('rpicam-apps');
  });
});

describe('csi-cameras as a child of a host', () => {
  const hostFlags = [
    '--session-prefix',
    'exp',
    '--log-level',
    'DEBUG',
    '--no-console',
    '--enable-commands',
    '--window-geometry',
    '10x10+0+0',
    '--platform',
    'linux',
    '--architecture',
    'aarch64',
    '--is-raspberry-pi',
  ];

  it('accepts every flag of the host in the field and assigns the camera that --camera-index names', async () => {
    const host = await childHost({
      folder: folder.path,
      args: [...hostFlags, '--instance-id', 'cam/0', '--camera-index', '1'],
    });
    const ready = await host.log.wait('device_ready');
    expect(ready.data).toMatchObject({ device_id: 'picam:1', model: 'imx219' });
    await host.end();
    expect(await readdir(join(folder.path, 'logs'))).toEqual(['cam_0']);
  });

  it('begins trial 1 at once with --record, in the output directory, and takes commands as ever', async () => {
    const host = await childHost({ folder: folder.path, args: ['--camera-index', '1', '--record'] });
    const started = await host.log.wait('recording_started');
    expect(started.data).toMatchObject({ device_id: 'picam:1', trial_number: 1 });
    expect(started.data.video_path).toContain(`${folder.path}/CSICameras/`);
    expect(host.stderr()).toContain(`Trial 1 of picam:1 goes into ${folder.path}\n`);
    await waitForFrames(host, 5);
    const { data } = await host.expect('recording_stopped', { command: 'stop_recording' });
    await expectWholeRecording(data, { width: 640, height: 480 });
    const next = await host.expect('recording_started', { command: 'start_recording' });
    expect(next.data.trial_number).toBe(2);
    await host.end();
  });

  it('begins with --record in a new folder of the home where there is no output directory', async () => {
    const logDir = join(folder.path, 'logs');
    const child = run(['--simulate', '--log-dir', logDir, '--camera-index', '0', '--record'], { HOME: folder.path });
    const { code, stdout, stderr } = await child.ended;
    expect(code).toBe(0);
    // stdin may end before this is said, and what that called off is then said first.
    expect(stderr).toMatch(
      new RegExp(`^Trial 1 of picam:0 goes into ${folder.path}/recordings/session_\\d{8}_\\d{6}$`, 'm'),
    );
    // stdin was closed at once: nothing was recorded, so no folder was made.
    expect(stdout).toContain('"shutdown_complete"');
    expect(await readdir(folder.path)).not.toContain('recordings');
  });

  it.each([
    ['the end of stdin', (child: ChildProcess) => child.stdin?.end()],
    ['SIGTERM', (child: ChildProcess) => child.kill('SIGTERM')],
    ['SIGINT', (child: ChildProcess) => child.kill('SIGINT')],
    ['a host that closes our stdout', (child: ChildProcess) => child.stdout?.destroy()],
  ])('ends with 0 and a whole recording at %s', async (_how, end) => {
    const host = await childHost({ folder: folder.path });
    await host.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
    const { data } = await host.expect('recording_started', {
      command: 'start_recording',
      session_dir: join(folder.path, 'session_x'),
    });
    await waitForFrames(host, 5);
    end(host.process);
    expect(await host.exited).toEqual({ code: 0, signal: null });
    const [stopped] = host.log.named('recording_stopped');
    if (stopped !== undefined) await expectWholeRecording(stopped.data, { width: 640, height: 480 });
    const rows = (await readFile(data.timing_path, 'utf8')).trimEnd().split('\n').length - 1;
    expect(rows).toBeGreaterThanOrEqual(5);
    expect(host.stderr()).toBe('');
  });

  it('starts with its defaults and a warning when the configuration cannot be read', async () => {
    const broken = join(folder.path, 'broken.json');
    await writeFile(broken, '{ "camera": ');
    const host = await childHost({ folder: folder.path, args: ['--config-path', broken] });
    const warning = await host.log.wait('warning');
    expect(warning.data).toMatchObject({ code: 'config_ignored' });
    expect(warning.data.message).toContain('broken.json');
    await host.end();
  });
});

describe('wrong usage', () => {
  it.each([
    [['--no-such-flag']],
    [['record', '--duration', 'long']],
    [['record', '--size', 'big']],
    [['--camera-index', '-1']],
    [['nonsense']],
  ])('ends with 2 and says how it is used: %j', async (args) => {
    const { code, stdout, stderr } = await run(args).ended;
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/error: /);
  });

  it.each([[['--help']], [['record', '--help']], [['cameras', '--help']]])('%j ends with 0', async (args) => {
    const { code, stdout } = await run(args).ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/Usage: csi-cameras/);
    expect(stdout).toMatch(/Exit codes/);
  });
});
