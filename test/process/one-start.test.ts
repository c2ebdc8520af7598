import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { systemClock } from '../../src/core/clock.js';
import { childHost, type ChildHost } from '../harness/child-host.js';
import type { StatusOf } from '../harness/mock-host.js';
import { readTiming } from '../harness/read-timing.js';
import { temporaryFolder } from '../harness/temporary-folder.js';
import { expectWholeRecording } from '../harness/whole-recording.js';

/** Two processes, the first one with two cameras: all begin at one instant. */

/** The virtual camera gives 30 frames a second. */
const PERIOD_NS = 33_333_334n;

let folders: Awaited<ReturnType<typeof temporaryFolder>>[];
let hosts: ChildHost[];

beforeEach(async () => {
  folders = [await temporaryFolder(), await temporaryFolder()];
  hosts = await Promise.all(folders.map(({ path }) => childHost({ folder: path })));
});

afterEach(async () => {
  await Promise.all(hosts.map((host) => host.end()));
  await Promise.all(folders.map((folder) => folder.remove()));
});

interface Began {
  readonly instantNs: bigint;
  readonly offsetNs: bigint;
  /** Sensor timestamp of the first row of the timing file. */
  readonly firstNs: bigint;
}

async function beganAs({ data }: StatusOf<'recording_started'>): Promise<Began> {
  const [first] = await readTiming(data.timing_path);
  return {
    instantNs: BigInt(data.start_mono_ns),
    offsetNs: BigInt(data.offset_ns),
    firstNs: first?.sensorTimestampNs ?? 0n,
  };
}

/** The takes of a trial, once they have ended whole. */
async function takesOf(host: ChildHost, trial: number): Promise<Began[]> {
  const cameras = new Set(host.log.named('device_ready').map(({ data }) => data.device_id));
  const started: StatusOf<'recording_started'>[] = [];
  for (const id of cameras) {
    const isOfTake = (data: { device_id: string | null; trial_number: number | null }): boolean =>
      data.device_id === id && data.trial_number === trial;
    started.push(await host.log.wait('recording_started', ({ data }) => isOfTake(data)));
    const { data } = await host.log.wait('recording_stopped', (stopped) => isOfTake(stopped.data));
    expect(data).toMatchObject({ dropped: 0, reason: 'command' });
    await expectWholeRecording(data, { width: 640, height: 480 });
  }
  return Promise.all(started.map((one) => beganAs(one)));
}

function expectOneStart(takes: readonly Began[]): void {
  const [first] = takes;
  if (first === undefined) throw new Error('There are no takes.');
  for (const { instantNs, offsetNs, firstNs } of takes) {
    expect(instantNs).toBe(first.instantNs);
    expect(offsetNs).toBeGreaterThanOrEqual(0n);
    expect(offsetNs - first.offsetNs).toBe(firstNs - first.firstNs);
    expect(firstNs - instantNs).toBe(offsetNs);
  }
  const firsts = takes.map(({ firstNs }) => firstNs).sort((a, b) => Number(a - b));
  expect((firsts.at(-1) ?? 0n) - (firsts[0] ?? 0n)).toBeLessThanOrEqual(PERIOD_NS);
}

it('cameras of two processes begin with one start_mono_ns, and those of one process with one command', async () => {
  const [two, one] = hosts;
  if (two === undefined || one === undefined) throw new Error('Two modules were launched.');
  const ready = [
    two.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' }),
    one.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' }),
  ];
  await Promise.all(ready);
  await two.expect('device_ready', { command: 'assign_device', device_id: 'picam:1' });
  const instantNs = systemClock.monotonicNs() + 700_000_000n;
  const record = { command: 'start_recording', trial_number: 1, start_mono_ns: String(instantNs) };
  const begun = hosts.map(async (host, index) => {
    const session_dir = join(folders[index]?.path ?? '', 'session_x');
    await host.expect('recording_started', { ...record, session_dir });
    await host.expect('recording_stopped', { command: 'stop_recording' });
  });
  await Promise.all(begun);
  const takes = [...(await takesOf(two, 1)), ...(await takesOf(one, 1))];
  expect(takes).toHaveLength(3);
  expectOneStart(takes);
  expect(takes[0]?.instantNs).toBe(instantNs);

  await two.expect('recording_started', { command: 'start_recording', trial_number: 2 });
  await two.expect('recording_stopped', { command: 'stop_recording' });
  const ofOneCommand = await takesOf(two, 2);
  expect(ofOneCommand).toHaveLength(2);
  expectOneStart(ofOneCommand);
});
