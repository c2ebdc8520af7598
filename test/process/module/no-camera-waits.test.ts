import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { camerasOfTheirOwn } from '../../harness/cameras-of-their-own.js';
import { childHost, type ChildHost } from '../../harness/child-host.js';
import { cleanFolder } from '../../harness/clean-folder.js';
import { freeUdpPort } from '../../harness/free-udp-port.js';
import type { StatusName } from '../../../src/protocol/statuses.js';

/** Commands of one camera while others have no frame. What holds for any sequence is in `test/properties`. */

const ROUNDS = 3;
/**
 * A command that waits for the other camera takes seconds: at least 5 s less what has passed, or it takes for ever. One that does
 * not takes as long as alone, but for the machine, which others use too: the start of a capture process takes 0.2 s, and has been
 * seen to take 0.8 s. Of each command the median counts.
 */
const TOLERANCE_MS = 1_000;

const STEPS: readonly (readonly [StatusName, { readonly command: string; readonly [field: string]: unknown }])[] = [
  ['device_ready', { command: 'assign_device' }],
  ['settings_changed', { command: 'set_settings', settings: { jpegQuality: 70 } }],
  ['recording_started', { command: 'start_recording' }],
  ['snapshot_taken', { command: 'take_snapshot' }],
  ['recording_stopped', { command: 'stop_recording' }],
  ['device_unassigned', { command: 'unassign_device' }],
];

describe('a camera beside others without frames', () => {
  const folder = cleanFolder(() => host?.end());
  let host: ChildHost | undefined;

  it('takes no longer for its commands than alone', async () => {
    const tools = await camerasOfTheirOwn(folder.path, 3);
    host = await childHost({
      folder: folder.path,
      config: {
        camera: { tool: tools.tool, firstFrameTimeoutMs: 600_000, fps: 60 },
        cameras: { 'picam:3': { sync: 'client' } },
      },
      env: { CSI_VIRTUAL_CAMERA: `cameras=0+1+2,sync-port=${await freeUdpPort()}` },
    });
    await host.expect('command_ack', { command: 'start_session', session_dir: join(folder.path, 'session_1') });
    const alone = await medians(host);

    // One has its first frame after 5 s, one never has any, and one waits for its server.
    await tools.misbehave(0, 'start-delay=5000');
    await tools.misbehave(2, 'start-delay=600000');
    const [slow, never, client] = [
      host.send({ command: 'assign_device', device_id: 'picam:0' }),
      host.send({ command: 'assign_device', device_id: 'picam:2' }),
      host.send({ command: 'assign_device', device_id: 'picam:3', camera_index: 1 }),
    ];
    const from = host.log.all.length;
    const beside = await medians(host);
    const ready = await host.log.wait('device_ready', ({ in_reply_to: id }) => id === slow);
    // A median would not show one command that waited: a whole round was over before the slow camera had its frame.
    const round = host.log.all.slice(from, host.log.all.indexOf(ready)).map(({ status }) => status);
    expect(round).toEqual(expect.arrayContaining(STEPS.map(([answer]) => answer)));
    await host.expect('device_unassigned', { command: 'unassign_all_devices' });
    for (const waited of [never, client]) await host.log.wait('device_error', ({ in_reply_to: id }) => id === waited);

    for (const [command, ms] of beside)
      expect([command, ms, ms <= (alone.get(command) ?? 0) + TOLERANCE_MS]).toEqual([command, ms, true]);
  }, 60_000);
});

/** How long each command of camera 1 takes, ms: the median of some rounds. */
async function medians(host: ChildHost): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number[]>(STEPS.map(([, { command }]) => [command, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [answer, fields] of STEPS) {
      const command = answer === 'settings_changed' ? { ...fields, settings: { jpegQuality: 60 + round } } : fields;
      const sentMs = performance.now();
      await host.expect(answer, { ...command, device_id: 'picam:1' });
      times.get(command.command)?.push(performance.now() - sentMs);
    }
  }
  return new Map([...times].map(([command, ms]) => [command, Math.round(ms.toSorted((a, b) => a - b)[1] ?? 0)]));
}
