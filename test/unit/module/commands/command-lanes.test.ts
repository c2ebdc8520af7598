import { beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { CommandLife } from '../../../../src/module/commands/command-life.js';
import { type CarryOut, CommandLanes, LANES_LIMIT } from '../../../../src/module/commands/command-lanes.js';
import type { Lane } from '../../../../src/module/commands/lane-of.js';
import { commandNack } from '../../../../src/module/reports.js';
import type { Report } from '../../../../src/protocol/statuses.js';
import { ManualClock, settled } from '../../../harness/manual-clock.js';
import { MemoryLogSink } from '../../../harness/memory-log-sink.js';

const DONE: Report = { status: 'command_ack', data: { success: true } };
const done = (): Promise<Report> => Promise.resolve(DONE);

const ALL: Lane = { kind: 'all' };
const NOTHING: Lane = { kind: 'none' };
const [CAMERA_0, CAMERA_1, CAMERA_2] = ['picam:0', 'picam:1', 'picam:2'].map((deviceId): Lane => ({
  kind: 'camera',
  deviceId,
})) as [Lane, Lane, Lane];

let clock: ManualClock;
let logs: MemoryLogSink;
let answers: string[];
let lanes: CommandLanes;

beforeEach(() => {
  clock = new ManualClock();
  logs = new MemoryLogSink();
  answers = [];
  lanes = new CommandLanes(logs, (life, report) => {
    life.ended(report);
    answers.push(`${life.id} ${report.status}`);
    return { type: 'status', timestamp: '', ...report };
  });
});

const life = (id: string): CommandLife => new CommandLife(id, clock, logs, 'get_status', { command: 'get_status' });

/** A command that ends when it is told to. */
function slow(): { readonly run: () => Promise<Report>; readonly finish: (report?: Report) => void } {
  let finish: (report: Report) => void = () => undefined;
  const work = new Promise<Report>((resolve) => {
    finish = resolve;
  });
  return {
    run: () => work,
    finish: (report = DONE) => {
      finish(report);
    },
  };
}

describe('CommandLanes', () => {
  it('runs the commands of one camera one after another, in order of arrival', async () => {
    const running: string[] = [];
    const first = slow();
    void lanes.add(life('a'), CAMERA_0, () => {
      running.push('a');
      return first.run();
    });
    void lanes.add(life('b'), CAMERA_0, () => {
      running.push('b');
      return Promise.resolve(DONE);
    });
    await settled();
    expect(running).toEqual(['a']);
    expect(lanes.waiting).toBe(1);
    first.finish();
    await lanes.idle();
    expect(running).toEqual(['a', 'b']);
    expect(answers).toEqual(['a command_ack', 'b command_ack']);
  });

  it('lets no camera wait for another, and a command about none wait for nothing', async () => {
    const first = slow();
    void lanes.add(life('slow'), CAMERA_0, first.run);
    void lanes.add(life('behind'), CAMERA_0, done);
    await lanes.add(life('other camera'), CAMERA_1, done);
    await lanes.add(life('status'), NOTHING, done);
    expect(answers).toEqual(['other camera command_ack', 'status command_ack']);
    first.finish();
    await lanes.idle();
    expect(answers.slice(2)).toEqual(['slow command_ack', 'behind command_ack']);
  });

  it('begins a command for all cameras when those before it have ended, and none behind it before its end', async () => {
    const [before, barrier] = [slow(), slow()];
    void lanes.add(life('before'), CAMERA_0, before.run);
    void lanes.add(life('all'), ALL, barrier.run);
    void lanes.add(life('behind'), CAMERA_1, done);
    void lanes.add(life('status'), NOTHING, done);
    await settled();
    expect(logs.life('all')).toEqual(['received']);
    before.finish();
    await settled();
    expect(logs.life('all')).toEqual(['received', 'processing']);
    expect(logs.life('behind')).toEqual(['received']);
    barrier.finish();
    await lanes.idle();
    expect(answers).toEqual(['status command_ack', 'before command_ack', 'all command_ack', 'behind command_ack']);
  });

  it('goes on when a command lets go, and still waits for its answer at the end', async () => {
    const first = slow();
    let letGo = (): void => undefined;
    void lanes.add(life('first'), CAMERA_0, (release) => {
      letGo = release;
      return first.run();
    });
    void lanes.add(life('second'), CAMERA_0, done);
    void lanes.add(life('all'), ALL, done);
    let isIdle = false;
    void lanes.idle().then(() => {
      isIdle = true;
    });
    await settled();
    expect(answers).toEqual([]);
    letGo();
    letGo();
    await settled();
    expect(answers).toEqual(['second command_ack', 'all command_ack']);
    expect(isIdle).toBe(false);
    first.finish();
    await settled();
    expect(answers).toEqual(['second command_ack', 'all command_ack', 'first command_ack']);
    expect(isIdle).toBe(true);
  });

  it.each([
    ['of one camera', CAMERA_0],
    ['for all', ALL],
  ])(
    'lets 256 wait %s beside the one that runs, refuses one more, and takes another when there is room',
    async (_kind, lane) => {
      const first = slow();
      void lanes.add(life('first'), lane, first.run);
      await settled();
      for (let number = 1; number <= LANES_LIMIT; number += 1) void lanes.add(life(`waiting_${number}`), lane, done);
      expect(LANES_LIMIT).toBe(256);
      expect(lanes.waiting).toBe(256);
      const refused = await lanes.add(life('refused'), lane, () => Promise.reject(new Error('must not run')));
      expect(refused).toMatchObject({ status: 'command_nack', data: { success: false, code: 'queue_full' } });
      expect(logs.life('refused')).toEqual(['received', 'failed']);
      expect(await lanes.add(life('status'), NOTHING, done)).toMatchObject({ status: 'command_ack' });
      first.finish();
      await lanes.idle();
      expect(answers).toEqual([
        'refused command_nack',
        'status command_ack',
        'first command_ack',
        ...Array.from({ length: 256 }, (_, index) => `waiting_${index + 1} command_ack`),
      ]);
      expect(await lanes.add(life('later'), lane, done)).toMatchObject({ status: 'command_ack' });
    },
  );

  it('keeps no lane of a device that no command is about any more', async () => {
    const first = slow();
    for (let device = 0; device < 300; device += 1)
      void lanes.add(life('x'), { kind: 'camera', deviceId: `front:${device}` }, device === 7 ? first.run : done);
    expect(lanes.kept).toBe(600);
    await settled();
    expect(lanes.kept).toBe(2);
    void lanes.add(life('all'), ALL, done);
    expect(lanes.kept).toBe(2);
    void lanes.add(life('behind'), CAMERA_0, done);
    void lanes.add(life('behind it'), CAMERA_0, done);
    first.finish();
    await lanes.idle();
    expect(lanes.kept).toBe(0);
    expect(answers.slice(-3)).toEqual(['all command_ack', 'behind command_ack', 'behind it command_ack']);
  });

  it('counts those that have let go, once each, so that no host fills the memory with them', async () => {
    const never = slow();
    const late: (() => void)[] = [];
    for (let number = 0; number < LANES_LIMIT; number += 1) {
      void lanes.add(life(`aside_${number}`), CAMERA_0, (letGo) => {
        letGo();
        letGo();
        return never.run();
      });
      void lanes.add(life(`ended_${number}`), CAMERA_1, (letGo) => {
        late.push(letGo);
        return Promise.resolve(DONE);
      });
      await settled();
    }
    expect(lanes.isFull).toBe(true);
    never.finish();
    await lanes.idle();
    // One that is answered has nothing to let go of.
    for (const letGo of late) letGo();
    expect([lanes.isFull, lanes.waiting, late.length]).toEqual([false, 0, LANES_LIMIT - 1]);
  });

  it('answers a command that throws with a nack, logs it, and goes on', async () => {
    const answer = await lanes.add(life('bad'), CAMERA_0, () => Promise.reject(new TypeError('a bug')));
    expect(answer).toMatchObject({
      status: 'command_nack',
      data: { code: 'io_error', error: 'The command failed unexpectedly (a bug). See csicameras.log.' },
    });
    expect(logs.lines).toEqual([
      {
        level: 'error',
        message: 'A command failed unexpectedly.',
        context: { id: 'bad', error: new TypeError('a bug') },
      },
    ]);
    expect(await lanes.add(life('good'), CAMERA_0, done)).toMatchObject({ status: 'command_ack' });
  });

  it.each([[CAMERA_0], [ALL], [NOTHING]])(
    'survives a command that throws before it waits for anything (%p)',
    async (lane) => {
      const answer = await lanes.add(life('bad'), lane, () => {
        throw new Error('at once');
      });
      expect(answer.status).toBe('command_nack');
      expect(await lanes.add(life('good'), ALL, done)).toMatchObject({ status: 'command_ack' });
    },
  );

  it('keeps order and barriers in any sequence, with commands of any length', async () => {
    const lane = fc.constantFrom<Lane>(CAMERA_0, CAMERA_1, CAMERA_2, ALL, NOTHING);
    const command = fc.record({ lane, takesMs: fc.nat(5), pauseMs: fc.constantFrom(0, 0, 1, 3), letsGo: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 24 }), async (commands) => {
        const spans = await carriedOut(commands);
        for (const [index, span] of spans.entries()) {
          const { lane: own } = commands[index] ?? { lane: NOTHING };
          expect(span.answers).toBe(1);
          if (own.kind === 'none') expect(span.begunMs).toBe(span.sentMs);
          const before = spans
            .slice(0, index)
            .filter((_, earlier) => mustWait(commands[earlier]?.lane ?? NOTHING, own));
          const lastMs = Math.max(span.sentMs, ...before.map(({ releasedMs }) => releasedMs));
          expect(span.begunMs).toBe(own.kind === 'none' ? span.sentMs : lastMs);
        }
      }),
    );
  });
});

interface Sent {
  readonly lane: Lane;
  readonly takesMs: number;
  readonly pauseMs: number;
  readonly letsGo: boolean;
}

interface Span {
  readonly sentMs: number;
  begunMs: number;
  /** When the next one might begin. */
  releasedMs: number;
  answers: number;
}

const mustWait = (earlier: Lane, later: Lane): boolean => {
  if (earlier.kind === 'none' || later.kind === 'none') return false;
  if (earlier.kind === 'all' || later.kind === 'all') return true;
  return earlier.deviceId === later.deviceId;
};

/** Sends the commands one after another and tells when each of them had its turn, ms. */
async function carriedOut(commands: readonly Sent[]): Promise<readonly Span[]> {
  const spans: Span[] = [];
  const nowMs = (): number => Number(clock.monotonicNs() / 1_000_000n);
  for (const { lane, takesMs, pauseMs, letsGo } of commands) {
    const span: Span = { sentMs: nowMs(), begunMs: Number.NaN, releasedMs: Number.NaN, answers: 0 };
    spans.push(span);
    const carryOut: CarryOut = async (letGo) => {
      span.begunMs = nowMs();
      if (letsGo) {
        span.releasedMs = nowMs();
        letGo();
      }
      if (takesMs > 0) await clock.sleep(takesMs);
      if (!letsGo) span.releasedMs = nowMs();
      return DONE;
    };
    void lanes.add(life('x'), lane, carryOut).then(() => (span.answers += 1));
    await settled();
    if (pauseMs > 0) await clock.advance(pauseMs);
  }
  for (let ms = 0; ms < 200; ms += 1) await clock.advance(1);
  await lanes.idle();
  return spans;
}

describe('CommandLife', () => {
  it('writes each step of a command into the log, with the time it took', async () => {
    const work = slow();
    const answer = lanes.add(life('a'), CAMERA_0, work.run);
    await clock.advance(333);
    work.finish();
    await answer;
    expect(logs.commands).toEqual([
      { dir: 'in', cmd: 'get_status', id: 'a', payload: { command: 'get_status' } },
      { id: 'a', state: 'received', cmd: 'get_status' },
      { id: 'a', state: 'processing' },
      { id: 'a', state: 'completed', duration_ms: 333 },
    ]);
  });

  it.each<[string, Report]>([
    ['command_nack', commandNack('io_error', 'No.')],
    ['recording_error', { status: 'recording_error', data: { device_id: null, code: 'io_error', error: 'No.' } }],
    [
      'device_error',
      { status: 'device_error', data: { device_id: 'picam:0', code: 'io_error', error: 'No.', recoverable: true } },
    ],
    [
      'preview_toggled',
      { status: 'preview_toggled', data: { success: false, code: 'io_error', error: 'No.', enabled: true } },
    ],
  ])('calls a command failed that ended with %s', (_name, report) => {
    const one = life('a');
    one.ended(report);
    expect(logs.commands.at(-1)).toEqual({ id: 'a', state: 'failed', duration_ms: 0, code: 'io_error', error: 'No.' });
  });
});
