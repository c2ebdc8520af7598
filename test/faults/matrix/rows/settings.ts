import assert from 'node:assert/strict';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CameraPipeline, PipelineFactory } from '../../../../src/pipeline/camera-pipeline.js';
import { FaultyFileSystem, type Fault } from '../../../harness/faulty-file-system.js';
import type { MockHost } from '../../../harness/mock-host.js';
import { FAILING_THREADS, failThread, threadedPipelines } from '../../../harness/pipelines.js';
import { readTiming } from '../../../harness/read-timing.js';
import { waitForFrames } from '../../../harness/whole-recording.js';
import { tellingTool } from '../../../harness/telling-tool.js';
import type { FaultRow, Theme } from '../fault-row.js';
import type { Rig } from '../rig.js';
import { assign, record, recordsAgain, timeOf } from '../steps.js';

const setGain = (gain: number): { readonly command: string; readonly settings: object } => ({
  command: 'set_settings',
  settings: { gain },
});

/** What the virtual cameras' settings are kept in. */
const keptIn = (rig: Rig): string => join(rig.folder, 'state', 'cameras-simulated');

async function gainsOf(host: MockHost): Promise<{ asked: unknown; given: unknown; kept: unknown }> {
  const { asked, given, kept } = (await host.expect('settings', { command: 'get_settings' })).data;
  return { asked: asked.gain, given: given?.gain, kept: kept.gain };
}

async function keptAndAsked(host: MockHost): Promise<readonly unknown[]> {
  const { asked, kept } = await gainsOf(host);
  return [kept, asked];
}

/** Settings are changed while the disk that keeps them fails: they apply, and the host knows that they are not kept. */
const notKept = (fault: string, injected: string, faults: readonly Fault[]): FaultRow => ({
  fault,
  injected: `in process (faulty file system): ${injected}`,
  expected:
    'settings_changed, and one warning settings_not_kept; the settings apply; the file from before is whole; the next change is kept',
  async run(rig) {
    const disk = new FaultyFileSystem();
    const host = await rig.inProcess({ dependencies: { fileSystem: disk.fileSystem } });
    await assign(host);
    await host.expect('settings_changed', setGain(2));
    const injections = faults.map((each) => disk.inject(each));
    const at = Date.now();
    const changed = await host.expect('settings_changed', setGain(3));
    for (const injection of injections) injection.end();
    const codes = host.log.named('warning').map(({ data }) => data.code);
    assert.deepEqual(codes, ['settings_not_kept'], host.log.summary());
    const { asked, given } = await gainsOf(host);
    assert.equal(asked, 3);
    assert(typeof given === 'number' && Math.abs(given - 3) < 0.06, `given ${String(given)}`);
    const other = await rig.child();
    await assign(other);
    assert.equal((await gainsOf(other)).kept, 2, 'the file from before');
    await host.expect('settings_changed', setGain(4));
    await recordsAgain(host, rig.session());
    const names = await readdir(keptIn(rig));
    assert.deepEqual(names, ['i2c@88000_imx296@1a.json'], 'nothing but the file is left');
    return { seen: `${codes.join()}; former file whole; recording works`, detectMs: timeOf(changed) - at };
  },
});

const rows: readonly FaultRow[] = [
  {
    fault: 'settings that the capture tool refuses',
    injected: 'a change of the rate on a streaming camera; the tool ends with 255 where it is asked for it',
    expected: 'command_nack, invalid_setting, with the tool’s words; no device_error; the stream goes on as before',
    async run(rig) {
      const refusal = `case "$*" in *'--framerate 61'*) echo 'ERROR: *** no such rate ***' >&2; exit 255;; esac`;
      const { path } = await tellingTool(rig.folder, 'capture-tool', refusal);
      const host = await rig.child({ config: { camera: { tool: path } } });
      await assign(host);
      const at = Date.now();
      const refused = await host.expect('command_nack', { command: 'set_fps', fps: 61 });
      assert.equal(refused.data.code, 'invalid_setting', refused.data.error);
      assert.match(refused.data.error, /no such rate/);
      const { data } = await host.expect('status_report', { command: 'get_status' });
      assert.equal(data.cameras[0]?.state, 'streaming');
      assert.equal(data.cameras[0].requested.fps, 30);
      assert.deepEqual(host.log.named('device_error'), []);
      await recordsAgain(host, rig.session());
      return { seen: 'invalid_setting; former settings; recording works', detectMs: timeOf(refused) - at };
    },
  },
  {
    fault: 'camera lost during a change of settings',
    injected: 'no capture process can be started any more, in the middle of the restart',
    expected:
      'device_error with retry_in_ms, command_nack with its code, nothing kept; the camera comes back by itself',
    async run(rig) {
      const host = await rig.child({ config: { reconnect: { firstDelayMs: 100 } } });
      await assign(host);
      await rig.camera.misbehave('in-use');
      const at = Date.now();
      const refused = await host.expect('command_nack', { command: 'set_fps', fps: 50 });
      assert.equal(refused.data.code, 'camera_in_use', refused.data.error);
      const lost = await host.log.wait('device_error');
      assert.equal(typeof lost.data.retry_in_ms, 'number');
      await rig.camera.misbehave('');
      const from = Date.now();
      const back = await host.log.wait('device_ready', ({ data }) => data.reconnected === true);
      assert.deepEqual((await host.expect('settings', { command: 'get_settings' })).data.kept, {});
      await recordsAgain(host, rig.session());
      return {
        seen: `${refused.data.code}; reconnected at ${back.data.fps} fps`,
        detectMs: timeOf(refused) - at,
        recoverMs: timeOf(back) - from,
      };
    },
  },
  notKept('a read-only disk below the kept settings', 'nothing can be made there (EROFS)', [
    { operation: 'open', path: /\.write-/, effect: { kind: 'fail', errno: 'EROFS' } },
  ]),
  notKept('a full disk below the kept settings', 'the file cannot be written (ENOSPC)', [
    { operation: 'writeFile', path: /\.write-/, effect: { kind: 'fail', errno: 'ENOSPC' } },
  ]),
  {
    fault: 'a disk that hangs below the kept settings',
    injected: 'in process (faulty file system): the sync of the file never comes back, until the end',
    expected: 'settings_changed within 3 s or so, and settings_not_kept; the settings apply; recordings work meanwhile',
    async run(rig) {
      const disk = new FaultyFileSystem();
      const host = await rig.inProcess({ dependencies: { fileSystem: disk.fileSystem } });
      await assign(host);
      await host.expect('settings_changed', setGain(2));
      let release: () => void = () => undefined;
      const until = new Promise<void>((resolve) => {
        release = resolve;
      });
      const stall = disk.inject({ operation: 'sync', path: /\.write-/, effect: { kind: 'stall', until } });
      const at = Date.now();
      const changed = await host.expect('settings_changed', setGain(3));
      const detectMs = timeOf(changed) - at;
      assert(detectMs < 6_000, `answered after ${detectMs} ms`);
      assert.equal(host.log.named('warning')[0]?.data.code, 'settings_not_kept', host.log.summary());
      assert.equal((await gainsOf(host)).asked, 3);
      await recordsAgain(host, rig.session());
      stall.end();
      release();
      const from = Date.now();
      const kept = await host.expect('settings_changed', setGain(4));
      assert.equal(kept.data.kept.gain, 4);
      return { seen: 'settings_not_kept; recording works', detectMs, recoverMs: timeOf(kept) - from };
    },
  },
  {
    fault: 'thread that dies during a change of settings',
    injected: 'in process: a mistake in the camera’s thread, once while it streams and once in the middle of a restart',
    expected:
      'one answer to the change; the camera comes back by itself, with what is kept; what is asked is what is kept',
    async run(rig) {
      let pipeline: CameraPipeline | undefined;
      const failing = threadedPipelines(FAILING_THREADS);
      const pipelineFactory: PipelineFactory = (options, onEvent) => (pipeline = failing(options, onEvent));
      const config = { reconnect: { firstDelayMs: 100 } };
      const host = await rig.inProcess({ config, dependencies: { pipelineFactory } });
      const die = (): void => {
        assert(pipeline !== undefined, 'a pipeline was made');
        failThread(pipeline, 'throw');
      };
      await assign(host);
      await host.expect('settings_changed', setGain(3));
      const at = Date.now();
      die();
      const back = await host.log.wait('device_ready', ({ data }) => data.reconnected === true);
      assert.deepEqual(await keptAndAsked(host), [3, 3]);
      await rig.camera.misbehave('start-delay=10000');
      const from = host.log.all.length;
      const change = host.ask(setGain(4));
      await host.log.wait('heartbeat', ({ data }) => data.cameras[0]?.state === 'opening', from);
      await rig.camera.misbehave('');
      die();
      const answer = await change;
      await host.log.wait('device_ready', () => true, from);
      const [kept, asked] = await keptAndAsked(host);
      assert.equal(asked, kept, 'what is asked is what is kept');
      assert.equal(kept, answer.status === 'settings_changed' ? 4 : 3, answer.status);
      await recordsAgain(host, rig.session());
      return { seen: `back with its settings; ${answer.status}`, recoverMs: timeOf(back) - at };
    },
  },
  {
    fault: 'kept settings that are damaged',
    injected: 'the file of the camera is half a file; another one was written by a newer version',
    expected: 'device_ready without them, a warning settings_set_aside for each, nothing deleted; a new change is kept',
    async run(rig) {
      await mkdir(keptIn(rig), { recursive: true });
      const format = 'csi-cameras settings of a camera';
      await writeFile(join(keptIn(rig), 'i2c@88000_imx296@1a.json'), `{"format":"${format}","ver`);
      await writeFile(join(keptIn(rig), 'i2c@80000_imx219@10.json'), JSON.stringify({ format, version: 99 }));
      const host = await rig.child();
      await assign(host);
      const codes = host.log.named('warning').map(({ data }) => data.code);
      assert.deepEqual(codes, ['settings_set_aside', 'settings_set_aside'], host.log.summary());
      const changed = await host.expect('settings_changed', setGain(2));
      assert.deepEqual(changed.data.kept, { gain: 2 });
      const names = (await readdir(keptIn(rig))).map((name) => name.replace(/\.(corrupt|newer)-.*/, '.$1')).sort();
      const expected = [
        'i2c@80000_imx219@10.json.newer',
        'i2c@88000_imx296@1a.json',
        'i2c@88000_imx296@1a.json.corrupt',
      ];
      assert.deepEqual(names, expected);
      await recordsAgain(host, rig.session());
      return { seen: `${codes.join(', ')}; both files are still there` };
    },
  },
  {
    fault: 'metadata file removed while it is written',
    injected: 'rm of ..._metadata.csv in the middle of a recording',
    expected:
      'as of a timing file: one recording_error, recording_stopped; video and timing file are whole; metadata_path is null; the next recording works',
    async run(rig) {
      const host = await rig.child({ config: { recording: { frameMetadata: true } } });
      await assign(host);
      const started = await record(host, rig.session());
      await waitForFrames(host, 20);
      const path = started.timing_path.replace(/_timing\.csv$/, '_metadata.csv');
      await rm(path);
      const at = Date.now();
      const error = await host.log.wait('recording_error');
      const { data: stopped } = await host.log.wait('recording_stopped');
      assert.equal((await readTiming(started.timing_path)).length, stopped.frames);
      assert(stopped.frames >= 20, `${stopped.frames} frames`);
      assert.equal(stopped.metadata_path, null);
      assert.equal(host.log.named('recording_error').length, 1, host.log.summary());
      await recordsAgain(host, rig.session());
      return {
        seen: `${error.data.code}; ${stopped.frames} frames kept; metadata_path null`,
        detectMs: timeOf(error) - at,
      };
    },
  },
];

export const settings: Theme = { title: 'Settings', rows };
