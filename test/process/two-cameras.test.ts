import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BOTH_HOSTS } from '../harness/both-hosts.js';
import { cameraControl } from '../harness/camera-control.js';
import { childHost } from '../harness/child-host.js';
import type { MockHost } from '../harness/mock-host.js';
import { temporaryFolder } from '../harness/temporary-folder.js';
import { expectWholeRecording, waitForFrames } from '../harness/whole-recording.js';

describe.each(BOTH_HOSTS)('two cameras, the module %s', (_kind, startHost) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let host: MockHost;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(async () => {
    await host.end();
    await folder.remove();
  });

  it('record the same trial side by side, and one command has one final answer', async () => {
    host = await startHost({ folder: folder.path, config: { camera: { width: 640, height: 480 } } });
    for (const device_id of ['picam:0', 'picam:1'])
      await host.expect('device_ready', { command: 'assign_device', device_id });
    const id = host.send({ command: 'start_recording', session_dir: join(folder.path, 'session_x'), trial_number: 4 });
    const first = await host.log.wait('recording_started', ({ data }) => data.device_id === 'picam:0');
    const second = await host.log.wait('recording_started', ({ data }) => data.device_id === 'picam:1');
    expect([first.in_reply_to, second.in_reply_to]).toEqual([id, id]);
    await waitForFrames(host, 10);
    await host.expect('recording_stopped', { command: 'stop_recording', device_id: 'picam:1' });
    await host.expect('recording_stopped', { command: 'stop_recording' });
    // The idle camera's answer comes first: each is sent as soon as it is there.
    await host.log.wait('recording_stopped', ({ data }) => data.device_id === 'picam:0' && data.frames > 0);
    const stopped = host.log.named('recording_stopped').filter(({ data }) => data.frames > 0);
    expect(new Set(stopped.map(({ data }) => data.device_id))).toEqual(new Set(['picam:0', 'picam:1']));
    for (const { data } of stopped) {
      expect(data).toMatchObject({ trial_number: 4, dropped: 0, source_gaps: 0 });
      await expectWholeRecording(data, { width: 640, height: 480 });
    }
  });

  it('are told apart by model and id: the index follows, and a missing one is never replaced by its neighbour', async () => {
    const control = await cameraControl(folder.path, 'cameras=1');
    host = await startHost({ folder: folder.path, env: { ...control.env } });
    const missing = await host.expect('device_error', {
      command: 'assign_device',
      device_id: 'picam:0',
      camera_hw_model: 'imx296',
    });
    expect(missing.data.code).toBe('camera_not_found');
    const found = await host.expect('device_ready', {
      command: 'assign_device',
      device_id: 'picam:1',
      camera_index: 1,
      camera_hw_model: 'imx219',
    });
    expect(found.data.model).toBe('imx219');
  });
});

it('two instances side by side, each with an id, share a log directory and no log', async () => {
  const folder = await temporaryFolder();
  const ids = ['left', 'right'];
  const hosts = await Promise.all(ids.map((id) => childHost({ folder: folder.path, args: ['--instance-id', id] })));
  const sent = await Promise.all(
    hosts.map(async (host, index) => {
      await host.expect('device_ready', { command: 'assign_device', device_id: `picam:${index}` });
      await host.expect('recording_started', { command: 'record', session_dir: 'session_1', trial_number: 1 });
      await waitForFrames(host, 5);
      const { data } = await host.expect('recording_stopped', { command: 'stop_recording' });
      await expectWholeRecording(data, { width: 640, height: 480 });
      await host.end();
      return host.log.all.length;
    }),
  );
  for (const [index, id] of ids.entries()) {
    const text = await readFile(join(folder.path, 'logs', id, 'commands.jsonl'), 'utf8');
    const lines = text.trimEnd().split('\n');
    const devices = lines.flatMap((line) => /"device_id":"(picam:\d)"/.exec(line)?.[1] ?? []);
    expect(new Set(devices)).toEqual(new Set([`picam:${index}`]));
    const heartbeats = hosts[index]?.log.named('heartbeat').length ?? 0;
    expect(lines.filter((line) => line.includes('"dir":"out"'))).toHaveLength((sent[index] ?? 0) - heartbeats);
  }
  expect((await readdir(join(folder.path, 'logs'))).sort()).toEqual(ids);
  await folder.remove();
});
