import { describe, expect, it } from '@jest/globals';
import { childHost, type ChildHost } from '../../harness/child-host.js';
import { cleanFolder } from '../../harness/clean-folder.js';
import { tellingTool } from '../../harness/telling-tool.js';

/** A client that never hears its server. It is asked to end like every capture tool. */
const ALONE = 'case "$*" in *"--sync client"*) exec sleep 1000;; esac';

describe('a client of synchronised cameras', () => {
  const folder = cleanFolder(() => host.end());
  let host: ChildHost;

  it('without a server is told as that, and is let go of in the middle of its wait', async () => {
    const tool = await tellingTool(folder.path, 'tool', ALONE);
    // 150 frame times are less.
    const camera = { tool: tool.path, fps: 200, sync: 'client', syncTimeoutMs: 1_000 };
    host = await childHost({ folder: folder.path, config: { camera, logs: { level: 'debug' } } });
    const lost = await host.expect('device_error', { command: 'assign_device', device_id: 'picam:0' });
    expect(lost.data).toMatchObject({ code: 'sync_timeout', recoverable: true });
    expect((await tool.view()).argv.join(' ')).toContain('--sync client');

    host.send({ command: 'assign_device', device_id: 'picam:0', command_id: 'again' });
    await host.log.wait('device_ack', (ack) => ack.in_reply_to === 'again');
    await host.expect('device_unassigned', { command: 'unassign_device', device_id: 'picam:0' });
    const aborted = await host.log.wait('device_error', (error) => error.in_reply_to === 'again');
    expect(aborted.data.code).toBe('no_device');
    // Last: what is written to two pipes is read in any order.
    expect(host.stderr()).toMatch(/^error: picam:0: sync_timeout: The camera found no synchronising server/m);
  }, 30_000);

  it('that is off again streams at once', async () => {
    const tool = await tellingTool(folder.path, 'tool', ALONE);
    const config = { camera: { tool: tool.path, fps: 30, sync: 'client' }, cameras: { 'picam:0': { sync: 'off' } } };
    host = await childHost({ folder: folder.path, config });
    await host.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
    const { data } = await host.expect('status_report', { command: 'get_status' });
    expect(data.cameras[0]?.sync).toBeNull();
    const refused = host.expect('command_nack', {
      command: 'set_settings',
      device_id: 'picam:0',
      settings: { sync: 'client' },
    });
    await host.log.wait('heartbeat', ({ data: { cameras } }) => cameras[0]?.sync?.role === 'client');
    await host.expect('shutdown_complete', { command: 'quit' });
    expect((await refused).data).toMatchObject({ code: 'shutting_down' });
  }, 30_000);
});
