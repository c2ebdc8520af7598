import { describe, expect, it } from '@jest/globals';
import { tellingTheWait } from '../../../../src/cli/record/waiting.js';
import { withResolve } from '../../../../src/core/within.js';
import type { CameraStatus, StatusReport } from '../../../../src/protocol/statuses.js';
import { ManualClock } from '../../../harness/manual-clock.js';

const DEVICES = ['picam:1', 'picam:0'];

function rig() {
  const clock = new ManualClock();
  const told: (readonly [number, ...string[]] | 'cleared')[] = [];
  const states = new Map(DEVICES.map((deviceId) => [deviceId, 'opening']));
  const status = () => {
    const cameras = [...states].map(([device_id, state]) => {
      const sync = device_id === 'picam:1' ? null : { role: 'client', timer_us: null };
      return { device_id, state, sync } as CameraStatus;
    });
    return { cameras } as StatusReport;
  };
  const line = {
    wait: (elapsedS: number, ...parts: string[]) => void told.push([elapsedS, ...parts]),
    clear: () => void told.push('cleared'),
  };
  const { promise, resolve } = withResolve<string>();
  const waited = tellingTheWait({ module: { status }, line, deviceIds: DEVICES, clock }, promise);
  return { clock, told, states, resolve, waited };
}

const END = 'Ctrl-C ends it';

describe('the wait for first frames', () => {
  it('is not told where they come soon', async () => {
    const { clock, told, resolve, waited } = rig();
    await clock.advance(1900);
    resolve('opened');
    expect(await waited).toBe('opened');
    await clock.advance(10_000);
    expect(told).toEqual(['cleared']);
  });

  it('is counted, with the cameras that have none yet, until it ends', async () => {
    const { clock, told, states, resolve, waited } = rig();
    await clock.advance(3500);
    states.set('picam:1', 'streaming');
    await clock.advance(1000);
    states.set('picam:0', 'streaming');
    await clock.advance(1000);
    resolve('opened');
    await waited;
    await clock.advance(10_000);
    expect(told).toEqual([
      [2, 'Waiting for frames of picam:1, picam:0 (sync client)', END],
      [3, 'Waiting for frames of picam:1, picam:0 (sync client)', END],
      [4, 'Waiting for frames of picam:0 (sync client)', END],
      'cleared',
    ]);
  });
});
