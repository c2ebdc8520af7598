import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ChildHost } from '../../../harness/child-host.js';
import { verifyRecording } from '../../../harness/verify-recording.js';
import { waitForFrames } from '../../../harness/whole-recording.js';
import type { FaultRow, Seen, Theme } from '../fault-row.js';
import { canMount, type Rig } from '../rig.js';
import { assign, framesSoFar, record, stop } from '../steps.js';

const run = promisify(execFile);
const MIB = 1024 * 1024;
const DISK_MIB = 64;
const FAST = { camera: { width: 640, height: 480, fps: 60 } };
const NOT_MADE: Seen = { seen: 'not made: no right to mount a small disk' };

async function recordsInto(rig: Rig, session: string): Promise<ChildHost> {
  const host = await rig.child({ config: { ...FAST, recording: { minFreeBytes: 4 * MIB } } });
  await assign(host);
  await record(host, session);
  return host;
}

/** The path of a disk stops leading to it while it is recorded to. */
const outOfReach = (
  fault: string,
  injected: string,
  place: string,
  makeItHappen: (rig: Rig, disk: string) => void,
): FaultRow => ({
  fault,
  injected,
  expected: `the recording goes on, and no frame is lost; a warning says "${place}"; no path is told that leads nowhere`,
  async run(rig) {
    if (!canMount) return NOT_MADE;
    const disk = await rig.smallDisk(DISK_MIB * 1024);
    const other = await rig.otherPath(disk);
    const host = await recordsInto(rig, join(disk, 'session'));
    await waitForFrames(host, 20);
    makeItHappen(rig, disk);
    const { data: warning } = await host.log.wait('warning', ({ data }) => data.code === 'session_dir_moved');
    assert(warning.message.includes(place), warning.message);
    await waitForFrames(host, (await framesSoFar(host)) + 60);
    const stopped = await stop(host);
    assert.deepEqual([stopped.reason, stopped.dropped], ['command', 0]);
    assert.deepEqual([stopped.video_path, stopped.timing_path], [null, null]);
    const made = host.log.named('recording_started')[0]?.data;
    const videoPath = made?.video_path.replace(disk, other) ?? null;
    const timingPath = made?.timing_path.replace(disk, other) ?? null;
    await verifyRecording({ videoPath, timingPath, frames: stopped.frames, width: 640, height: 480 });
    return { seen: `told; ${stopped.frames} frames kept, none dropped; paths null` };
  },
});

const rows: readonly FaultRow[] = [
  {
    fault: 'sudden loss of space',
    injected: `a real disk (tmpfs) of ${DISK_MIB} MiB: another program takes 36 MiB of it in one step; 4 MiB have to stay free`,
    expected: 'the recording goes on, since it writes little; no frame lost',
    async run(rig) {
      if (!canMount) return NOT_MADE;
      const disk = await rig.smallDisk(DISK_MIB * 1024);
      const host = await recordsInto(rig, rig.session('session_20260106_081726', disk));
      await waitForFrames(host, 70);
      await writeFile(join(disk, 'taken'), Buffer.alloc(36 * MIB));
      await waitForFrames(host, 240);
      const stopped = await stop(host);
      assert.deepEqual([stopped.reason, stopped.dropped], ['command', 0]);
      return { seen: `${stopped.frames} frames, none dropped` };
    },
  },
  {
    fault: 'largest file reached',
    injected: "no file of the module's process may grow beyond 4 MiB (prlimit --fsize: EFBIG, as at 4 GiB on FAT32)",
    expected: 'the recording goes on in the next part, a warning says why, no frame is missing between the parts',
    async run(rig) {
      const host = await rig.child({ config: FAST });
      await run('prlimit', ['--pid', String(host.process.pid), `--fsize=${4 * MIB}`]);
      await assign(host);
      await record(host, rig.session());
      const warning = await host.log.wait('warning', ({ data }) => data.message.includes('continues in take 3'));
      assert(warning.data.message.includes('has the largest size'), warning.data.message);
      const stopped = await stop(host);
      assert.deepEqual([stopped.reason, stopped.dropped], ['command', 0]);
      return { seen: `${stopped.frames} frames in ${stopped.parts?.length ?? 1} parts, none dropped` };
    },
  },
  outOfReach(
    'disk unmounted lazily',
    'a real disk (tmpfs) is unmounted with `umount -l` while it is recorded to',
    'is on a disk that is no longer mounted',
    (rig, disk) => {
      rig.unmountLazily(disk);
    },
  ),
  outOfReach(
    'disk mounted over',
    'another disk (tmpfs of 64 KiB) is mounted over the one that is recorded to',
    'is on a disk that another one was mounted over',
    (rig, disk) => {
      rig.mountOver(disk);
    },
  ),
];

export const diskLimits: Theme = { title: 'Disk: space, size, place', rows };
