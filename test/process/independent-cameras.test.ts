import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as nextLook } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { withResolve } from '../../src/core/within.js';
import type { CameraPipeline } from '../../src/pipeline/camera-pipeline.js';
import { captureProcess } from '../harness/capture-process.js';
import { childHost, type ChildHost } from '../harness/child-host.js';
import { cleanFolder } from '../harness/clean-folder.js';
import { inProcessHost, type InProcessHost } from '../harness/in-process-host.js';
import { expectProperLogs, linesOf, type LogLine } from '../harness/log-lines.js';
import type { MockHost, StatusOf } from '../harness/mock-host.js';
import { FAILING_THREADS, failThread, threadedPipelines } from '../harness/pipelines.js';
import { readTiming } from '../harness/read-timing.js';
import { verifyRecording } from '../harness/verify-recording.js';
import { expectWholeRecording, waitForFrames } from '../harness/whole-recording.js';

const [WHOLE, OTHER] = ['picam:0', 'picam:1'];
const PICTURE = { width: 320, height: 240 };
const CONFIG = {
  camera: { ...PICTURE, frameTimeoutMs: 1_000 },
  reconnect: { firstDelayMs: 50 },
  preview: { fps: 0 },
};

type Stopped = StatusOf<'recording_stopped'>;

const folderOfOther = (session: string): string => join(session, 'CSICameras', 'IMX219_picam_1');

/** Both assigned; one records. What the other one is told and cannot do meanwhile is its own affair. */
async function beginBesideOther(host: MockHost, session: string): Promise<void> {
  for (const device_id of [WHOLE, OTHER]) await host.expect('device_ready', { command: 'assign_device', device_id });
  const start = { command: 'start_recording', session_dir: session, trial_number: 3 };
  await host.expect('recording_started', { ...start, device_id: WHOLE });

  const folder = folderOfOther(session);
  await writeFile(folder, 'no folder');
  const refused = await host.expect('recording_error', { ...start, device_id: OTHER });
  expect(refused.data).toMatchObject({ device_id: OTHER, code: 'invalid_session_dir' });
  await rm(folder);

  const changed = await host.expect('settings_changed', {
    command: 'set_settings',
    device_id: OTHER,
    settings: { gain: 2 },
  });
  expect(changed.data).toMatchObject({ device_id: OTHER, kept: { gain: 2 } });
  await host.expect('preview_toggled', { command: 'toggle_preview', camera_id: OTHER, enabled: false });
  await host.expect('recording_started', { ...start, device_id: OTHER });
}

/** The other one records again, by itself, in this take. */
function recordsAgain(host: MockHost, take: number): Promise<unknown> {
  return host.log.wait('recording_started', ({ data }) => data.device_id === OTHER && data.take === take);
}

async function stopBoth(host: MockHost): Promise<readonly Stopped[]> {
  const { data: report } = await host.expect('status_report', { command: 'get_status' });
  expect(report.cameras).toMatchObject([
    { device_id: WHOLE, state: 'recording', error: null, preview_enabled: true },
    { device_id: OTHER, state: 'recording', preview_enabled: false },
  ]);
  const { data: settings } = await host.expect('settings', { command: 'get_settings', device_id: WHOLE });
  expect(settings).toMatchObject({ asked: { gain: null }, kept: {} });
  const id = host.send({ command: 'stop_recording' });
  for (const device of [WHOLE, OTHER])
    await host.log.wait('recording_stopped', ({ in_reply_to: to, data }) => to === id && data.device_id === device);
  return host.log.named('recording_stopped');
}

/** Whatever became of the other one. */
async function expectUndisturbed(host: MockHost, stopped: readonly Stopped[]): Promise<void> {
  const own = stopped.filter(({ data }) => data.device_id === WHOLE);
  expect(own).toHaveLength(1);
  for (const { data } of own) {
    expect(data).toMatchObject({ trial_number: 3, take: 1, reason: 'command', dropped: 0, source_gaps: 0 });
    const rows = await readTiming(data.timing_path ?? '');
    const stepsUs = rows.slice(1).map(({ sensorTimestampNs }, at) => {
      return Number(sensorTimestampNs - (rows[at]?.sensorTimestampNs ?? 0n)) / 1_000;
    });
    expect(stepsUs.filter((us) => Math.abs(us - 1e6 / 30) > 2)).toEqual([]);
  }
  const told = host.log.all.filter(({ data }) => 'device_id' in data && data.device_id === WHOLE);
  expect(told.map(({ status }) => status).filter((status) => status !== 'settings')).toEqual([
    'device_ack',
    'device_ready',
    'recording_started',
    'recording_stopped',
    'device_unassigned',
  ]);
  for (const { data } of own) await expectWholeRecording(data, PICTURE);
}

/** Each line that is about a camera says which; and none complains of the one that nothing happened to. */
async function expectLinesByDevice(logDir: string): Promise<void> {
  const { application, drops } = await linesOf(logDir);
  expectProperLogs({ application, drops }, [WHOLE, OTHER]);
  expect(application.filter(({ device, level }) => device === WHOLE && Number(level) >= 40)).toEqual([]);
  expect(application.filter(({ device, level }) => device === OTHER && Number(level) >= 40)).not.toEqual([]);
  expect(drops.filter(({ device_id: device }) => device === WHOLE)).toEqual([]);
}

describe('a camera beside another one', () => {
  let host: InProcessHost | ChildHost;
  const folder = cleanFolder(() => host.end());
  const session = (): string => join(folder.path, 'session_1');

  it('records on while that has no folder, gets settings, freezes and loses its thread, in one process', async () => {
    const [failing, healthy] = [threadedPipelines(FAILING_THREADS), threadedPipelines()];
    let other: CameraPipeline | undefined;
    const inProcess = await inProcessHost({
      folder: folder.path,
      config: CONFIG,
      dependencies: {
        pipelineFactory: (options, onEvent) => {
          if (options.deviceId === WHOLE) return healthy(options, onEvent);
          other = failing(options, onEvent);
          return other;
        },
      },
    });
    host = inProcess;
    const seen = new Map<string, Set<string>>();
    const pictures = withResolve<void>();
    let looked = 0;
    for (const device of [WHOLE, OTHER]) {
      inProcess.module.preview(device, ({ deviceId, width }) => {
        seen.set(device, (seen.get(device) ?? new Set()).add(`${deviceId} ${width}`));
        if (device === WHOLE) looked += 1;
        if (looked === 50) pictures.resolve();
        if (device === OTHER) throw new Error('a listener that fails');
      });
    }
    await beginBesideOther(host, session());
    process.kill(captureProcess(process.pid, 1), 'SIGSTOP');
    await recordsAgain(host, 2);
    if (other === undefined) throw new Error('No pipeline was made.');
    failThread(other, 'throw');
    await recordsAgain(host, 3);
    await pictures.promise;
    const stopped = await stopBoth(host);
    await host.end();
    await expectUndisturbed(host, stopped);
    const others = stopped.filter(({ data }) => data.device_id === OTHER);
    await Promise.all(others.map(({ data }) => expectWholeRecording(data, PICTURE)));
    await expectLinesByDevice(host.logDir);
    expect(seen.get(WHOLE)).toEqual(new Set([`${WHOLE} 320`]));
    expect(seen.get(OTHER)).toEqual(new Set([`${OTHER} 320`]));
  });

  it('records on while that has no folder, gets settings, is killed and loses its files, in a child process', async () => {
    const child = await childHost({ folder: folder.path, config: CONFIG });
    host = child;
    await beginBesideOther(host, session());
    process.kill(captureProcess(child.process.pid ?? 0, 1), 'SIGKILL');
    await recordsAgain(host, 2);
    await rm(folderOfOther(session()), { recursive: true });
    const stopped = await stopBoth(host);
    await host.end();
    await expectUndisturbed(host, stopped);
    await expectLinesByDevice(host.logDir);
    const others = stopped.filter(({ data }) => data.device_id === OTHER);
    expect(others.map(({ data }) => [data.take, data.frames > 0])).toEqual([
      [1, true],
      [null, false], // nothing is claimed that is not there
    ]);
  });
});

describe('processes that record into one session directory, with one trial number', () => {
  const hosts: ChildHost[] = [];
  const folder = cleanFolder(async () => {
    await Promise.all(hosts.splice(0).map((host) => host.end()));
  });

  const start = async (instance: string, device_id: string): Promise<ChildHost> => {
    const [config, env] = [{ camera: PICTURE }, { XDG_RUNTIME_DIR: join(folder.path, 'run') }];
    const host = await childHost({ folder: folder.path, config, env, args: ['--instance-id', instance] });
    hosts.push(host);
    await host.expect('device_ready', { command: 'assign_device', device_id });
    return host;
  };
  const record = async (host: ChildHost): Promise<StatusOf<'recording_started'>> =>
    host.expect('recording_started', {
      command: 'start_recording',
      session_dir: join(folder.path, 'session_1'),
      trial_number: 1,
    });

  /** Polled: what is only logged comes with no status. */
  const linesSaying = async ({ logDir }: ChildHost, instance: string, message: string): Promise<readonly LogLine[]> => {
    for (;;) {
      const { application } = await linesOf(join(logDir, instance));
      const found = application.filter(({ msg }) => msg === message);
      if (found.length > 0) return found;
      await nextLook(20);
    }
  };

  it('overwrite nothing, keep their settings, and touch no open file, note or process of one another', async () => {
    await mkdir(join(folder.path, 'run'), { mode: 0o700 });
    // The last two are more for the first one's camera: one dies, and the next one looks for what dead processes left open.
    const [left, right, third, fourth] = await Promise.all([
      start('left', WHOLE),
      start('right', OTHER),
      start('third', WHOLE),
      start('fourth', WHOLE),
    ]);
    const gains = [2, 4];
    await Promise.all(
      [left, right].map((host, index) =>
        host.expect('settings_changed', { command: 'set_settings', settings: { gain: gains[index] } }),
      ),
    );
    await Promise.all([record(left), record(right)]);
    const { data: lost } = await record(third);
    await waitForFrames(third, 20);
    third.process.kill('SIGKILL');
    await third.exited;
    await record(fourth);
    const [closed] = await linesSaying(fourth, 'fourth', 'A recording left open by a dead process was closed.');
    expect(closed).toMatchObject({ device: WHOLE, path: lost.video_path });

    const stopped: Stopped['data'][] = [];
    for (const host of [fourth, left, right])
      stopped.push((await host.expect('recording_stopped', { command: 'stop_recording' })).data);
    expect(stopped.map(({ take }) => take)).toEqual([3, 1, 1]);
    for (const data of stopped) expect(data).toMatchObject({ dropped: 0, source_gaps: 0, reason: 'command' });
    const { video_path: videoPath, timing_path: timingPath } = lost;
    await Promise.all([
      ...stopped.map((data) => expectWholeRecording(data, PICTURE)),
      verifyRecording({ videoPath, timingPath, frames: Number(closed?.['frames']), ...PICTURE }),
    ]);
    expect((await linesOf(join(left.logDir, 'left'))).application.filter(({ level }) => Number(level) >= 40)).toEqual(
      [],
    );
    const kept = join(folder.path, 'state', 'cameras-simulated');
    const texts = await Promise.all((await readdir(kept)).sort().map((name) => readFile(join(kept, name), 'utf8')));
    expect(texts.map((text) => /"gain": ?(\d)/.exec(text)?.[1])).toEqual(['4', '2']); // imx219, imx296
  });
});
