import { describe, expect, it } from '@jest/globals';
import { AFTER_FAILURE_MS, Supervision } from '../../../../src/cli/supervisor/supervision.js';
import { withResolve } from '../../../../src/core/within.js';
import type { CameraStatus } from '../../../../src/protocol/statuses.js';
import { ManualClock, settled } from '../../../harness/manual-clock.js';
import { answerOf, lost, recording } from '../../../harness/monitor-answers.js';

const PID = 4711;
const SYSTEMD = { NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: '30000000', WATCHDOG_PID: String(PID) };

function rig(env: NodeJS.ProcessEnv = SYSTEMD, trouble: string | null = null) {
  const clock = new ManualClock();
  const told: string[] = [];
  const warnings: string[] = [];
  const answers: (() => void)[] = [];
  const own = { ...env, PATH: '/usr/bin' };
  let isSlow = false;
  const supervision = new Supervision({
    env: own,
    pid: PID,
    clock,
    notify: (socket, variables) => {
      expect(socket).toBe('/run/notify');
      told.push(variables.join(' '));
      const { promise, resolve } = withResolve<string | null>();
      if (isSlow) answers.push(() => resolve(trouble));
      else resolve(trouble);
      return promise;
    },
    warn: (sentence) => void warnings.push(sentence),
  });
  const { promise, resolve } = withResolve<undefined>();
  let isBySignal = false;
  const end = (bySignal: boolean): void => {
    isBySignal = bySignal;
    resolve(undefined);
  };
  const watch = (...cameras: readonly CameraStatus[]): void => {
    const module = { status: () => answerOf({ cameras, status: { disk: null } }).status };
    supervision.watch(module, { promise, isBySignal: () => isBySignal });
  };
  const beSlow = (): void => void (isSlow = true);
  return { supervision, clock, told, warnings, own, watch, end, beSlow, answers };
}

const TOLD = 'STATUS=picam:0 records take 1: 12340 frames';

describe('the supervision of a recording', () => {
  it('says that it is ready before a camera is open, then what it does at half of the time of the watchdog', async () => {
    const { supervision, clock, told, watch } = rig();
    supervision.ready();
    expect(told).toEqual(['READY=1 STATUS=Starting']);
    await clock.advance(15_000);
    watch(recording());
    await clock.advance(30_000);
    expect(told.slice(1)).toEqual(['WATCHDOG=1 STATUS=Starting', `WATCHDOG=1 ${TOLD}`, `WATCHDOG=1 ${TOLD}`]);
    supervision.end();
    expect(clock.timers).toBe(0);
  });

  it.each([
    ['a watchdog of 1,000 years', '31557600000000000', 15_000],
    ['one without an end', 'Infinity', 15_000],
    ['one that is no number', 'soon', 15_000],
    ['one below zero', '-30000000', 15_000],
    ['one of a microsecond', '1', 100],
    ['one of ten seconds', '10000000', 5000],
  ])('tells %s how it goes in good time, and floods nobody', async (_what, watchdogUs, periodMs) => {
    const { supervision, clock, told } = rig({ ...SYSTEMD, WATCHDOG_USEC: watchdogUs });
    supervision.ready();
    await clock.advance(periodMs - 1);
    expect(told).toHaveLength(1);
    await clock.advance(1);
    expect(told).toHaveLength(2);
  });

  it('takes what is for it out of the environment, so that nobody whom it starts can speak for it', () => {
    expect(rig().own).toEqual({ PATH: '/usr/bin' });
  });

  it('does and says nothing where there is no supervisor', async () => {
    const { supervision, clock, told, watch, end } = rig({});
    expect(supervision.isOn).toBe(false);
    supervision.ready();
    watch(recording());
    end(true);
    await supervision.beforeNextAttempt('The camera is missing.');
    await clock.advance(100_000);
    expect([told, clock.timers]).toEqual([[], 0]);
  });

  it.each([
    ['no watchdog is asked for', { NOTIFY_SOCKET: '/run/notify' }],
    ['the watchdog is for another process', { ...SYSTEMD, WATCHDOG_USEC: '2000000', WATCHDOG_PID: '1' }],
    ['the watchdog has no time', { NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: 'soon' }],
  ])('tells the state now and then where %s', async (_what, env) => {
    const { supervision, clock, told } = rig(env);
    supervision.ready();
    await clock.advance(30_000);
    expect(told).toHaveLength(3);
  });

  it('answers the watchdog while a camera is lost, but not while the module does not get to a silent one', async () => {
    const { supervision, clock, told, warnings, watch } = rig();
    supervision.ready();
    watch(lost());
    await clock.advance(15_000);
    expect(told.at(-1)).toMatch(/^WATCHDOG=1 STATUS=picam:0 is lost/);
    watch(recording({}, { figures_age_ms: 40_000 }));
    await clock.advance(30_000);
    expect(told.slice(-2)).toEqual([TOLD, TOLD]);
    expect(warnings).toEqual([
      'warning: picam:0 has told nothing for 40 s, and was not opened again. The watchdog is not answered, so that the service is started again.',
    ]);
  });

  it('sends no second answer while systemd has not read the first', async () => {
    const { supervision, clock, told, beSlow, answers } = rig();
    beSlow();
    supervision.ready();
    await clock.advance(60_000);
    expect(told).toHaveLength(1);
    answers[0]?.();
    await clock.advance(15_000);
    expect(told).toHaveLength(2);
  });

  it('warns once where systemd cannot be told, and goes on', async () => {
    const { supervision, clock, warnings, told } = rig(SYSTEMD, 'systemd-notify is missing (package systemd)');
    supervision.ready();
    await clock.advance(60_000);
    expect(told).toHaveLength(5);
    expect(warnings).toEqual([
      'warning: systemd is not told that this process lives: systemd-notify is missing (package systemd).',
    ]);
  });

  it('tells of an end that a signal ordered, and then waits for nothing', async () => {
    const { supervision, told, watch, end, clock } = rig();
    supervision.ready();
    watch(recording());
    end(true);
    await settled();
    expect(told.at(-1)).toBe('STOPPING=1 STATUS=Stopping');
    await supervision.beforeNextAttempt('Stopped. Nothing was recorded.');
    supervision.end();
    expect(clock.timers).toBe(0);
  });

  it('waits before the next attempt where the disk ended the recording, and is alive meanwhile', async () => {
    const { supervision, told, watch, end, clock } = rig();
    supervision.ready();
    watch(recording());
    end(false);
    await settled();
    expect(told).not.toContain('STOPPING=1 STATUS=Stopping');
    let isOver = false;
    const waiting = supervision.beforeNextAttempt('The disk ended the recording.').then(() => (isOver = true));
    await clock.advance(AFTER_FAILURE_MS - 1);
    const state = 'STATUS=The disk ended the recording. The next attempt is in 30 s.';
    expect(told.slice(-2)).toEqual([state, `WATCHDOG=1 ${state}`]);
    expect(isOver).toBe(false);
    await clock.advance(1);
    await waiting;
  });

  it('ends that wait at a signal', async () => {
    const { supervision } = rig();
    const waiting = supervision.beforeNextAttempt('No camera was found.');
    process.emit('SIGTERM');
    await waiting;
  });

  it('does not wait after a recording that has its length', async () => {
    await rig().supervision.beforeNextAttempt(undefined);
  });
});
