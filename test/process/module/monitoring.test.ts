import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { MonitorAnswer } from '../../../src/monitor/view.js';
import { BOTH_HOSTS } from '../../harness/both-hosts.js';
import { cleanFolder } from '../../harness/clean-folder.js';
import { inProcessHost } from '../../harness/in-process-host.js';
import type { MockHost } from '../../harness/mock-host.js';
import { runProgram } from '../../harness/run-program.js';

/** The monitor as part of a module: the way of its commands, its begin and its end. */

let taken: Server | null = null;

/** A port of the loopback that this test has. It is free once `release` was called. */
async function takePort(): Promise<number> {
  taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  return (taken.address() as AddressInfo).port;
}

async function release(): Promise<void> {
  const server = taken;
  taken = null;
  if (server === null) return;
  server.close();
  await once(server, 'close');
}

async function freePort(): Promise<number> {
  const port = await takePort();
  await release();
  return port;
}

afterEach(release);

describe.each(BOTH_HOSTS)('a module with a monitor that runs %s', (_kind, startHost) => {
  const folder = cleanFolder(() => host.end());
  let host: MockHost;

  it('serves its status, and carries out what the page asks for as a command of the host', async () => {
    const port = await freePort();
    const monitor = { port, control: true, tokenFile: '' };
    host = await startHost({ folder: folder.path, config: { camera: { width: 320, height: 240 }, monitor } });
    const { data } = await host.log.wait('monitor_started');
    expect(data).toMatchObject({ url: `http://127.0.0.1:${port}/`, port });
    await host.expect('device_ready', { command: 'assign_device', device_id: 'picam:0', session_dir: folder.path });
    const tokenFile = data.token_file ?? '';
    expect((await stat(tokenFile)).mode & 0o077).toBe(0);
    const token = (await readFile(tokenFile, 'utf8')).trim();
    expect(token.length).toBeGreaterThan(20);

    const ask = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${data.url}api/cameras/picam%3A0/snapshot`, {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': 'application/json', ...headers },
      });
    expect((await ask({})).status).toBe(401);
    const answer = await ask({ authorization: `Bearer ${token}` });
    expect([answer.status, await answer.json()]).toMatchObject([
      200,
      { status: 'snapshot_taken', in_reply_to: expect.stringMatching(/^monitor_take_snapshot_/) },
    ]);
    await host.log.wait('snapshot_taken');

    const seen = (await (await fetch(`${data.url}api/status`)).json()) as MonitorAnswer;
    expect(seen).toMatchObject({ control: true, status: { state: 'running', cameras: [{ device_id: 'picam:0' }] } });
    await host.end();
    await expect(fetch(data.url)).rejects.toThrow();
    const logs = await Promise.all(
      ['csicameras.log', 'commands.jsonl'].map((name) => readFile(join(host.logDir, name), 'utf8')),
    );
    expect(logs[1]).toContain('monitor_take_snapshot_');
    expect(JSON.stringify([logs, host.log.all])).not.toContain(token);
  });

  it('goes on without one where its port is in use', async () => {
    const port = await takePort();
    host = await startHost({ folder: folder.path, config: { monitor: { port } } });
    const { data } = await host.log.wait('warning');
    expect(data).toMatchObject({ code: 'monitor_failed', message: expect.stringContaining(String(port)) });
    await host.expect('device_ready', { command: 'assign_device', device_id: 'picam:0', session_dir: folder.path });
    await host.expect('recording_started', { command: 'start_recording' });
    await host.expect('recording_stopped', { command: 'stop_recording' });
  });
});

describe('a module that is started again', () => {
  const folder = cleanFolder(() => host.end());
  let host: Awaited<ReturnType<typeof inProcessHost>>;

  it('has its monitor on the same port again, and a link only meanwhile', async () => {
    const port = await freePort();
    const config = { monitor: { port } };
    host = await inProcessHost({ folder: folder.path, config });
    const { module } = host;
    await host.log.wait('monitor_started');
    expect(module.monitorLink).toBe(`http://127.0.0.1:${port}/`);
    await module.stop();
    expect(module.monitorLink).toBeNull();
    const started = new Promise((resolve) => {
      module.watch(({ status }) => {
        if (status === 'monitor_started' || status === 'warning') resolve(status);
      });
    });
    await module.start({ logDir: host.logDir, config, sendStatus: () => undefined });
    expect(await started).toBe('monitor_started');
  });
});

describe('record', () => {
  const folder = cleanFolder(() => undefined);

  it('says where its monitor is, and ends with the recording', async () => {
    const port = await freePort();
    const places = [
      '--log-dir',
      join(folder.path, 'logs'),
      '--state-dir',
      folder.path,
      '--out',
      join(folder.path, 's'),
    ];
    const monitor = ['--monitor', String(port), '--monitor-control'];
    const run = runProgram(folder.path, ['record', '--simulate', '--size', '320x240', ...monitor, ...places]);
    const line = `Monitor: http://127.0.0.1:${port}/ (its token is in ${join(folder.path, 'monitor-token')})\n`;
    let shown = '';
    run.process.stderr?.on('data', (chunk: Buffer) => {
      shown += chunk.toString();
      if (shown.includes(line) && shown.includes('Recording picam:0')) run.process.kill('SIGINT');
    });
    expect((await run.ended).code).not.toBeNull();
    expect(shown).toContain(line);
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
  });
});
