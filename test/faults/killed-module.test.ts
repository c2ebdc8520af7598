import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as nextLook } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { childHost, type ChildHost } from '../harness/child-host.js';
import { holdings } from '../harness/nothing-left.js';
import { temporaryFolder } from '../harness/temporary-folder.js';
import { expectWholeRecording, waitForFrames } from '../harness/whole-recording.js';

/** The module's own process dies by SIGKILL: nobody asks the capture process to end. */

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let hosts: ChildHost[];

beforeEach(async () => {
  folder = await temporaryFolder();
  hosts = [];
});

afterEach(async () => {
  for (const host of hosts) await host.end();
  await folder.remove();
});

async function start(camera = ''): Promise<ChildHost> {
  const env = { XDG_RUNTIME_DIR: folder.path, CSI_VIRTUAL_CAMERA: camera };
  const host = await childHost({ folder: folder.path, env });
  hosts.push(host);
  return host;
}

/** The capture processes of a module. */
function captureProcesses({ process: { pid } }: ChildHost): number[] {
  return holdings(pid).children.map((child) => Number.parseInt(child, 10));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function end(pid: number): Promise<void> {
  while (isRunning(pid)) await nextLook(5); // polling: it is nobody's child here
}

/** The capture process of a module, once there is a note on it. A listing that comes before has none. */
async function notedProcess(host: ChildHost): Promise<number> {
  for (;;) {
    const names = await readdir(join(folder.path, 'csi-cameras')).catch(() => []); // not made yet
    const noted = captureProcesses(host).find((pid) => names.some((name) => name.startsWith(`${pid}-`)));
    if (noted !== undefined) return noted;
    await nextLook(5);
  }
}

describe('a module that was killed', () => {
  it('leaves no capture process that still writes: it ends by its broken pipe, and the next start records on', async () => {
    const host = await start();
    await host.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
    const session = join(folder.path, 'session_1');
    await host.expect('recording_started', { command: 'start_recording', session_dir: session });
    await waitForFrames(host, 5);
    const [camera = 0] = captureProcesses(host);
    host.process.kill('SIGKILL');
    await host.exited;
    await end(camera);
    const next = await start();
    await next.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
    await next.expect('recording_started', { command: 'start_recording', session_dir: session, trial_number: 1 });
    await waitForFrames(next, 5);
    const { data } = await next.expect('recording_stopped', { command: 'stop_recording' });
    expect(data.take).toBe(2);
    await expectWholeRecording(data, { width: 640, height: 480 });
  });

  it('leaves one that is stuck, which the next start ends before it opens a camera, and no other', async () => {
    const stuck = 'start-delay=600000';
    const [host, living] = [await start(stuck), await start(stuck)];
    for (const each of [host, living]) {
      each.send({ command: 'assign_device', device_id: 'picam:0' });
      await each.log.wait('device_ack');
    }
    const left = await notedProcess(host);
    const othersCamera = await notedProcess(living);
    host.process.kill('SIGKILL');
    await host.exited;
    expect(isRunning(left)).toBe(true);
    const next = await start();
    await next.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
    await end(left);
    expect(isRunning(othersCamera)).toBe(true);
  });
});
