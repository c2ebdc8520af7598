import assert from 'node:assert/strict';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CameraSource } from '../../../../src/capture/camera-source.js';
import { RpicamSource } from '../../../../src/capture/rpicam-source.js';
import { systemClock } from '../../../../src/core/clock.js';
import type { MockHost } from '../../../harness/mock-host.js';
import { VIRTUAL_CAMERA } from '../../../harness/paths.js';
import { waitForFrames } from '../../../harness/whole-recording.js';
import { isAlive } from '../account.js';
import { assertTime, type FaultRow, type Theme } from '../fault-row.js';
import { assign, cameraPid, record, recordingChild, timeOf, until } from '../steps.js';

async function unassigned(host: MockHost): Promise<{ readonly tookMs: number; readonly portReleased: boolean }> {
  const at = Date.now();
  const answer = await host.expect('device_unassigned', { command: 'unassign_device', device_id: 'picam:0' });
  return { tookMs: timeOf(answer) - at, portReleased: answer.data.port_released };
}

/**
 * A source whose processes cannot be ended: what a process stuck in the kernel looks like from outside. `release` ends them
 * after all.
 */
function unkillable(): { readonly source: CameraSource; readonly release: () => Promise<void> } {
  const real = new RpicamSource({ captureTool: [process.execPath, VIRTUAL_CAMERA], clock: systemClock });
  const ends: (() => Promise<unknown>)[] = [];
  const source: CameraSource = {
    async open(request, listener, signal) {
      const opened = await real.open(request, listener, signal);
      ends.push(() => opened.close(1000));
      return {
        pause: () => {
          opened.pause();
        },
        resume: () => {
          opened.resume();
        },
        async close(limitMs) {
          await systemClock.sleep(limitMs);
          return { portReleased: false };
        },
      };
    },
  };
  return {
    source,
    release: async () => {
      await Promise.all(ends.map((end) => end()));
    },
  };
}

const rows: readonly FaultRow[] = [
  {
    fault: 'the camera ignores SIGINT',
    injected: 'unassign_device while recording, and the capture process does not listen',
    expected: 'killed in time: device_unassigned within 900 ms, port_released true, the recording whole',
    isTimed: true,
    async run(rig) {
      const host = await recordingChild(rig);
      await rig.camera.misbehave('ignore-sigint');
      await waitForFrames(host, 30);
      const pid = await cameraPid(host);
      const { tookMs, portReleased } = await unassigned(host);
      assert(portReleased && !isAlive(pid), 'the process is gone');
      assertTime('device_unassigned', tookMs, 0, 900);
      return { seen: 'killed; port_released true', detectMs: tookMs };
    },
  },
  {
    fault: 'the camera is stopped when it is to end',
    injected: 'SIGSTOP to the capture process, then unassign_device at once',
    expected: 'killed in time: device_unassigned within 900 ms, port_released true, the recording whole',
    isTimed: true,
    async run(rig) {
      const host = await recordingChild(rig);
      const pid = await cameraPid(host);
      process.kill(pid, 'SIGSTOP');
      const { tookMs, portReleased } = await unassigned(host);
      assert(portReleased && !isAlive(pid), 'the process is gone');
      assertTime('device_unassigned', tookMs, 0, 900);
      return { seen: 'killed; port_released true', detectMs: tookMs };
    },
  },
  {
    fault: 'a camera that nothing can end',
    injected:
      'the process survives SIGKILL (stuck in the kernel; simulated at the camera source), then quit while recording',
    expected: 'port_released false, shutdown_complete within 2 s, the recording whole',
    isTimed: true,
    async run(rig) {
      const { source, release } = unkillable();
      const host = await rig.inProcess({ dependencies: { cameraSource: source } });
      try {
        await assign(host);
        await record(host, rig.session());
        await waitForFrames(host, 10);
        const at = Date.now();
        const complete = await host.expect('shutdown_complete', { command: 'quit' });
        assert.equal(host.log.named('device_unassigned')[0]?.data.port_released, false);
        assertTime('shutdown', timeOf(complete) - at, 0, 2000);
        return { seen: 'port_released false', detectMs: timeOf(complete) - at };
      } finally {
        await release();
      }
    },
  },
  {
    fault: 'the tool has a child of its own',
    injected: 'the capture tool is a shell script that starts the camera and waits',
    expected: 'the whole group ends: nobody is left',
    async run(rig) {
      const tool = join(rig.folder, 'wrapper');
      const childPid = join(rig.folder, 'child-pid');
      const script = `#!/bin/sh\ntrap '' INT\n'${process.execPath}' '${VIRTUAL_CAMERA}' "$@" &\necho $! > '${childPid}'\nwait\n`;
      await writeFile(tool, script);
      await chmod(tool, 0o755);
      const host = await rig.child({ config: { simulate: false, camera: { tool } } });
      await assign(host);
      await record(host, rig.session());
      await waitForFrames(host, 5);
      const { tookMs, portReleased } = await unassigned(host);
      assert.equal(portReleased, true);
      const pid = Number((await readFile(childPid, 'utf8')).trim());
      await until('the end of the group', () => !isAlive(pid));
      return { seen: 'both processes are gone', detectMs: tookMs };
    },
  },
  {
    fault: 'unassigned while it opens',
    injected: 'unassign_device while the camera takes a minute to give its first frame',
    expected: 'the assignment answered no_device, device_unassigned within 900 ms',
    isTimed: true,
    async run(rig) {
      const host = await rig.child({ misbehaviours: 'start-delay=60000' });
      const assignment = host.send({ command: 'assign_device', device_id: 'picam:0' });
      await host.log.wait('device_ack');
      const { tookMs } = await unassigned(host);
      const refused = await host.log.wait('device_error', (status) => status.in_reply_to === assignment);
      assert.equal(refused.data.code, 'no_device');
      assertTime('device_unassigned', tookMs, 0, 900);
      return { seen: 'no_device, device_unassigned', detectMs: tookMs };
    },
  },
];

export const cameraEnd: Theme = { title: 'Camera that does not want to end', rows };
