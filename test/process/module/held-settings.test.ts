import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { StatusData } from '../../../src/protocol/statuses.js';
import { cameraControl, type CameraControl } from '../../harness/camera-control.js';
import { childHost, type ChildHost } from '../../harness/child-host.js';
import { cleanFolder } from '../../harness/clean-folder.js';
import { holdings } from '../../harness/nothing-left.js';
import { assertRowsInStep, readMetadata } from '../../harness/rows-in-step.js';
import { waitForFrames } from '../../harness/whole-recording.js';

type Stopped = StatusData<'recording_stopped'>;

/** The imx708, which tells most, as the first camera. */
const CAMERA = 'cameras=2';
const HELD = { exposureTimeUs: 3000, gain: 2, colourGains: [2, 1.5], lensPositionDioptres: 2 };
const DRIFT = 'drift=exposure:1+gain:1+colour-gains:1+lens-position:1';

describe('what a camera gives is told:', () => {
  const hosts: ChildHost[] = [];
  const folder = cleanFolder(async () => {
    for (const host of hosts.splice(0)) await host.end();
  });
  let control: CameraControl;

  async function start(camera: object = HELD): Promise<ChildHost> {
    control = await cameraControl(folder.path, CAMERA);
    const config = { camera, recording: { frameMetadata: true }, reconnect: { firstDelayMs: 100 } };
    const host = await childHost({
      folder: folder.path,
      config,
      env: { ...control.env, XDG_RUNTIME_DIR: folder.path },
    });
    hosts.push(host);
    await host.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
    return host;
  }

  const session = (): string => join(folder.path, 'session_20260106_081726');

  async function record(host: ChildHost, trialNumber: number, frames: number): Promise<void> {
    const command = { command: 'start_recording', session_dir: session(), trial_number: trialNumber };
    await host.expect('recording_started', command);
    await waitForFrames(host, frames);
  }

  async function stop(host: ChildHost): Promise<Stopped> {
    return (await host.expect('recording_stopped', { command: 'stop_recording' })).data;
  }

  it('one value where it is held, from the first frame to the last, and what drifts is found out', async () => {
    const host = await start();
    await record(host, 1, 90);
    const held = await stop(host);
    const exposures = await exposuresOf(held);
    expect(new Set(exposures)).toEqual(new Set([exposures[0]]));
    expect(held.given).toMatchObject({
      exposure_time_us: [exposures[0], exposures[0]],
      gain: [2, 2],
      lens_position_dioptres: [2, 2],
    });
    expect(host.log.named('warning')).toEqual([]);

    await record(host, 2, 10);
    await control.misbehave(DRIFT);
    for (const setting of Object.keys(HELD))
      await host.log.wait('warning', ({ data }) => data.message.startsWith(`${setting}: asked `));
    const drifted = await stop(host);
    const { exposure_time_us: exposure, gain, lens_position_dioptres: lens } = drifted.given;
    for (const [least, most] of [exposure ?? [0, 0], gain ?? [0, 0], lens ?? [0, 0]])
      expect(most).toBeGreaterThan(least);
    const each = await exposuresOf(drifted);
    expect(exposure).toEqual([Math.min(...each), Math.max(...each)]);
    const warnings = host.log.named('warning').map(({ data }) => data.message);
    expect(warnings).toHaveLength(Object.keys(HELD).length);
    expect(warnings).toContainEqual(expect.stringMatching(/^exposureTimeUs: asked 3000, the camera gives 3\d\d\d\.$/));
  });

  it('one value from fix_settings on, whatever automatic exposure did before', async () => {
    const host = await start({});
    await control.misbehave('drift=exposure:1+gain:1');
    const moved = await host.log.wait('heartbeat', ({ data }) => (data.cameras[0]?.given?.gain ?? 0) > 1.3);
    const fixed = await host.expect('settings_changed', { command: 'fix_settings' });
    await control.misbehave('');
    const { exposureTimeUs, gain } = fixed.data.kept;
    expect(gain).toBeGreaterThanOrEqual(moved.data.cameras[0]?.given?.gain ?? Infinity);
    await host.expect('settings_changed', { command: 'set_settings', settings: { brightness: 0.1 } });
    await record(host, 1, 60);
    const stopped = await stop(host);
    const [least = 0, most = 0] = stopped.given.exposure_time_us ?? [];
    expect(most).toBe(least);
    expect(Math.abs(least - (exposureTimeUs ?? 0))).toBeLessThan(14); // a line of this mode
    const [leastGain = 0, mostGain = 0] = stopped.given.gain ?? [];
    expect(mostGain).toBe(leastGain);
    expect(Math.abs(leastGain - (gain ?? 0))).toBeLessThan(0.02 * leastGain);
  });

  it('how sharp it is, by the size of the frames where nothing else tells it', async () => {
    const host = await start();
    await host.log.wait('heartbeat', ({ data }) => data.cameras[0]?.focus?.kind === 'FocusFoM');
    await control.misbehave('no-metadata');
    const by = await host.log.wait('heartbeat', ({ data }) => data.cameras[0]?.focus?.kind === 'frame_bytes');
    expect(by.data.cameras[0]?.focus?.value).toBeGreaterThan(1_000);
  });

  it('frame by frame, also behind a lost camera and behind a change of settings', async () => {
    const host = await start();
    await record(host, 1, 10);
    process.kill(capturePid(host), 'SIGKILL');
    await host.log.wait('device_ready', ({ data }) => data.reconnected === true);
    await waitForFrames(host, 10);
    const second = await stop(host);
    const [first] = host.log.named('recording_stopped');
    expect([first?.data.reason, first?.data.take, second.take]).toEqual(['device_error', 1, 2]);
    if (first !== undefined) await exposuresOf(first.data);
    expect(new Set(await exposuresOf(second)).size).toBe(1);
    await host.expect('settings_changed', { command: 'set_settings', settings: { exposureTimeUs: 1000 } });
    await record(host, 2, 10);
    const third = await stop(host);
    const exposures = await exposuresOf(third);
    expect(third.given.exposure_time_us).toEqual([exposures[0], exposures[0]]);
    expect(exposures[0]).toBeLessThan(1001);
  });

  it('frame by frame, also by a module that is killed: the next start puts its rows in step', async () => {
    const killed = await start();
    await record(killed, 1, 60);
    killed.process.kill('SIGKILL');
    await killed.exited;
    const next = await start();
    await record(next, 2, 5);
    await stop(next);
    const names = (await readdir(session(), { recursive: true })).filter((name) => name.includes('trial001'));
    const pathOf = (ending: string): string => join(session(), names.find((name) => name.endsWith(ending)) ?? ending);
    const metadataPath = pathOf('_metadata.csv');
    const { length } = await readMetadata(metadataPath);
    expect(length).toBeGreaterThan(20);
    await assertRowsInStep(
      { take: 1, videoPath: pathOf('.avi'), timingPath: pathOf('_timing.csv'), metadataPath },
      length,
    );
  });
});

/** `ExposureTime` of each frame, after its rows were held against the timing file and the video. */
async function exposuresOf(stopped: Stopped): Promise<number[]> {
  const { video_path: videoPath, timing_path: timingPath, metadata_path: metadataPath, frames, take } = stopped;
  if (videoPath === null || timingPath === null || take === null) throw new Error('The recording has no files.');
  if (metadataPath === null || metadataPath === undefined) throw new Error('The recording has no metadata.');
  await assertRowsInStep({ take, videoPath, timingPath, metadataPath }, frames);
  const rows = await readMetadata(metadataPath);
  return rows.map((row) => Number(row['ExposureTime']));
}

function capturePid(host: ChildHost): number {
  const found = holdings(host.process.pid).children.find((child) => child.includes(' --timeout 0 '));
  return Number.parseInt(found ?? '', 10);
}
