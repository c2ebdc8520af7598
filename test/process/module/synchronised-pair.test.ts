import { setTimeout as nextAsk } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { captureProcess } from '../../harness/capture-process.js';
import { childHost, type ChildHost } from '../../harness/child-host.js';
import { cleanFolder } from '../../harness/clean-folder.js';
import { freeUdpPort } from '../../harness/free-udp-port.js';
import type { StatusOf } from '../../harness/mock-host.js';
import { readTiming } from '../../harness/read-timing.js';
import { expectWholeRecording } from '../../harness/whole-recording.js';

/** A server and its client, as the module drives them. How they meet on their own: `virtual-camera/sync.test.ts`. */

const [SERVER, CLIENT] = ['picam:0', 'picam:1'];
const PICTURE = { width: 320, height: 240 };
const PERIOD_NS = 1e9 / 60;
const IN_STEP_NS = 1_000_000;

describe('a synchronised pair', () => {
  const folder = cleanFolder(() => host.end());
  let host: ChildHost;

  async function launch(): Promise<void> {
    host = await childHost({
      folder: folder.path,
      config: {
        camera: { ...PICTURE, fps: 60, bufferCount: 60 },
        cameras: { [SERVER]: { sync: 'server' }, [CLIENT]: { sync: 'client' } },
        reconnect: { firstDelayMs: 50 },
        recording: { frameMetadata: true },
      },
      env: { CSI_VIRTUAL_CAMERA: `sync-port=${await freeUdpPort()},sync-frames=30` },
    });
  }

  /** The sensor times of each camera's takes, in order, nanoseconds. */
  async function sensorTimes(device: string): Promise<bigint[][]> {
    const takes = host.log.named('recording_stopped').filter(({ data }) => data.device_id === device);
    return Promise.all(
      takes.map(async ({ data }) => {
        await expectWholeRecording(data, PICTURE);
        const rows = await readTiming(data.timing_path ?? '');
        return rows.map(({ sensorTimestampNs }) => sensorTimestampNs);
      }),
    );
  }

  function started(device: string, trial: number, take: number): Promise<StatusOf<'recording_started'>> {
    return host.log.wait(
      'recording_started',
      ({ data }) => data.device_id === device && data.trial_number === trial && data.take === take,
    );
  }

  async function recorded(device: string, frames: number): Promise<void> {
    for (;;) {
      const { data } = await host.expect('status_report', { command: 'get_status' });
      const camera = data.cameras.find(({ device_id: id }) => id === device);
      if ((camera?.recording?.frames ?? 0) >= frames) return;
      await nextAsk(20);
    }
  }

  it('begins in step, whoever is assigned first, and goes on through the death of its server', async () => {
    await launch();
    // The client first: it waits, and its server's assignment does not stand behind it.
    host.send({ command: 'assign_device', device_id: CLIENT });
    await host.log.wait('device_ack', ({ data }) => data.device_id === CLIENT);
    await host.expect('device_ready', { command: 'assign_device', device_id: SERVER });
    await host.log.wait('device_ready', ({ data }) => data.device_id === CLIENT);

    host.send({ command: 'start_recording', session_dir: folder.path, trial_number: 1 });
    const firsts = [(await started(SERVER, 1, 1)).data, (await started(CLIENT, 1, 1)).data];
    expect(Math.abs(Number(BigInt(firsts[0]?.offset_ns ?? '') - BigInt(firsts[1]?.offset_ns ?? '')))).toBeLessThan(
      PERIOD_NS + IN_STEP_NS,
    );
    await recorded(SERVER, 20);
    await recorded(CLIENT, 20);
    const { data: status } = await host.expect('status_report', { command: 'get_status' });
    for (const [index, role] of ['server', 'client'].entries()) {
      const camera = status.cameras.find(({ device_id: id }) => id === [SERVER, CLIENT][index]);
      expect(camera?.sync).toMatchObject({ role });
      // It counts on from the moment at which both began, one period a frame.
      const periods = ((camera?.sync?.timer_us ?? Number.NaN) * 1_000) / PERIOD_NS;
      expect(periods).toBeLessThan(-5);
      expect(Math.abs(periods - Math.round(periods)) * PERIOD_NS).toBeLessThan(IN_STEP_NS);
    }

    process.kill(captureProcess(host.process.pid ?? 0, 0), 'SIGKILL');
    const lost = await host.log.wait('device_error', ({ data }) => data.device_id === SERVER);
    expect(lost.data).toMatchObject({ recoverable: true, retry_in_ms: expect.any(Number) });
    await started(SERVER, 1, 2);
    await recorded(SERVER, 20);
    host.send({ command: 'stop_recording' });
    const stopped = await host.log.wait('recording_stopped', ({ data }) => data.device_id === CLIENT);
    // The client heard nothing for a while. It lost no frame for it, and was told no error.
    expect(stopped.data).toMatchObject({ dropped: 0, source_gaps: 0, take: 1 });
    expect(host.log.named('device_error').map(({ data }) => data.device_id)).toEqual([SERVER]);
    await host.log.wait('recording_stopped', ({ data }) => data.device_id === SERVER && data.take === 2);
    const [whole = []] = await sensorTimes(CLIENT);
    const [before = [], after = []] = await sensorTimes(SERVER);
    expect(farthest(before.slice(0, 15), whole)).toBeLessThan(IN_STEP_NS);
    expect(farthest(after.slice(-15), whole)).toBeLessThan(IN_STEP_NS);

    // The server first: it begins alone, and a client that comes later meets it.
    await host.expect('device_unassigned', { command: 'unassign_all_devices' });
    await host.expect('device_ready', { command: 'assign_device', device_id: SERVER });
    await host.expect('device_ready', { command: 'assign_device', device_id: CLIENT });
    host.send({ command: 'start_recording', trial_number: 2 });
    await started(SERVER, 2, 1);
    await started(CLIENT, 2, 1);
    await recorded(SERVER, 20);
    host.send({ command: 'stop_recording' });
    for (const device of [SERVER, CLIENT])
      await host.log.wait('recording_stopped', ({ data }) => data.device_id === device && data.trial_number === 2);
    const [ofServer = [], ofClient = []] = [(await sensorTimes(SERVER))[2], (await sensorTimes(CLIENT))[1]];
    expect(farthest(ofClient.slice(1, -1), ofServer)).toBeLessThan(IN_STEP_NS);
  }, 60_000);
});

/** How far the farthest of these times is from the nearest one of the others, nanoseconds. */
function farthest(times: readonly bigint[], others: readonly bigint[]): number {
  expect(times.length).toBeGreaterThan(10);
  const distances = times.map((time) => Math.min(...others.map((other) => Math.abs(Number(time - other)))));
  return Math.max(...distances);
}
