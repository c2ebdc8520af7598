import assert from 'node:assert/strict';
import { mkdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { waitForFrames } from '../../../harness/whole-recording.js';
import type { FaultRow, Theme } from '../fault-row.js';
import type { Rig } from '../rig.js';
import { assign, course, record, recordsAgain, stop, stoppedOf, timeOf } from '../steps.js';

/** The disk of this machine may have little space: that is another fault. */
const NO_RESERVE = { recording: { minFreeBytes: 0 } };

/** A recording cannot begin. */
const refused = (
  fault: string,
  injected: string,
  code: string,
  prepare: (rig: Rig) => Promise<{ session: string; heal: () => Promise<void> }>,
): FaultRow => ({
  fault,
  injected,
  expected: `recording_error ${code}, no file and no folder left; the next recording works`,
  async run(rig) {
    const { session, heal } = await prepare(rig);
    const host = await rig.child({ config: NO_RESERVE });
    await assign(host);
    const answer = await host.expect('recording_error', { command: 'start_recording', session_dir: session });
    assert.equal(answer.data.code, code, answer.data.error);
    await heal();
    await recordsAgain(host, rig.session('session_good'));
    return { seen: `${answer.data.code}; the next recording works` };
  },
});

const nothing = (): Promise<void> => Promise.resolve();

const rows: readonly FaultRow[] = [
  refused(
    'session directory is a file',
    'a file stands where the session directory should be',
    'invalid_session_dir',
    async (rig) => {
      const session = join(rig.folder, 'session_file');
      await writeFile(session, 'in the way');
      return { session, heal: nothing };
    },
  ),
  refused('session directory leads outside', 'the command names ../outside', 'invalid_session_dir', () =>
    Promise.resolve({ session: '../outside', heal: nothing }),
  ),
  refused('session directory cannot be made', 'the session directory would lie in /proc', 'invalid_session_dir', () =>
    Promise.resolve({ session: '/proc/session_1', heal: nothing }),
  ),
  refused(
    'link out of the session directory',
    'CSICameras in it is a symbolic link to another folder',
    'invalid_session_dir',
    async (rig) => {
      const session = join(rig.folder, 'session_link');
      await mkdir(join(rig.folder, 'elsewhere'));
      await writeFile(join(rig.folder, 'elsewhere', 'precious'), 'x');
      await mkdir(session);
      await symlink(join(rig.folder, 'elsewhere'), join(session, 'CSICameras'));
      return { session, heal: nothing };
    },
  ),
  {
    fault: 'session directory removed while recording',
    injected: 'rm -r of the session directory',
    expected:
      'recording_error invalid_session_dir, recording_stopped with frames 0 and no path: nothing is claimed, all frames are counted as dropped; the next recording makes the directory anew',
    async run(rig) {
      const host = await rig.child({ config: NO_RESERVE });
      await assign(host);
      await record(host, rig.session());
      await waitForFrames(host, 10);
      await rm(rig.session(), { recursive: true });
      const at = Date.now();
      const error = await host.log.wait('recording_error');
      await host.log.wait('recording_stopped');
      const stopped = stoppedOf(host);
      assert.equal(error.data.code, 'invalid_session_dir', error.data.error);
      assert.deepEqual([stopped.frames, stopped.video_path], [0, null]);
      assert.equal(stopped.delivered, stopped.dropped);
      await recordsAgain(host, rig.session());
      return {
        seen: `${error.data.code}; ${stopped.dropped} of ${stopped.delivered} dropped; the next recording works`,
        detectMs: timeOf(error) - at,
      };
    },
  },
  {
    fault: 'session directory renamed while recording',
    injected: 'mv of the session directory; then the next recording in the old name',
    expected:
      'every frame is in the renamed file, or the recording ends and says why; the next recording makes the directory anew',
    async run(rig) {
      const host = await rig.child({ config: NO_RESERVE });
      await assign(host);
      await record(host, rig.session());
      await waitForFrames(host, 10);
      await rig.move(rig.session(), `${rig.session()}_moved`);
      await pause(1000);
      await stop(host);
      const stopped = stoppedOf(host);
      assert(['command', 'io_error'].includes(stopped.reason), stopped.reason);
      await recordsAgain(host, rig.session('session_next'));
      return { seen: `recording_stopped (${stopped.reason}), ${stopped.frames} frames in the moved file` };
    },
  },
  {
    fault: 'two processes race for one take',
    injected: 'two modules record the same trial of the same session at the same moment',
    expected: 'two takes, nothing overwritten, both whole',
    async run(rig) {
      const hosts = await Promise.all([
        rig.child({ config: NO_RESERVE }, join(rig.folder, 'a')),
        rig.child({ config: NO_RESERVE }, join(rig.folder, 'b')),
      ]);
      await Promise.all(hosts.map((host) => assign(host)));
      const started = await Promise.all(hosts.map((host) => record(host, rig.session())));
      await Promise.all(hosts.map((host) => waitForFrames(host, 10)));
      await Promise.all(hosts.map((host) => stop(host)));
      assert.deepEqual(new Set(started.map(({ take }) => take)), new Set([1, 2]));
      return { seen: 'take 1 and take 2' };
    },
  },
  {
    fault: 'stopped before the first frame',
    injected: 'start_recording on a camera that hangs, then stop_recording',
    expected: 'a zero-length recording: frames 0, video_path null, no file and no folder, also when the camera is back',
    async run(rig) {
      const host = await rig.child({ config: NO_RESERVE });
      await assign(host);
      await rig.camera.misbehave('hang-after=1');
      await pause(300);
      host.send({ command: 'start_recording', session_dir: rig.session() });
      await host.log.wait('device_error');
      const stopped = await stop(host);
      assert.deepEqual([stopped.frames, stopped.video_path, stopped.timing_path], [0, null, null]);
      await rig.camera.misbehave('');
      await host.log.wait('device_ready', ({ data }) => data.reconnected === true);
      assert.equal(host.log.named('recording_started').length, 0, 'nothing begins after the stop');
      await assert.rejects(stat(join(rig.session(), 'CSICameras')));
      return { seen: `${course(host).join(', ')}; no file, no folder` };
    },
  },
];

export const sessionDir: Theme = { title: 'Session directory', rows };
