import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { childHost, type ChildHost } from '../../harness/child-host.js';
import { cleanFolder } from '../../harness/clean-folder.js';
import { expectOneAnswerEach } from '../../harness/mock-host.js';
import { holdings } from '../../harness/nothing-left.js';
import { waitForFrames } from '../../harness/whole-recording.js';

describe('settings that a host set', () => {
  const hosts: ChildHost[] = [];
  const folder = cleanFolder(async () => {
    for (const host of hosts.splice(0)) await host.end();
  });

  /** The three virtual cameras in this order. */
  async function start(order: string, config: object = {}): Promise<ChildHost> {
    const env = { CSI_VIRTUAL_CAMERA: `cameras=${order}`, XDG_RUNTIME_DIR: folder.path };
    const host = await childHost({ folder: folder.path, config: { reconnect: { firstDelayMs: 100 }, ...config }, env });
    hosts.push(host);
    return host;
  }

  const assign = (host: ChildHost, deviceId: string): Promise<unknown> =>
    host.expect('device_ready', { command: 'assign_device', device_id: deviceId });
  const set = (host: ChildHost, deviceId: string, settings: object): Promise<unknown> =>
    host.expect('settings_changed', { command: 'set_settings', device_id: deviceId, settings });

  it('stay with their camera: when it is lost, when the module is killed, and at another index', async () => {
    const first = await start('0+1');
    await assign(first, 'picam:0');
    await assign(first, 'picam:1');
    await set(first, 'picam:0', { gain: 3 });
    await set(first, 'picam:1', { brightness: 0.5 });
    process.kill(Number.parseInt(captureProcess(first, 0), 10), 'SIGKILL');
    await first.log.wait('device_ready', ({ data }) => data.reconnected === true);
    expect(captureProcess(first, 0)).toMatch(/ --gain 3$/);
    first.process.kill('SIGKILL');
    await first.exited;

    const swapped = await start('1+0', { cameras: { 'imx219@10': { contrast: 2, brightness: 0.1 } } });
    await assign(swapped, 'picam:0');
    await assign(swapped, 'picam:1');
    expect(captureProcess(swapped, 0)).toMatch(/ --brightness 0\.5 --contrast 2$/);
    expect(captureProcess(swapped, 1)).toMatch(/ --gain 3$/);
    expect(swapped.log.names()).not.toContain('warning');
  });

  it('are those of the last change of many, each of which is answered, and no process is left of the others', async () => {
    const host = await start('0');
    await assign(host, 'picam:0');
    const gains = [1, 2, 3, 4, 5, 6, 7, 8];
    const ids = gains.map((gain) => host.send({ command: 'set_settings', settings: { gain } }));
    const { data } = await host.log.wait('settings_changed', (status) => status.in_reply_to === ids.at(-1));
    expect([data.asked.gain, data.kept.gain]).toEqual([8, 8]);
    expectOneAnswerEach(
      host.log,
      ids.map((id) => ({ id, name: 'set_settings' })),
    );
    expect(captureProcess(host, 0)).toMatch(/ --gain 8$/);
    expect(host.log.names()).not.toContain('device_error');
  });

  it('change on one camera while another one records, which is not disturbed', async () => {
    const host = await start('0+1');
    await assign(host, 'picam:0');
    await assign(host, 'picam:1');
    const take = { session_dir: join(folder.path, 'session_1'), trial_number: 1 };
    await host.expect('recording_started', { command: 'start_recording', device_id: 'picam:0', ...take });
    await set(host, 'picam:1', { gain: 2 });
    for (const device of [{ device_id: 'picam:0' }, {}]) {
      const refused = await host.expect('command_nack', { command: 'set_settings', ...device, settings: { gain: 5 } });
      expect(refused.data.code).toBe('recording_in_progress');
    }
    expect(captureProcess(host, 1)).toMatch(/ --gain 2$/);
    await waitForFrames(host, 20);
    const { data } = await host.expect('recording_stopped', { command: 'stop_recording', device_id: 'picam:0' });
    expect(data).toMatchObject({ reason: 'command', dropped: 0 });
  });
});

/** The one capture process of a camera: its pid and its command line. Throws where there is another number of them. */
function captureProcess(host: ChildHost, index: number): string {
  const found = holdings(host.process.pid).children.filter((child) => child.includes(` --camera ${index} `));
  const [line] = found;
  if (line === undefined || found.length > 1) throw new Error(`${found.length} capture processes of camera ${index}`);
  return line;
}
