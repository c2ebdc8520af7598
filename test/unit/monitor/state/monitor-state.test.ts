import { beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { MOST_EVENTS } from '../../../../src/monitor/state/event-list.js';
import { MonitorState } from '../../../../src/monitor/state/monitor-state.js';
import type { LastEnd, MonitorView } from '../../../../src/monitor/view.js';
import type { CameraStatus, StatusMessage } from '../../../../src/protocol/statuses.js';
import * as statuses from '../../../harness/told-statuses.js';
import {
  camera,
  lost,
  MS,
  ready,
  recording,
  recordingError,
  report,
  started,
  stopped,
  told,
} from '../../../harness/told-statuses.js';

let state: MonitorState;
let nowNs: bigint;

beforeEach(() => {
  state = new MonitorState();
  nowNs = 5_000_000_000n;
  look();
});

function hear(...messages: readonly StatusMessage[]): void {
  for (const message of messages) state.hear(message, nowNs);
}

function look(...cameras: readonly CameraStatus[]): MonitorView {
  return state.look(report(...(cameras.length === 0 ? [camera()] : cameras)), nowNs);
}

function after(ms: number): void {
  nowNs += BigInt(ms) * MS;
}

const end = (...cameras: readonly CameraStatus[]): LastEnd | null | undefined => look(...cameras).cameras[0]?.last_end;
const texts = (): string[] => look().events.map(({ text }) => text.replaceAll('\u{A0}', ' '));

describe('the end of a recording', () => {
  it('is none before one ended', () => {
    expect(end()).toBeNull();
    hear(stopped({ trial_number: null, take: null, frames: 0 }));
    expect(end()).toBeNull();
  });

  it('is told with its age until the next take has begun', () => {
    hear(started(), stopped({ dropped: 2 }));
    after(4_000);
    expect(end()).toEqual({
      reason: 'command',
      error: null,
      ago_ms: 4_000,
      trial_number: 3,
      take: 1,
      frames: 12_340,
      dropped: 2,
      video_path: '/data/trial003_take01.avi',
    });
    expect(end(recording({ take: 0 }))).not.toBeNull();
    hear(started(2));
    expect(end(recording({ take: 2 }))).toBeNull();
  });

  it('has the error that was told right before it', () => {
    hear(started(), recordingError('disk_full'), stopped({ reason: 'disk_full' }));
    expect(end()).toMatchObject({ reason: 'disk_full', error: { code: 'disk_full', error: 'disk_full happened.' } });
    // It was that take's. The next one has ended as ordered.
    hear(started(2), stopped({ take: 2 }));
    expect(end()).toMatchObject({ reason: 'command', error: null });
  });

  it('has the error of its folder where that was no answer to a start', () => {
    hear(started(), recordingError('invalid_session_dir'), stopped({ reason: 'io_error' }));
    expect(end()).toMatchObject({ reason: 'io_error', error: { code: 'invalid_session_dir' } });
  });

  it('has no error that was told long before it, or of another camera', () => {
    hear(started(), recordingError('camera_disconnected'), recordingError('disk_full', 'picam:1'));
    after(2_000);
    hear(stopped());
    expect(end()).toMatchObject({ reason: 'command', error: null });
  });

  it('is not told of a start that is refused while a take is under way', () => {
    hear(started());
    hear(recordingError('invalid_session_dir', 'picam:0', 'r1'), recordingError('disk_full', null, 'r2'));
    expect(end(recording())).toBeNull();
    hear(stopped());
    expect(end()).toMatchObject({ reason: 'command', error: null });
  });

  it('is that of a start that failed before there was a file', () => {
    hear(recordingError('disk_full'), stopped({ take: null, frames: 0, video_path: null }));
    expect(end()).toMatchObject({ reason: 'not_started', error: { code: 'disk_full' }, take: null, frames: 0 });
    hear(recordingError('invalid_session_dir', null));
    expect(end()).toMatchObject({ reason: 'not_started', error: { code: 'invalid_session_dir' } });
  });

  it('is not told while the trial still begins by itself', () => {
    hear(recordingError('camera_disconnected'));
    expect(end(camera({ state: 'waiting', pending_trial_number: 3 }))).toBeNull();
    expect(end(recording({ take: 0, frames: 0 }))).toBeNull();
    expect(end(camera({ state: 'waiting' }))).toMatchObject({ reason: 'not_started' });
  });

  it('stays that of a trial whose rest never came, because its camera was given up', () => {
    hear(started(), recordingError('camera_disconnected'), stopped({ reason: 'device_error' }), lost());
    after(9_000);
    hear(lost(null), recordingError('camera_disconnected'));
    const ended = { reason: 'device_error', take: 1, frames: 12_340, ago_ms: 9_000 };
    expect(end(camera({ state: 'closed' }))).toMatchObject(ended);
    expect(end()).toMatchObject(ended);
    // A start that a host asks for after that is another matter.
    hear(recordingError('disk_full', 'picam:0', 'start_2'));
    expect(end()).toMatchObject({ reason: 'not_started', error: { code: 'disk_full' } });
  });

  it('is not told of commands that had no turn', () => {
    hear(recordingError('no_device'));
    expect(end()).toBeNull();
  });

  it('is still known when the camera was unassigned and assigned again', () => {
    hear(started(), stopped({ reason: 'device_error' }));
    state.look(report(), nowNs);
    expect(end()).toMatchObject({ reason: 'device_error', error: null });
  });
});

describe('the events', () => {
  it('are sentences for people, the newest first, with their age', () => {
    hear(ready(), started());
    after(1_500);
    hear(stopped());
    after(500);
    expect(look().events).toEqual([
      expect.objectContaining({ ago_ms: 500, level: 'info', device_id: 'picam:0' }),
      expect.objectContaining({ ago_ms: 2_000 }),
      expect.objectContaining({ ago_ms: 2_000 }),
    ]);
    expect(texts()).toEqual([
      'Recording ended: trial 3, take 1, 12 340 frames in 3 min, 0 dropped.',
      'Recording began: trial 3, take 1.',
      'The camera is ready: imx296, 1456 x 1088, 60 frames a second.',
    ]);
  });

  it('say what is bad of an end, and how bad it is', () => {
    hear(stopped({ reason: 'device_error', dropped: 1 }), stopped({ dropped: 1, duration_s: 4.21, frames: 1 }));
    expect(texts()).toEqual([
      'Recording ended: trial 3, take 1, 1 frame in 4.2 s, 1 dropped.',
      'Recording ended (the camera was lost): trial 3, take 1, 12 340 frames in 3 min, 1 dropped.',
    ]);
    expect(look().events.map(({ level }) => level)).toEqual(['warning', 'error']);
  });

  it('tell a loss, its attempts as one, the return and the end of trying apart', () => {
    hear(ready(), lost());
    after(30_000);
    hear(lost(), lost(), lost());
    hear(ready({ reconnected: true, attempts: 4, downtime_ms: 31_200 }), lost(null));
    expect(texts().slice(0, -1)).toEqual([
      'The camera is given up: The cable is out.',
      'The camera is back after 31 s: imx296, 1456 x 1088, 60 frames a second.',
      'The camera could not be opened: The cable is out. (3 times)',
      'Camera lost: The cable is out.',
    ]);
  });

  it('hold one event of a warning that repeats itself with other words, and two where something came between', () => {
    const waiting = (s: number): StatusMessage =>
      told({ status: 'warning', data: { code: 'sync_waiting', message: `Waits for ${s} s.`, device_id: 'picam:0' } });
    hear(waiting(10), waiting(20), lost(), waiting(30));
    expect(texts().filter((text) => text.startsWith('Waits'))).toEqual([
      'Waits for 30 s.',
      'Waits for 20 s. (2 times)',
    ]);
  });

  it('leave out a start that is answered with the take under way, figures and answers', () => {
    hear(started(), started());
    hear(told({ status: 'heartbeat', data: report() }), told({ status: 'command_ack', data: { success: true } }));
    expect(texts()).toEqual(['Recording began: trial 3, take 1.']);
  });

  it('are the last 50, in bounded words without control characters', () => {
    for (let trial = 1; trial <= 60; trial += 1) hear(stopped({ trial_number: trial }));
    // One of the two would be cut between the halves of a character.
    for (const [code, news] of [
      ['monitor_failed', 'new'],
      ['config_ignored', 'news'],
    ] as const) {
      const message = `\u{1B}[2Jbad\n${news} ${'\u{1F4A5}'.repeat(600)}`;
      hear(told({ status: 'warning', data: { code, message } }));
    }
    const { events } = look();
    expect(events[1]?.text.isWellFormed()).toBe(true);
    expect(events).toHaveLength(MOST_EVENTS);
    expect(events[0]?.text).toMatch(/^bad news \S+…$/u);
    expect(events[0]?.text.length).toBeLessThanOrEqual(500);
    expect(events[0]?.text.isWellFormed()).toBe(true);
    expect(events.at(-1)?.text).toContain('trial 13,');
  });
});

describe('the totals', () => {
  it('count ends by reason, losses by code once each, and warnings', () => {
    hear(ready(), started(), stopped({ reason: 'device_error' }), lost(), lost(), lost(500, 'frame_timeout'));
    hear(ready(), ready(), stopped({ take: null }), lost(null), lost(500, 'frame_timeout'));
    hear(told({ status: 'warning', data: { code: 'under_voltage', message: '' } }));
    const { recordingsEnded } = state.totals().cameras['picam:0'] ?? {};
    expect(recordingsEnded).toEqual({ device_error: 1 }); // one had no file
    expect(state.totals()).toMatchObject({
      cameras: {
        'picam:0': { losses: { camera_disconnected: 1, frame_timeout: 1 } },
      },
      warnings: { under_voltage: 1 },
    });
  });

  it('and ends are kept of 64 cameras, the present ones among them', () => {
    for (let n = 0; n < 200; n += 1) {
      look(camera({ device_id: 'picam:0', frames: n }), camera({ device_id: `picam:${n}`, frames: 1 }));
    }
    expect(Object.keys(state.totals().cameras)).toHaveLength(64);
    expect(state.totals().cameras['picam:0']).toBeDefined();
  });
});

describe('whatever the module tells', () => {
  const message = fc.constantFrom(
    () => started(),
    () => started(2),
    () => stopped(),
    () => stopped({ take: null, trial_number: null }),
    () => stopped({ take: 2, reason: 'io_error' }),
    () => recordingError('disk_full'),
    () => recordingError('invalid_session_dir', null),
    () => ready(),
    () => lost(),
    () => lost(null),
    () => told({ status: 'device_unassigned', data: { device_id: 'picam:0', port_released: true } }),
  );
  const status = fc.oneof(
    fc.constant(() => report()),
    fc.nat(9).map((frames) => () => report(camera({ frames }))),
    fc.tuple(fc.nat(2), fc.nat(9)).map(
      ([take, frames]) =>
        () =>
          report(statuses.recording({ take, frames })),
    ),
  );
  const step = fc.record({ afterMs: fc.nat(2_000), message: fc.option(message), status });

  it('totals never fall, growth and ends are never of the future, and a take in a file has no end', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const any = new MonitorState();
        let atNs = 0n;
        let before = sum(any);
        for (const { afterMs, message: make, status: now } of steps) {
          atNs += BigInt(afterMs) * MS;
          if (make !== null) any.hear(make(), atNs);
          const { cameras } = any.look(now(), atNs);
          const sums = sum(any);
          expect(sums).toBeGreaterThanOrEqual(before);
          before = sums;
          for (const [index, view] of cameras.entries()) {
            const take = now().cameras[index]?.recording?.take ?? 0;
            expect(view.grown_ms_ago === null).toBe(take === 0);
            if (take > 0) expect(view.last_end).toBeNull();
            expect(view.grown_ms_ago ?? 0).toBeGreaterThanOrEqual(0);
            expect(view.last_end?.ago_ms ?? 0).toBeGreaterThanOrEqual(0);
          }
        }
      }),
    );
  });
});

function sum(state_: MonitorState): number {
  const numbers = (value: unknown): number[] =>
    typeof value === 'number' ? [value] : Object.values(value ?? {}).flatMap(numbers);
  return numbers(state_.totals()).reduce((total, one) => total + one, 0);
}
