import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { lstat, mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { childHost, type ChildHost } from '../../harness/child-host.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

const hosts: ChildHost[] = [];

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.end()));
  await folder.remove();
});

async function started(args: readonly string[]): Promise<ChildHost> {
  const own = join(folder.path, `host${hosts.length}`);
  await mkdir(own);
  const host = await childHost({ folder: own, args });
  hosts.push(host);
  return host;
}

interface Line {
  readonly dir: 'in' | 'out';
  readonly cmd?: string;
  readonly id?: string;
  readonly status?: string;
  readonly reply_to?: string;
}

describe('--debug-socket', () => {
  it('mirrors every command and every status of a host, refused ones too, and goes with the process', async () => {
    const path = join(folder.path, 'debug.sock');
    const args = ['--debug-socket', path];
    const host = await started(args);
    expect((await lstat(path)).mode & 0o777).toBe(0o600);
    const reader = connect(path);
    await once(reader, 'connect');
    const lines: Line[] = [];
    const reading = createInterface({ input: reader }).on('line', (line) => lines.push(JSON.parse(line) as Line));
    const ended = once(reading, 'close');
    // The first answer that is heard shows that the reader was accepted.
    while (lines.length === 0)
      await Promise.race([host.expect('command_ack', { command: 'hide_window' }), once(reading, 'line')]);

    const second = await started(args);
    expect(second.log.named('warning')).toMatchObject([
      { data: { code: 'config_ignored', message: expect.stringContaining('Another process serves this socket') } },
    ]);
    await second.end();

    host.sendBad('this is no command');
    await host.expect('status_report', { command: 'get_status', command_id: 'mine' });
    await host.expect('shutdown_complete', { command: 'quit' });
    await ended;
    const short = lines.map(({ dir, cmd, id, status, reply_to }) => [dir, cmd ?? status, id ?? reply_to]);
    expect(short).toContainEqual(['in', 'invalid', expect.any(String)]);
    expect(short).toContainEqual(['out', 'command_nack', expect.any(String)]);
    expect(short.slice(short.findIndex(([, , id]) => id === 'mine')).slice(0, 2)).toEqual([
      ['in', 'get_status', 'mine'],
      ['out', 'status_report', 'mine'],
    ]);
    expect(short.at(-1)?.[1]).toBe('shutdown_complete');
    await host.exited;
    expect(existsSync(path)).toBe(false);
  });
});
