import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openLocalSocketPair } from '../../../src/capture/local-socket-pair.js';

describe('openLocalSocketPair', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'socket-pair-'));
  });

  afterEach(async () => {
    await rm(root, { recursive: true });
  });

  const unread = { buffer: Buffer.alloc(1), callback: () => true };

  it('reads into the memory that it is given, asking anew for each read, and leaves no folder behind', async () => {
    const memory = Buffer.alloc(100);
    let offset = 0;
    const { reader, writer } = await openLocalSocketPair(
      {
        buffer: () => memory.subarray(offset, offset + 4),
        callback: (byteLength) => {
          offset += byteLength;
          return true;
        },
      },
      [root],
    );
    expect(await readdir(root)).toEqual([]);
    writer.end('0123456789');
    await once(reader, 'end');
    expect(memory.toString('latin1', 0, offset)).toBe('0123456789');
    writer.destroy();
  });

  it('goes on to the next folder where one cannot be used', async () => {
    const long = join(root, 'x'.repeat(120));
    await mkdir(long);
    const { reader, writer } = await openLocalSocketPair(unread, [join(root, 'missing'), long, root]);
    reader.destroy();
    writer.destroy();
    expect(await readdir(long)).toEqual([]);
  });

  it('says what went wrong where none can be used', async () => {
    await expect(openLocalSocketPair(unread, [join(root, 'missing')])).rejects.toMatchObject({
      code: 'capture_failed',
      context: { failures: expect.stringContaining('ENOENT') },
    });
  });

  it('has folders of its own to try', async () => {
    const { reader, writer } = await openLocalSocketPair(unread);
    reader.destroy();
    writer.destroy();
    expect(reader.destroyed).toBe(true);
  });
});
