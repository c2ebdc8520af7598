import { describe, expect, it } from '@jest/globals';
import { DEFAULT_SETTINGS } from '../../../../src/core/camera-settings.js';
import { withResolve } from '../../../../src/core/within.js';
import { ChangeQueue, type SettingsWork } from '../../../../src/module/camera/changes/change-queue.js';
import * as reports from '../../../../src/module/reports.js';
import type { Report } from '../../../../src/protocol/statuses.js';

const changed = (n: number): Report =>
  reports.settings('settings_changed', `picam:${n}`, { asked: DEFAULT_SETTINGS, given: null, kept: {} });
const refused = reports.commandNack('invalid_setting', 'It cannot be.');

/** A queue whose changes end when the test says so. */
function queueOfChanges(): {
  readonly queue: ChangeQueue;
  readonly made: { readonly work: SettingsWork; readonly replyTo: string | undefined }[];
  /** Ends the change that is being made. */
  readonly end: (report: Report) => Promise<void>;
} {
  const made: { work: SettingsWork; replyTo: string | undefined }[] = [];
  const ends: ((report: Report) => void)[] = [];
  const queue = new ChangeQueue((work, replyTo) => {
    made.push({ work, replyTo });
    const { promise, resolve } = withResolve<Report>();
    ends.push(resolve);
    return promise;
  });
  const end = async (report: Report): Promise<void> => {
    ends.shift()?.(report);
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  };
  return { queue, made, end };
}

const gain = (value: number): SettingsWork => ({ kind: 'change', change: { gain: value } });

describe('the queue of changes', () => {
  it('begins the first change at once, and answers it', async () => {
    const { queue, made, end } = queueOfChanges();
    const answer = queue.add(gain(2), 'c1');
    expect(made).toEqual([{ work: gain(2), replyTo: 'c1' }]);
    expect(queue.isBusy).toBe(true);
    await end(changed(1));
    expect(await answer).toEqual(changed(1));
    expect(queue.isBusy).toBe(false);
  });

  it('makes changes that wait behind one another as one, and the later value wins', async () => {
    const { queue, made, end } = queueOfChanges();
    const answers = [
      queue.add(gain(2), 'c1'),
      queue.add(gain(3), 'c2'),
      queue.add({ kind: 'change', change: { fps: 60 } }, 'c3'),
      queue.add({ kind: 'change', change: { gain: null } }, 'c4'),
    ];
    await end(changed(1));
    expect(made.slice(1)).toEqual([{ work: { kind: 'change', change: { gain: null, fps: 60 } }, replyTo: 'c4' }]);
    await end(changed(2));
    expect(await Promise.all(answers)).toEqual([changed(1), changed(2), changed(2), changed(2)]);
  });

  it('makes each alone where they are refused together, so that only the bad one is refused', async () => {
    const { queue, made, end } = queueOfChanges();
    const answers = [queue.add(gain(2), 'c1'), queue.add(gain(3), 'c2'), queue.add(gain(999), 'c3')];
    await end(changed(1));
    await end(refused);
    await end(changed(2));
    await end(refused);
    expect(made.map(({ replyTo }) => replyTo)).toEqual(['c1', 'c3', 'c2', 'c3']);
    expect(await Promise.all(answers)).toEqual([changed(1), changed(2), refused]);
  });

  it('fixes between the changes before and after it', async () => {
    const { queue, made, end } = queueOfChanges();
    const answers = [gain(2), gain(3), { kind: 'fix' } as const, gain(4), gain(5)].map((work) => queue.add(work, 'c'));
    for (let n = 0; n < 4; n += 1) await end(changed(n));
    await Promise.all(answers);
    expect(made.map(({ work }) => work)).toEqual([gain(2), gain(3), { kind: 'fix' }, gain(5)]);
  });

  it('gives up those that wait, also those that were refused together, and not the one that is being made', async () => {
    const { queue, made, end } = queueOfChanges();
    const answers = [queue.add(gain(2), 'c1'), queue.add(gain(3), 'c2'), queue.add(gain(4), 'c3')];
    await end(changed(1));
    await end(refused);
    const gone = reports.commandNack('no_device', 'It was unassigned.');
    queue.giveUp(gone);
    expect(await answers[2]).toEqual(gone);
    await end(changed(2));
    expect(await Promise.all(answers)).toEqual([changed(1), changed(2), gone]);
    expect(made).toHaveLength(3);
    await queue.idle();
    expect(queue.isBusy).toBe(false);
  });
});
