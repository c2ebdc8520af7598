import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { childHost } from '../../harness/child-host.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(() => folder.remove());

/** Writes down what it is started with, in place of xdg-open. */
async function browserWithoutEyes(): Promise<Record<string, string>> {
  const bin = join(folder.path, 'bin');
  await mkdir(bin);
  const script = '#!/bin/sh\necho "$1" > "$OUT"\ncp "$1" "$OUT.page"\n';
  await writeFile(join(bin, 'xdg-open'), script, { mode: 0o755 });
  return { DISPLAY: ':0', PATH: `${bin}:${process.env['PATH'] ?? ''}`, OUT: join(folder.path, 'out') };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('show_window', () => {
  it('leads the browser to the page by a file that goes with the module, and names the token to nobody', async () => {
    const port = await freePort();
    const env = await browserWithoutEyes();
    const args = ['--monitor', String(port), '--monitor-control'];
    const host = await childHost({ folder: folder.path, args, env });
    try {
      const { data: started } = await host.log.wait('monitor_started');
      const token = (await readFile(started.token_file ?? '', 'utf8')).trim();
      const { data } = await host.expect('command_ack', { command: 'show_window' });
      expect(data).toEqual({ success: true, supported: true });
      const file = (await readFile(join(folder.path, 'out'), 'utf8')).trim();
      expect(file).not.toContain(token);
      const page = await readFile(join(folder.path, 'out.page'), 'utf8');
      expect(page).toContain(`url=http://127.0.0.1:${port}/#token=${token}"`);
      await host.expect('shutdown_complete', { command: 'quit' });
      await host.exited;
      expect(existsSync(file)).toBe(false);
    } finally {
      await host.end();
    }
  });

  it('says what is missing where there is no display or no monitor', async () => {
    const host = await childHost({ folder: folder.path, env: { DISPLAY: ':0' } });
    const { data } = await host.expect('command_ack', { command: 'show_window' });
    expect(data).toEqual({ success: true, supported: false, message: expect.stringContaining('--monitor') });
    await host.end();
  });
});
