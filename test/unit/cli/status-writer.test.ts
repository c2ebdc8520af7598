import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
import { StatusWriter } from '../../../src/cli/status-writer.js';
import { STATUSES, type StatusMessage } from '../../../src/protocol/statuses.js';
import { ManualClock, settled } from '../../harness/manual-clock.js';

const nothing = (): void => undefined;

function ack(number: number, padding = ''): StatusMessage {
  return {
    type: 'status',
    status: 'device_ack',
    timestamp: `${number}`,
    data: { device_id: `picam:${number}${padding}` },
  };
}

function heartbeat(number: number): StatusMessage {
  return { type: 'status', status: 'heartbeat', timestamp: `${number}`, data: {} } as unknown as StatusMessage;
}

/** A pipe whose other end reads only when the test says so. */
class SlowPipe extends Writable {
  text = '';
  #waiting: (() => void) | null = null;
  #isOpen = false;

  constructor() {
    super({ decodeStrings: true });
  }

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    const take = (): void => {
      this.text += chunk.toString('utf8');
      callback();
    };
    if (this.#isOpen) setImmediate(take);
    else this.#waiting = take;
  }

  /** The other end reads everything from now on. */
  open(): void {
    this.#isOpen = true;
    this.#waiting?.();
  }

  get lines(): StatusMessage[] {
    return this.text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as StatusMessage);
  }
}

describe('StatusWriter', () => {
  it('writes each status as one JSON line, in order', async () => {
    const pipe = new PassThrough();
    const writer = new StatusWriter(() => pipe, nothing);
    writer.write(ack(1));
    writer.write(ack(2));
    await writer.end(1_000);
    expect(String(pipe.read())).toBe(`${JSON.stringify(ack(1))}\n${JSON.stringify(ack(2))}\n`);
  });

  it('never waits for a host that does not read, and gives it everything in order when it does', async () => {
    const pipe = new SlowPipe();
    const writer = new StatusWriter(() => pipe, nothing);
    for (let number = 1; number <= 4_000; number += 1) writer.write(ack(number, 'x'.repeat(200)));
    expect(pipe.writableLength).toBeLessThan(300 * 1024);
    pipe.open();
    await writer.end(10_000);
    expect(pipe.lines.map(({ timestamp }) => timestamp)).toEqual(
      Array.from({ length: 4_000 }, (_, index) => `${index + 1}`),
    );
  });

  it('drops the oldest beyond its bound, and says how many', async () => {
    const pipe = new SlowPipe();
    const writer = new StatusWriter(() => pipe, nothing);
    const padding = 'x'.repeat(800);
    for (let number = 1; number <= 6_000; number += 1) writer.write(ack(number, padding));
    pipe.open();
    await writer.end(10_000);
    const { lines } = pipe;
    const lost = 6_000 - (lines.length - 1);
    const confession = lines.find(({ status }) => status === 'warning');
    expect(confession?.data).toEqual({
      code: 'statuses_lost',
      message: `The host did not read in time. ${lost} statuses were dropped, the oldest first.`,
    });
    expect(v.is(STATUSES.warning, confession?.data)).toBe(true);
    expect(lost).toBeGreaterThan(1_000);
    expect(lines.at(-1)?.timestamp).toBe('6000');
    expect(lines.filter(({ status }) => status === 'warning')).toHaveLength(1);
    // The newest 4096 are whole.
    expect(lines.slice(-4_096).map(({ timestamp }) => timestamp)).toEqual(
      Array.from({ length: 4_096 }, (_, index) => `${6_000 - 4_095 + index}`),
    );
  });

  it('drops the oldest beyond 4 MiB as well', async () => {
    const pipe = new SlowPipe();
    const writer = new StatusWriter(() => pipe, nothing);
    const lineBytes = 100 * 1024;
    const padding = 'ä'.repeat(lineBytes / 2);
    for (let number = 1; number <= 100; number += 1) writer.write(ack(number, padding));
    pipe.open();
    await writer.end(10_000);
    const numbers = pipe.lines
      .filter(({ status }) => status === 'device_ack')
      .map(({ timestamp }) => Number(timestamp));
    // What the stream itself held, then the newest that fit into the bound.
    const kept = numbers.filter((number) => number > 3);
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, index) => 101 - kept.length + index));
    expect(kept.length).toBeGreaterThan(35);
    expect(kept.length).toBeLessThan(42);
    const confession = pipe.lines.find(({ status }) => status === 'warning');
    expect(confession?.data).toMatchObject({ message: expect.stringContaining(` ${100 - numbers.length} statuses`) });
  });

  it('keeps the newest whatever its size', async () => {
    const pipe = new SlowPipe();
    const writer = new StatusWriter(() => pipe, nothing);
    const giant = 'x'.repeat(5 * 1024 * 1024);
    for (let number = 1; number <= 5; number += 1) writer.write(ack(number, giant));
    pipe.open();
    await writer.end(10_000);
    const acks = pipe.lines.filter(({ status }) => status === 'device_ack');
    expect(acks.map(({ timestamp }) => timestamp)).toEqual(['1', '5']);
  });

  it('keeps of the heartbeats that wait only the last', async () => {
    const pipe = new SlowPipe();
    const writer = new StatusWriter(() => pipe, nothing);
    for (let number = 1; number <= 300; number += 1) writer.write(ack(number, 'x'.repeat(1_000)));
    for (let number = 1; number <= 1_000; number += 1) writer.write(heartbeat(number));
    writer.write(ack(301));
    pipe.open();
    await writer.end(10_000);
    const ends = pipe.lines.slice(-3).map(({ status, timestamp }) => `${status} ${timestamp}`);
    expect(ends).toEqual(['device_ack 300', 'heartbeat 1000', 'device_ack 301']);
  });

  it('gives up at its limit where the host never reads', async () => {
    const writer = new StatusWriter(() => new SlowPipe(), nothing);
    writer.write(ack(1));
    await expect(writer.end(5)).resolves.toBeUndefined();
  });

  it('hears when the host has left, and then waits for nothing', async () => {
    const pipe = new SlowPipe();
    let hasLeft = 0;
    const writer = new StatusWriter(
      () => pipe,
      () => {
        hasLeft += 1;
      },
    );
    writer.write(ack(1));
    const ending = writer.end(60_000);
    pipe.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    await ending;
    expect(hasLeft).toBe(1);
    writer.write(ack(2));
    await writer.end(60_000);
    await settled();
    expect(hasLeft).toBe(1);
  });
});

const errorOf = (code: string): Error => Object.assign(new Error(`${code}: it failed, write`), { code });

/** A stream whose writes fail as long as `failure` gives an error. */
class FailingStream extends Writable {
  text = '';

  constructor(private readonly failure: () => Error | undefined) {
    super();
  }

  override _write(chunk: Buffer, _encoding: string, callback: (error?: Error) => void): void {
    const failure = this.failure();
    if (failure === undefined) this.text += chunk.toString('utf8');
    // After the call, as a real stream.
    setImmediate(callback, failure);
  }
}

describe('a stdout that fails', () => {
  it.each(['EPIPE', 'ECONNRESET'])('means with %s that the host has left, said once', async (code) => {
    let hasLeft = 0;
    const stream = new FailingStream(() => errorOf(code));
    const writer = new StatusWriter(
      () => stream,
      () => {
        hasLeft += 1;
      },
    );
    writer.write(ack(1));
    await settled();
    writer.write(ack(2));
    await writer.end(60_000);
    expect(hasLeft).toBe(1);
  });

  it.each(['ENOSPC', 'EIO', 'EDQUOT', 'EAGAIN', 'ENOMEM'])(
    'only loses statuses with %s; they are counted, and told with the reason when it works again',
    async (code) => {
      const clock = new ManualClock();
      const streams: FailingStream[] = [];
      const said: StatusMessage[] = [];
      let failure: Error | undefined = errorOf(code);
      const writer = new StatusWriter(
        () => {
          const stream = new FailingStream(() => failure);
          streams.push(stream);
          return stream;
        },
        () => {
          throw new Error('The host has not left.');
        },
        clock,
        (warning) => said.push(warning),
      );
      writer.write(ack(1));
      await clock.advance(1_000);
      failure = undefined;
      writer.write(ack(2));
      await clock.advance(1_000);
      const lines = (streams.at(-1)?.text ?? '').split('\n').filter((line) => line !== '');
      expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
        {
          status: 'warning',
          data: {
            code: 'statuses_lost',
            message: `stdout could not be written (${code}: it failed). 1 statuses were dropped, the oldest first.`,
          },
        },
        { timestamp: '2' },
      ]);
      // stderr shows it too, for whoever cannot read stdout.
      expect(said).toMatchObject([{ status: 'warning', data: { code: 'statuses_lost' } }]);
    },
  );

  it('may fail within a line: the half of it is lost, and no other status with it', async () => {
    const clock = new ManualClock();
    let text = '';
    let isFull = true;
    const open = (): Writable =>
      new Writable({
        write(chunk: Buffer, _encoding, callback) {
          const line = chunk.toString('utf8');
          text += isFull ? line.slice(0, 20) : line;
          setImmediate(callback, isFull ? errorOf('ENOSPC') : null);
        },
      });
    const writer = new StatusWriter(open, nothing, clock);
    writer.write(ack(1));
    await clock.advance(50);
    isFull = false;
    writer.write(ack(2));
    writer.write(ack(3));
    await clock.advance(1_000);
    const [half, ...whole] = text.trimEnd().split('\n');
    expect(half).toBe(JSON.stringify(ack(1)).slice(0, 20));
    expect(whole.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { status: 'warning', data: { code: 'statuses_lost' } },
      { timestamp: '2' },
      { timestamp: '3' },
    ]);
  });
});
