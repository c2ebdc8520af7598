import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { ByteSink } from '../../../src/virtual-camera/byte-sink.js';
import { readControlFile, watchControlFile } from '../../../src/virtual-camera/control-file.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => (folder = await temporaryFolder()));
afterEach(() => folder.remove());

const MEGABYTE = Buffer.alloc(1 << 20, 'abcdefgh');
const never = (error: Error): never => {
  throw error;
};

describe('a byte sink', () => {
  it('writes what it is given from a file', async () => {
    const path = join(folder.path, 'out');
    const sink = new ByteSink(openSync(path, 'w'), never);
    await new Promise<void>((resolve) => sink.write(Buffer.from('0123456789'), 2, 5, resolve));
    await new Promise<void>((resolve) => sink.write(Buffer.from('0123456789'), 9, 10, resolve));
    sink.close();
    expect(await readFile(path, 'latin1')).toBe('2349');
  });

  it('writes on where a pipe that does not block took a part or nothing', async () => {
    const path = join(folder.path, 'pipe');
    execFileSync('sh', ['-c', 'mkfifo "$0"', path]);
    const descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    const sink = new ByteSink(descriptor, never);
    const sent = { isDone: false };
    sink.write(MEGABYTE, 0, MEGABYTE.length, () => (sent.isDone = true));
    const read: Buffer[] = [];
    for (let total = 0; total < MEGABYTE.length || !sent.isDone;) {
      const chunk = Buffer.alloc(65_536);
      try {
        const length = readSync(descriptor, chunk);
        total += length;
        read.push(chunk.subarray(0, length));
      } catch (error) {
        // Empty: the sink has its turn.
        expect(error).toHaveProperty('code', 'EAGAIN');
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    closeSync(descriptor);
    expect(Buffer.concat(read).equals(MEGABYTE)).toBe(true);
  });

  it('takes one write at a time', () => {
    const sink = new ByteSink(openSync('/dev/null', 'w'), never);
    sink.write(MEGABYTE, 0, 10, () => undefined);
    expect(() => sink.write(MEGABYTE, 0, 10, () => undefined)).toThrow('already in flight');
    sink.close();
  });

  it('says when the descriptor takes no more', async () => {
    const failed = new Promise<NodeJS.ErrnoException>((resolve) => {
      new ByteSink(openSync('/dev/full', 'w'), resolve).write(MEGABYTE, 0, 10, () => undefined);
    });
    expect((await failed).code).toBe('ENOSPC');
  });
});

describe('a control file', () => {
  const path = (): string => join(folder.path, 'control');

  /** Watches, and waits for as many changes. */
  function watch(): { readonly seen: string[]; readonly next: () => Promise<string>; readonly stop: () => void } {
    const seen: string[] = [];
    let wake = (): void => undefined;
    const stop = watchControlFile(path(), (content) => {
      seen.push(content);
      wake();
    });
    const next = async (): Promise<string> => {
      const count = seen.length;
      while (seen.length === count) await new Promise<void>((resolve) => (wake = resolve));
      return seen.at(-1) ?? '';
    };
    return { seen, next, stop };
  }

  it('is empty where there is none', () => {
    expect(readControlFile(path())).toBe('');
  });

  it('tells every writing, also an empty one and one with the same content', async () => {
    await writeFile(path(), 'at-start');
    const { seen, next, stop } = watch();
    for (const content of ['one', 'one', '', 'two']) {
      const told = next();
      await writeFile(path(), content);
      expect(await told).toBe(content);
    }
    stop();
    expect(seen).toEqual(['one', 'one', '', 'two']);
  });

  it('does not take a file for empty that is just being rewritten', async () => {
    await writeFile(path(), 'one');
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
    const seen: string[] = [];
    const stop = watchControlFile(path(), (content) => seen.push(content));
    await writeFile(path(), '');
    jest.advanceTimersByTime(20);
    await writeFile(path(), 'two');
    jest.advanceTimersByTime(20);
    await writeFile(path(), '');
    jest.advanceTimersByTime(40);
    stop();
    jest.useRealTimers();
    expect(seen).toEqual(['two', '']);
  });

  it('may appear, be replaced and go away', async () => {
    const { next, stop } = watch();
    const appeared = next();
    await writeFile(join(folder.path, 'new'), 'here');
    await rename(join(folder.path, 'new'), path());
    expect(await appeared).toBe('here');
    const gone = next();
    await rm(path());
    expect(await gone).toBe('');
    stop();
  });
});
