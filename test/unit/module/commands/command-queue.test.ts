import { beforeEach, describe, expect, it } from '@jest/globals';
import { CommandLife } from '../../../../src/module/commands/command-life.js';
import { CommandQueue, QUEUE_LIMIT } from '../../../../src/module/commands/command-queue.js';
import { commandNack } from '../../../../src/module/reports.js';
import type { Report } from '../../../../src/protocol/statuses.js';
import { ManualClock, settled } from '../../../harness/manual-clock.js';
import { MemoryLogSink } from '../../../harness/memory-log-sink.js';

const DONE: Report = { status: 'command_ack', data: { success: true } };

let clock: ManualClock;
let logs: MemoryLogSink;
let answers: string[];
let queue: CommandQueue;

beforeEach(() => {
  clock = new ManualClock();
  logs = new MemoryLogSink();
  answers = [];
  queue = new CommandQueue(logs, (life, report) => {
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

describe('CommandQueue', () => {
  it('runs one command after another, in order of arrival', async () => {
    const running: string[] = [];
    const first = slow();
    void queue.add(life('a'), () => {
      running.push('a');
      return first.run();
    });
    void queue.add(life('b'), () => {
      running.push('b');
      return Promise.resolve(DONE);
    });
    await settled();
    expect(running).toEqual(['a']);
    expect(queue.waiting).toBe(1);
    first.finish();
    await queue.idle();
    expect(running).toEqual(['a', 'b']);
    expect(answers).toEqual(['a command_ack', 'b command_ack']);
  });

  it('lets 256 wait beside the one that runs, refuses one more, and takes another when there is room', async () => {
    const first = slow();
    void queue.add(life('first'), first.run);
    for (let number = 1; number <= QUEUE_LIMIT; number += 1) {
      void queue.add(life(`waiting_${number}`), () => Promise.resolve(DONE));
    }
    expect(QUEUE_LIMIT).toBe(256);
    expect(queue.waiting).toBe(256);
    const refused = await queue.add(life('refused'), () => Promise.reject(new Error('must not run')));
    expect(refused).toMatchObject({ status: 'command_nack', data: { success: false, code: 'queue_full' } });
    expect(logs.life('refused')).toEqual(['received', 'failed']);
    first.finish();
    await queue.idle();
    expect(answers).toEqual([
      'refused command_nack',
      'first command_ack',
      ...Array.from({ length: 256 }, (_, index) => `waiting_${index + 1} command_ack`),
    ]);
    expect(await queue.add(life('later'), () => Promise.resolve(DONE))).toMatchObject({ status: 'command_ack' });
  });

  it('answers a command that throws with a nack, logs it, and goes on', async () => {
    const answer = await queue.add(life('bad'), () => Promise.reject(new TypeError('a bug')));
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
    expect(await queue.add(life('good'), () => Promise.resolve(DONE))).toMatchObject({ status: 'command_ack' });
  });

  it('survives a command that throws before it waits for anything', async () => {
    const answer = await queue.add(life('bad'), () => {
      throw new Error('at once');
    });
    expect(answer.status).toBe('command_nack');
  });
});

describe('CommandLife', () => {
  it('writes each step of a command into the log, with the time it took', async () => {
    const work = slow();
    const answer = queue.add(life('a'), work.run);
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
