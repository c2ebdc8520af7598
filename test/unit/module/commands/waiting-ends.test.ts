import { expect, it } from '@jest/globals';
import { laneOf } from '../../../../src/module/commands/lane-of.js';
import { WaitingEnds } from '../../../../src/module/commands/waiting-ends.js';
import { checkCommand } from '../../../../src/protocol/command-check.js';

/** What stops do to commands that wait for frames is in `waits-for-frames.test.ts`. */

const ends = new WaitingEnds(new Map());

function arrive(name: string, device: string): () => void {
  const checked = checkCommand({ command: name, device_id: device });
  if (!checked.ok) throw new Error(checked.error);
  const { command } = checked;
  ends.add(command, ends.placeOf(laneOf(command)));
  return () => {
    ends.remove(command);
  };
}

it('calls back for each stop that comes behind, and not after that was cancelled', () => {
  let calls = 0;
  const { isStopBehind, whenStopBehind } = ends.behind(ends.placeOf({ kind: 'camera', deviceId: 'picam:0' }));
  const cancel = whenStopBehind(() => {
    calls += 1;
  });
  arrive('take_snapshot', 'picam:0');
  arrive('stop_recording', 'picam:1');
  expect([calls, isStopBehind()]).toEqual([0, false]);
  const begins = arrive('stop_recording', 'picam:0');
  arrive('unassign_device', 'picam:0')();
  expect([calls, isStopBehind()]).toEqual([2, true]);
  begins();
  expect(isStopBehind()).toBe(false);
  cancel();
  arrive('stop_recording', 'picam:0');
  expect(calls).toBe(2);
});
