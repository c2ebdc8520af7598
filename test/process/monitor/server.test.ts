import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { ServerOptions } from '../../../src/monitor/monitor-words.js';
import type { StatusMessage } from '../../../src/protocol/statuses.js';
import { HonestViewers, HostileClients } from '../../harness/hostile-clients.js';
import { snapshotOf } from '../../harness/monitor-snapshot.js';
import { ask } from '../../harness/raw-request.js';
import { MonitorThread } from './monitor-thread.js';

const DEVICE = 'picam:0';
const threads: MonitorThread[] = [];
function startThread(options: Partial<ServerOptions> = {}): MonitorThread {
  const thread = new MonitorThread(options);
  threads.push(thread);
  return thread;
}
afterEach(async () => {
  for (const thread of threads.splice(0)) await thread.end();
});

describe("the monitor's thread", () => {
  it('answers with what its owner told last, and with the built page', async () => {
    const thread = startThread();
    const port = await thread.port();
    expect((await ask(port, '/api/status')).status).toBe(503);
    thread.say({ type: 'snapshot', snapshot: snapshotOf([DEVICE]) });
    let status = 503;
    while (status === 503) ({ status } = await ask(port, '/api/status'));
    expect(status).toBe(200);
    for (const path of ['/', '/monitor.js', '/monitor.css', '/icon.svg']) {
      const { headers, body } = await ask(port, path);
      expect([path, body.length > 0, headers['x-content-type-options']]).toEqual([path, true, 'nosniff']);
    }
    expect((await ask(port, '/monitor.js.map')).status).toBe(404);
  });

  it('passes a command of the page to its owner, and its end to the page', async () => {
    const token = 'a-token-of-this-test';
    const tokenSha256 = createHash('sha256').update(token).digest('hex');
    const thread = startThread({ hasControl: true, tokenSha256 });
    const port = await thread.port();
    thread.say({ type: 'snapshot', snapshot: snapshotOf([DEVICE]) });
    while ((await ask(port, '/healthz')).status === 503);
    const word = once(thread.worker, 'message');
    const answer = ask(port, `/api/cameras/${encodeURIComponent(DEVICE)}/settings`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
      body: '{"settings":{"gain":2}}',
    });
    const command = { command: 'set_settings', device_id: DEVICE, settings: { gain: 2 } };
    expect(await word).toEqual([{ type: 'command', request: 1, command }]);
    const refused: StatusMessage = {
      type: 'status',
      timestamp: '2026-01-01T00:00:00.000Z',
      status: 'command_nack',
      data: { success: false, code: 'recording_in_progress', error: 'Stop the recording first.' },
    };
    thread.say({ type: 'answered', request: 1, answer: refused });
    const { status, body } = await answer;
    expect([status, JSON.parse(body.toString())]).toEqual([409, refused]);
  });

  it('says why it cannot listen, and ends', async () => {
    const port = await startThread().port();
    const thread = startThread({ port });
    expect(await thread.begun()).toMatchObject({ type: 'refused', errno: 'EADDRINUSE' });
    if (thread.worker.threadId !== -1) await once(thread.worker, 'exit');
  });

  it('answers honest viewers while 64 clients never read, pipeline, send slowly, hoard and reset', async () => {
    const thread = startThread();
    const port = await thread.port();
    thread.say({ type: 'snapshot', snapshot: snapshotOf([DEVICE, 'picam:1', 'picam:2', 'picam:3']) });
    while ((await ask(port, '/healthz')).status === 503);
    const hostile = new HostileClients({ port, count: 64 });
    const viewers = new HonestViewers({ port, count: 5, everyMs: 20 });
    // Three times the limit of connections in turns, several times over.
    const isEnough = (): boolean => hostile.connections >= 500 && viewers.answeredMs.length >= 200;
    while (!isEnough() && (await ask(port, '/healthz')).status === 200);
    await Promise.all([hostile.end(), viewers.end()]);
    const { answers, p50, max } = viewers.figures();
    // None here. On a machine that stops for long, one may be taken for a client that holds its connection.
    const cut = Object.values(viewers.failures).reduce((sum, count) => sum + count, 0);
    expect(cut).toBeLessThanOrEqual(answers / 20);
    expect(answers).toBeGreaterThan(100);
    expect(p50).toBeLessThan(200);
    // Measured: 5 ms. A busy machine stops this process as well.
    expect(max).toBeLessThan(2_000);
    // The thread has survived within its limits, and nobody hangs on.
    const { body } = await ask(port, '/healthz');
    expect(body.toString()).toBe('The recorder is running.\n');
  });
});
