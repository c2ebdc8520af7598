import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { FileOutput } from '../../src/cli/file-output.js';
import { LinesForPeople } from '../../src/cli/lines-for-people.js';
import { outlived } from '../../src/cli/output.js';
import { ProgressLine } from '../../src/cli/progress.js';
import { StatusWriter } from '../../src/cli/status-writer.js';
import { systemClock } from '../../src/core/clock.js';
import type { StatusMessage } from '../../src/protocol/statuses.js';
import { ManualClock, settled } from '../harness/manual-clock.js';
import { runParameters } from './run-parameters.js';

/** What an output may answer: any errno that a file, a pipe or a terminal gives and that says nothing of the reader. */
const ERRNOS = ['ENOSPC', 'EDQUOT', 'EIO', 'EFBIG', 'EAGAIN', 'EINTR', 'ENOMEM', 'ENOBUFS', 'EROFS', 'ESTALE', 'EBADF'];

const errorOf = (code: string): Error => Object.assign(new Error(`${code}: it failed, write`), { code });

/** One step of a life: a status to write, or an attempt on the file: a failure, or how many bytes fit. */
const anyLife = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('status' as const), length: fc.integer({ min: 0, max: 300 }) }),
    fc.record({ kind: fc.constant('fails' as const), code: fc.constantFrom(...ERRNOS) }),
    fc.record({ kind: fc.constant('takes' as const), bytes: fc.integer({ min: 1, max: 400 }) }),
  ),
  { maxLength: 60 },
);

function status(number: number, padding = ''): StatusMessage {
  return {
    type: 'status',
    status: 'device_ack',
    timestamp: `${number}`,
    data: { device_id: `picam:0 ${padding}` },
  };
}

/** The numbers of the statuses in a text that must hold nothing but whole lines. */
function numbersIn(text: string): { readonly numbers: number[]; readonly confessed: number } {
  expect(text === '' || text.endsWith('\n')).toBe(true);
  const messages = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as StatusMessage);
  const warnings = messages.flatMap((message) => (message.status === 'warning' ? [message.data.message] : []));
  return {
    numbers: messages.filter((message) => message.status !== 'warning').map(({ timestamp }) => Number(timestamp)),
    confessed: warnings.reduce((sum, text_) => sum + Number(/(\d+) statuses/.exec(text_)?.[1]), 0),
  };
}

describe('stdout in a file', () => {
  it('has every status whole and in order, whatever errors and partial writes come, and the host counts as there', async () => {
    await fc.assert(
      fc.asyncProperty(anyLife, async (life) => {
        const clock = new ManualClock();
        const attempts = life.filter((step) => step.kind !== 'status');
        let text = Buffer.alloc(0);
        const writeSome = async (bytes: Buffer): Promise<number> => {
          await Promise.resolve();
          const step = attempts.shift();
          if (step?.kind === 'fails') throw errorOf(step.code);
          const taken = bytes.subarray(0, step?.bytes ?? bytes.length);
          text = Buffer.concat([text, taken]);
          return taken.length;
        };
        let departures = 0;
        const writer = new StatusWriter(
          (onTrouble) => new FileOutput(writeSome, clock, onTrouble),
          () => {
            departures += 1;
          },
          clock,
        );
        let written = 0;
        for (const step of life) {
          if (step.kind !== 'status') await clock.advance(50);
          else {
            written += 1;
            writer.write(status(written, 'é'.repeat(step.length)));
          }
        }
        const ended = writer.end(60_000);
        await clock.advance(100 * (attempts.length + 1));
        await ended;
        expect(departures).toBe(0);
        expect(numbersIn(text.toString('utf8')).numbers).toEqual(
          Array.from({ length: written }, (_, index) => index + 1),
        );
      }),
      runParameters(100),
    );
  });

  it('ends only for a reader that has left', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...ERRNOS), { maxLength: 5 }),
        fc.constantFrom('EPIPE', 'ECONNRESET'),
        async (errnos, last) => {
          const clock = new ManualClock();
          const answers = [...errnos, last];
          let departures = 0;
          const writer = new StatusWriter(
            (onTrouble) => new FileOutput(() => Promise.reject(errorOf(answers.shift() ?? last)), clock, onTrouble),
            () => {
              departures += 1;
            },
            clock,
          );
          writer.write(status(1));
          await clock.advance(100 * errnos.length - 1);
          expect(departures).toBe(errnos.length === 0 ? 1 : 0);
          await clock.advance(1);
          expect(departures).toBe(1);
          await writer.end(60_000);
        },
      ),
      runParameters(50),
    );
  });
});

describe('a status that was lost', () => {
  it('is counted: what stdout held at last and what was confessed are all there were', async () => {
    // Beyond the bound of 4 MiB the oldest are dropped while the disk is full.
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...ERRNOS),
        fc.array(fc.integer({ min: 10_000, max: 400_000 }), { minLength: 10, maxLength: 40 }),
        async (code, lengths) => {
          const clock = new ManualClock();
          let isFull = true;
          let text = '';
          const writer = new StatusWriter(
            (onTrouble) =>
              new FileOutput(
                async (bytes) => {
                  await Promise.resolve();
                  if (isFull) throw errorOf(code);
                  text += bytes.toString('utf8');
                  return bytes.length;
                },
                clock,
                onTrouble,
              ),
            () => {
              throw new Error('The host has not left.');
            },
            clock,
          );
          for (const [index, length] of lengths.entries()) {
            writer.write(status(index + 1, 'x'.repeat(length)));
            await clock.advance(10);
          }
          isFull = false;
          await clock.advance(1_000);
          await writer.end(60_000);
          const { numbers, confessed } = numbersIn(text);
          expect(numbers.length + confessed).toBe(lengths.length);
          expect(numbers.at(-1)).toBe(lengths.length);
          if (confessed > 0) expect(text).toContain(`stdout could not be written (${code}: it failed).`);
        },
      ),
      runParameters(30),
    );
  });
});

describe('what people are shown', () => {
  /** A stderr that fails now and then, or does not answer for a while, in any order. */
  class AnyStderr extends Writable {
    constructor(private readonly answers: (string | null)[]) {
      super({ autoDestroy: false });
    }

    override _write(_chunk: Buffer, _encoding: string, callback: (error?: Error | null) => void): void {
      const answer = this.answers.shift();
      if (answer === undefined) return; // it never answers again
      setImmediate(callback, answer === null ? null : errorOf(answer));
    }
  }

  const progress = {
    elapsedS: 1,
    durationS: undefined,
    frames: 1,
    fps: 30,
    dropped: 0,
    missingAtSource: 0,
    freeBytes: null,
  };

  it('throws nothing, ends nothing and takes little memory, whatever stderr answers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(null, 'EPIPE', 'ECONNRESET', ...ERRNOS), { maxLength: 30 }),
        fc.boolean(),
        async (answers, isTTY) => {
          const stream = Object.assign(outlived(new AnyStderr(answers)), { isTTY });
          const line = new ProgressLine(stream);
          const lines = new LinesForPeople(stream);
          for (let number = 0; number < 2_000; number += 1) {
            line.show({ ...progress, elapsedS: number * 10, frames: number });
            // Each of another kind, so that as many as may be are shown.
            lines.show(nack(`${number.toString(2).replaceAll('0', 'o').replaceAll('1', 'i')} ${'x'.repeat(900)}`));
            if (number % 100 === 0) await settled(1);
          }
          line.last(progress);
          expect(stream.writableLength).toBeLessThan(70 * 1024);
        },
      ),
      runParameters(30),
    );
  });
});

const nack = (error: string): StatusMessage => ({
  type: 'status',
  status: 'command_nack',
  timestamp: '0',
  data: { success: false, code: 'invalid_command', error },
});

describe('a delay', () => {
  it('of any length does not end at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.double({ min: 1_000, max: 1e300, noNaN: true }),
          fc.constant(Infinity),
          fc.maxSafeNat().map((ms) => ms + 1_000),
        ),
        async (delayMs) => {
          const ended: string[] = [];
          const wake = new AbortController();
          const cancels = [
            systemClock.after(delayMs, () => ended.push('after')),
            systemClock.every(delayMs, () => ended.push('every')),
          ];
          const sleeping = systemClock.sleep(delayMs, wake.signal).then(
            () => ended.push('sleep'),
            () => undefined,
          );
          // Node would fire each of these after 1 ms.
          await systemClock.sleep(3);
          for (const cancel of cancels) cancel();
          wake.abort();
          await sleeping;
          expect(ended).toEqual([]);
        },
      ),
      runParameters(40),
    );
  });
});
