import { once } from 'node:events';
import { link, lstat, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DebugSocket } from '../../../../src/cli/debug/debug-socket.js';
import type { StatusMessage } from '../../../../src/protocol/statuses.js';
import { expectNothingLeft, holdings } from '../../../harness/nothing-left.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let path = '';
const before = holdings();
const ending: (() => Promise<unknown> | void)[] = [];

beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder.path, 'debug.sock');
});

afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
  await folder.remove();
  await expectNothingLeft(before);
});

async function opened(): Promise<DebugSocket> {
  const debug = new DebugSocket(path);
  ending.push(() => debug.end(0));
  expect(await debug.open()).toBeNull();
  return debug;
}

async function connected(): Promise<Socket> {
  const reader = connect(path);
  ending.push(() => void reader.destroy());
  await once(reader, 'connect');
  return reader;
}

/** The next lines, as soon as so many have come. */
async function linesOf(reader: Socket, count: number): Promise<unknown[]> {
  const lines: unknown[] = [];
  for await (const line of createInterface({ input: reader })) {
    lines.push(JSON.parse(line));
    if (lines.length === count) break;
  }
  return lines;
}

const COMMAND = { id: 'rec_001', cmd: 'start_recording', payload: { command: 'start_recording' } };
const status = (message = 'A text.'): StatusMessage => ({
  type: 'status',
  timestamp: '2026-01-06T14:30:52.123Z',
  status: 'warning',
  data: { code: 'under_voltage', message },
});
/** Tells until the reader has heard something: connections are accepted some time after they were made. */
async function tellUntilHeard(debug: DebugSocket, reader: Socket): Promise<void> {
  const heard = new AbortController();
  reader.once('readable', () => {
    heard.abort();
  });
  while (!heard.signal.aborted) {
    debug.status(status());
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('the debug socket', () => {
  it('mirrors commands and statuses with the words of commands.jsonl, to each reader', async () => {
    const debug = await opened();
    const readers = [await connected(), await connected()];
    const both = Promise.all(readers.map((reader) => linesOf(reader, 2)));
    await accepted(debug, 2);
    debug.command(COMMAND);
    debug.status({ ...status(), command_id: 'rec_001', in_reply_to: 'rec_001' });
    const ts: unknown = expect.any(Number);
    const lines = [
      { ts, dir: 'in', ...COMMAND },
      {
        ts,
        dir: 'out',
        status: 'warning',
        reply_to: 'rec_001',
        payload: { code: 'under_voltage', message: 'A text.' },
      },
    ];
    expect(await both).toEqual([lines, lines]);
  });

  it('is for this user alone, and leaves nothing beside itself', async () => {
    await opened();
    const stat = await lstat(path);
    expect([stat.isSocket(), stat.mode & 0o777]).toEqual([true, 0o600]);
    expect(await readdir(folder.path)).toEqual(['debug.sock']);
  });

  it('is gone when it has ended, and its readers hear the last line', async () => {
    const debug = await opened();
    const reader = await connected();
    await accepted(debug, 1);
    debug.status(status('The last one.'));
    const [lines] = await Promise.all([linesOf(reader, 2), debug.end(1000)]);
    expect(lines).toEqual([expect.objectContaining({ payload: { code: 'under_voltage', message: 'The last one.' } })]);
    expect(await readdir(folder.path)).toEqual([]);
    await debug.end(1000);
  });

  it('replaces a socket that nobody serves any more', async () => {
    await leftSocket();
    const debug = await opened();
    const reader = await connected();
    await tellUntilHeard(debug, reader);
  });

  it('leaves a socket alone that another process serves', async () => {
    const first = await opened();
    const second = new DebugSocket(path);
    expect(await second.open()).toMatch(/^--debug-socket .* is ignored: Another process serves this socket/);
    await second.end(0);
    await tellUntilHeard(first, await connected());
  });

  it.each([
    ['a file', () => writeFile(path, 'precious')],
    ['a folder', () => mkdir(path)],
    ['a link', () => symlink('/etc/passwd', path)],
  ])('leaves %s alone', async (_, make) => {
    await make();
    const debug = new DebugSocket(path);
    expect(await debug.open()).toMatch(/not a socket stands there/);
    expect(await readdir(folder.path)).toEqual(['debug.sock']);
    await debug.end(0);
  });

  it('says why where it cannot be made', async () => {
    const noFolder = new DebugSocket(join(folder.path, 'none', 'debug.sock'));
    expect(await noFolder.open()).toMatch(/is ignored: There is no folder .*none\.$/);
    const tooLong = new DebugSocket(join(folder.path, 'x'.repeat(100)));
    expect(await tooLong.open()).toMatch(/too long/);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('drops a reader that does not read, and costs the others nothing', async () => {
    const debug = await opened();
    const [slow, quick] = [await connected(), await connected()];
    slow.pause();
    quick.resume();
    await accepted(debug, 2);
    const dropped = once(slow, 'close');
    const large = status('x'.repeat(100_000));
    let told = 0;
    for (; told < 200 && debug.readers === 2; told += 1) {
      const heard = once(quick, 'data');
      debug.status(large);
      await heard;
    }
    // The kernel takes some 200 KB besides the MiB that waits here.
    expect([debug.readers, told < 20]).toEqual([1, true]);
    slow.resume();
    await dropped;
    await tellUntilHeard(debug, quick.pause());
  });

  it('reads nothing of what a reader sends, so that it waits', async () => {
    const debug = await opened();
    const reader = await connected();
    await accepted(debug, 1);
    let sent = 0;
    while (reader.write(Buffer.alloc(65_536)) || reader.writableLength < 1_000_000) sent += 65_536;
    expect(sent).toBeGreaterThan(0);
    await tellUntilHeard(debug, reader);
    expect(reader.writableLength).toBeGreaterThan(500_000);
  });

  it('goes on when a reader leaves', async () => {
    const debug = await opened();
    const [leaving, staying] = [await connected(), await connected()];
    await accepted(debug, 2);
    leaving.destroy();
    while (debug.readers === 2) {
      debug.status(status());
      await new Promise((resolve) => setImmediate(resolve));
    }
    await tellUntilHeard(debug, staying);
  });
});

/** A socket whose process was killed: its file is there, and nobody listens. */
async function leftSocket(): Promise<void> {
  const server = createServer().listen(join(folder.path, 'made'));
  await once(server, 'listening');
  await link(join(folder.path, 'made'), path);
  server.close();
  await once(server, 'close');
}

async function accepted(debug: DebugSocket, readers: number): Promise<void> {
  while (debug.readers < readers) await new Promise((resolve) => setImmediate(resolve));
}
