import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type { ChildHost } from '../../../harness/child-host.js';
import { waitForFrames } from '../../../harness/whole-recording.js';
import { isAlive } from '../account.js';
import { assertTime, type FaultRow, type Seen, type Theme } from '../fault-row.js';
import { readLogs } from '../read-logs.js';
import type { Rig } from '../rig.js';
import {
  assign,
  cameraPid,
  course,
  framesSoFar,
  lastFrameAt,
  openedUnrepaired,
  record,
  recordingChild,
  recordsAgain,
  stop,
  stoppedOf,
  timeOf,
  until,
} from '../steps.js';

/** Codes for a process that ended without a word, as far as the specification leaves them open. */
const ENDED = ['capture_failed', 'camera_disconnected'];

const EXPECTED = 'recording_stopped (device_error), then device_error, then device_ready by itself; the video is whole';

interface Loss {
  readonly codes: readonly string[];
  readonly config?: object;
  /** Does it; resolves with the moment, ms since 1970, where it is known better than by the last frame. */
  readonly inject: (rig: Rig, host: ChildHost) => Promise<number | undefined>;
}

/** Loses the camera of a running recording and waits until it is back. */
async function lose(rig: Rig, { codes, config = {}, inject }: Loss): Promise<Required<Seen> & { host: ChildHost }> {
  const host = await recordingChild(rig, { config });
  const knownAt = await inject(rig, host);
  const error = await host.log.wait('device_error');
  await rig.camera.misbehave('');
  const back = await host.log.wait('device_ready', ({ data }) => data.reconnected === true);
  const stopped = stoppedOf(host);
  const at = knownAt ?? (await lastFrameAt(stopped.timing_path));
  assert(codes.includes(error.data.code), `${error.data.code} should be ${codes.join(' or ')}: ${error.data.error}`);
  assert(error.data.recoverable && (error.data.retry_in_ms ?? 0) > 0, 'device_error says when it is tried again');
  assert.equal(stopped.reason, 'device_error');
  assert.deepEqual(course(host).slice(0, 4), [
    'device_ready',
    'recording_started',
    'recording_stopped',
    'device_error',
  ]);
  const seen = `${error.data.code}; ${stopped.frames} frames kept; back after ${back.data.attempts} attempt(s)`;
  return { seen, detectMs: timeOf(error) - at, recoverMs: timeOf(back) - at, host };
}

const withoutHost = ({ seen, detectMs, recoverMs }: Required<Seen>): Seen => ({ seen, detectMs, recoverMs });

const misbehave =
  (how: string): Loss['inject'] =>
  async (rig) => {
    await rig.camera.misbehave(how);
    return undefined;
  };

const signal =
  (name: NodeJS.Signals): Loss['inject'] =>
  async (_, host) => {
    const pid = await cameraPid(host);
    const at = Date.now();
    process.kill(pid, name);
    return at;
  };

/** A loss that is told at once. */
const suddenly = (fault: string, injected: string, codes: readonly string[], inject: Loss['inject']): FaultRow => ({
  fault,
  injected,
  expected: EXPECTED,
  run: async (rig) => withoutHost(await lose(rig, { codes, inject })),
});

/** A loss that only silence tells. */
const silently = (fault: string, injected: string, inject: Loss['inject']): FaultRow => ({
  fault,
  injected,
  expected: `frame_timeout between 2.0 and 2.5 s after the last frame; ${EXPECTED}`,
  isTimed: true,
  async run(rig) {
    const outcome = await lose(rig, { codes: ['frame_timeout'], inject });
    assertTime('detection', outcome.detectMs, 2000, 2500);
    return withoutHost(outcome);
  },
});

/** A line every 1.2 s is what a looping tool writes; a flood is thousands. Both leave no more than this in the log. */
const MAX_TOOL_LINES = 60;

async function assertLogBounded(host: ChildHost): Promise<number> {
  const { application } = await readLogs(host.logDir);
  const lines = application.filter(({ msg }) => msg === 'The capture tool wrote to stderr.').length;
  assert(lines <= MAX_TOOL_LINES, `${lines} lines of the capture tool are in csicameras.log`);
  return lines;
}

async function backingOff(rig: Rig): Promise<ChildHost> {
  const host = await recordingChild(rig, { config: { reconnect: { firstDelayMs: 60_000, maxDelayMs: 60_000 } } });
  await rig.camera.misbehave('exit-after=0');
  await host.log.wait('device_error');
  return host;
}

const rows: readonly FaultRow[] = [
  {
    fault: 'capture process killed',
    injected: 'SIGKILL to the capture process while recording',
    expected: `device_error within 100 ms, streaming again within 2 s; ${EXPECTED}`,
    isTimed: true,
    async run(rig) {
      const outcome = await lose(rig, { codes: ENDED, inject: signal('SIGKILL') });
      assertTime('detection', outcome.detectMs, 0, 100);
      assertTime('recovery', outcome.recoverMs, 0, 2000);
      return withoutHost(outcome);
    },
  },
  silently('capture process stopped', 'SIGSTOP to the capture process while recording', signal('SIGSTOP')),
  silently('capture process hangs', 'the camera gives no more frames and hears no SIGINT', misbehave('hang-after=1')),
  silently(
    'capture process restarts for ever',
    'libcamera restarts the camera every 1.2 s and says so, no frames',
    async (rig) => {
      // Frames are withheld; what the tool says meanwhile is known and means a timeout too.
      await rig.camera.misbehave('restart-loop-after=1');
      return undefined;
    },
  ),
  suddenly('capture process terminated', 'SIGTERM by somebody else while recording', ENDED, signal('SIGTERM')),
  suddenly('exit without a word', 'exit code 255, nothing on stderr', ENDED, misbehave('exit-after=1')),
  suddenly('exit with code 0', 'the capture tool ends as if it had been asked to', ENDED, misbehave('exit-after=1:0')),
  suddenly(
    'exit with an error',
    'ERROR: *** failed to queue request ***, exit code 255',
    ['capture_failed'],
    misbehave('fail-after=1'),
  ),
  suddenly('crash', 'the capture tool dies of SIGSEGV', ENDED, misbehave('die-with-signal=SIGSEGV:1')),
  suddenly(
    'ribbon pulled',
    'a second of silence, then libcamera: failed to start streaming, input/output error; exit code 255',
    ['camera_disconnected'],
    misbehave('disconnect-after=1'),
  ),
  suddenly(
    'stdout closed',
    'the capture process closes its stdout and lives on',
    ENDED,
    misbehave('close-stdout-after=1'),
  ),
  suddenly('stream cut in the middle of a frame', 'half a frame, then exit code 255', ENDED, misbehave('cut-stream=3')),
  {
    fault: 'nothing but garbage',
    injected: '16 KiB of garbage in the place of each frame, for ever',
    expected: `found by the missing frames, not by the bytes; ${EXPECTED}`,
    async run(rig) {
      const codes = ['frame_timeout', 'capture_failed'];
      const outcome = await lose(rig, { codes, inject: misbehave('garbage-forever-after=1') });
      assertTime('detection', outcome.detectMs, 2000, 6000);
      return withoutHost(outcome);
    },
  },
  {
    fault: 'restart loop under a flood of stderr',
    injected: 'no frames, restarts, and 2000 error lines a second on stderr',
    expected: `frame_timeout; at most ${MAX_TOOL_LINES} of those lines in csicameras.log; ${EXPECTED}`,
    async run(rig) {
      const inject = misbehave('restart-loop-after=1,flood-stderr');
      const outcome = await lose(rig, { codes: ['frame_timeout'], inject });
      const lines = await assertLogBounded(outcome.host);
      return { ...withoutHost(outcome), seen: `${outcome.seen}; ${lines} lines of the tool in the log` };
    },
  },
  {
    fault: 'lost while nothing is recorded',
    injected: 'the capture process exits while it only streams',
    expected: 'device_error and device_ready, no recording_stopped, no file',
    async run(rig) {
      const host = await rig.child();
      await assign(host);
      const at = Date.now();
      process.kill(await cameraPid(host), 'SIGKILL');
      const error = await host.log.wait('device_error');
      const back = await host.log.wait('device_ready', ({ data }) => data.reconnected === true);
      assert.deepEqual(course(host), ['device_ready', 'device_error', 'device_ready']);
      return { seen: error.data.code, detectMs: timeOf(error) - at, recoverMs: timeOf(back) - at };
    },
  },
  {
    fault: 'lost, and not there at four attempts',
    injected: 'the camera exits and is not found when it is opened again; then it is back',
    expected:
      'a device_error each time with longer delays, device_ready by a frame, downtime_ms; the next recording works',
    async run(rig) {
      const config = { reconnect: { firstDelayMs: 50 } };
      const host = await recordingChild(rig, { config });
      await rig.camera.misbehave('exit-after=0,not-found');
      const errors = () => host.log.named('device_error');
      await until('five device_error', () => errors().length >= 5);
      await rig.camera.misbehave('');
      const back = await host.log.wait('device_ready', ({ data }) => data.reconnected === true);
      const delays = errors().map(({ data }) => data.retry_in_ms ?? 0);
      assert(
        errors()
          .slice(1)
          .every(({ data }) => data.code === 'camera_not_found'),
        'the reason of each attempt',
      );
      assert((delays[4] ?? 0) > (delays[0] ?? 0) * 3, `delays grow: ${delays.join(', ')}`);
      assert((back.data.attempts ?? 0) >= 5 && (back.data.downtime_ms ?? 0) > 0, 'attempts and downtime');
      await recordsAgain(host, rig.session());
      const seen = `delays ${delays.slice(0, 5).join(', ')} ms; ${back.data.attempts} attempts`;
      return { seen, recoverMs: back.data.downtime_ms ?? 0 };
    },
  },
  {
    fault: 'lost, resumes by itself',
    injected: 'the capture process is killed, recording.resumeAfterReconnect is on, as it is by default',
    expected: 'two takes, the second one started by itself, both whole',
    async run(rig) {
      const inject = signal('SIGKILL');
      const { host, detectMs, recoverMs } = await lose(rig, {
        codes: ENDED,
        inject,
      });
      const second = await host.log.wait('recording_started', ({ data }) => data.take === 2);
      await waitForFrames(host, 5);
      assert.equal((await stop(host)).video_path, second.data.video_path);
      return { seen: 'take 2 began by itself', detectMs, recoverMs };
    },
  },
  {
    fault: 'lost for good',
    injected: 'the camera exits and is not found; reconnect.maxAttempts is 2',
    expected: 'after two attempts a device_error that is not recoverable; a later assign works',
    async run(rig) {
      const host = await recordingChild(rig, { config: { reconnect: { firstDelayMs: 50, maxAttempts: 2 } } });
      await rig.camera.misbehave('exit-after=0,not-found');
      const last = await host.log.wait('device_error', ({ data }) => !data.recoverable);
      assert.equal(host.log.named('device_error').length, 3);
      assert.equal(last.data.retry_in_ms, undefined);
      await rig.camera.misbehave('');
      await assign(host);
      await recordsAgain(host, rig.session());
      return { seen: `${last.data.code}, not recoverable, after 2 attempts` };
    },
  },
  {
    fault: 'recording asked of a lost camera',
    injected: 'start_recording while the module backs off; then the camera works again',
    expected: 'no recording_error: recording_started with the first frame, and the video is whole',
    async run(rig) {
      const host = await recordingChild(rig, { config: { reconnect: { firstDelayMs: 1_000 } } });
      await rig.camera.misbehave('exit-after=0');
      await host.log.wait('device_error');
      await rig.camera.misbehave('');
      const answer = host.ask({ command: 'start_recording', trial_number: 5 });
      assert.equal((await answer).status, 'recording_started');
      await waitForFrames(host, 5);
      const stopped = await stop(host);
      assert.equal(stopped.trial_number, 5);
      assert.deepEqual(course(host).slice(-4), [
        'device_error',
        'device_ready',
        'recording_started',
        'recording_stopped',
      ]);
      return { seen: `recording_started by itself; ${stopped.frames} frames` };
    },
  },
  {
    fault: 'recording asked of a lost camera and called off',
    injected: 'start_recording and stop_recording during a backoff of a minute',
    expected: 'recording_error camera_disconnected and recording_stopped at once, no file, nothing begins by itself',
    async run(rig) {
      const host = await backingOff(rig);
      const started = host.ask({ command: 'start_recording', trial_number: 5 });
      const stopped = await stop(host);
      const answer = await started;
      assert(answer.status === 'recording_error', `recording_error: ${JSON.stringify(answer)}`);
      assert.equal(answer.data.code, 'camera_disconnected');
      assert.equal(stopped.frames, 0);
      await rig.camera.misbehave('');
      await assign(host);
      assert.equal(host.log.named('recording_started').length, 1);
      await recordsAgain(host, rig.session());
      return { seen: `${answer.data.code}; recording_stopped with no frame` };
    },
  },
  {
    fault: 'unassigned while it is lost',
    injected: 'unassign_device during a backoff of a minute',
    expected: 'device_unassigned within 900 ms, and no attempt any more',
    isTimed: true,
    async run(rig) {
      const host = await backingOff(rig);
      const at = Date.now();
      const answer = await host.expect('device_unassigned', { command: 'unassign_device', device_id: 'picam:0' });
      assertTime('device_unassigned', timeOf(answer) - at, 0, 900);
      assert.equal(answer.data.port_released, true);
      return { seen: 'device_unassigned', detectMs: timeOf(answer) - at };
    },
  },
  {
    fault: 'this process stalls for 3 s',
    injected: 'SIGSTOP to the module (not to the camera) while recording, SIGCONT after 3 s',
    expected:
      'no device_error: a late timer is no lost camera; what the camera lost meanwhile is counted as source_gaps',
    async run(rig) {
      const host = await recordingChild(rig);
      host.process.kill('SIGSTOP');
      await pause(3000);
      host.process.kill('SIGCONT');
      await waitForFrames(host, (await framesSoFar(host)) + 20);
      const stopped = await stop(host);
      assert.equal(host.log.named('device_error').length, 0);
      assert.equal(stopped.reason, 'command');
      return { seen: `no device_error; ${stopped.source_gaps} frames lost by the camera while nobody read` };
    },
  },
  {
    fault: 'this process is killed while recording',
    injected: 'SIGKILL to the module after more than 2 s of recording',
    expected:
      'the video opens without repair and has every frame older than 1 s; the capture process is gone within 2 s',
    run: killedWhileRecording,
  },
  {
    fault: 'killed, its camera stuck',
    injected:
      'SIGKILL to the module while the capture process gives no frame and so never meets the broken pipe; then a new one',
    expected: "the new module ends what is left of the old one before it opens the camera, and nobody else's",
    async run(rig) {
      const host = await rig.child({ misbehaviours: 'start-delay=600000' });
      host.send({ command: 'assign_device', device_id: 'picam:0' });
      await host.log.wait('device_ack');
      const stuck = await cameraPid(host);
      // What it must remember of its camera is on disk a moment after it was started.
      await pause(500);
      await rig.kill(host);
      assert(isAlive(stuck), 'the old capture process lives on');
      const next = await rig.child();
      await assign(next);
      await until('the end of the old capture process', () => !isAlive(stuck));
      await record(next, rig.session());
      await waitForFrames(next, 5);
      await stop(next);
      return { seen: 'the old capture process was ended; a recording works' };
    },
  },
  {
    fault: 'killed, and started again',
    injected: 'SIGKILL to the module while recording, then a new one in the same session and for the same trial',
    expected: 'the camera can be assigned again; a new take, the old files untouched',
    async run(rig) {
      const host = await recordingChild(rig);
      await rig.kill(host);
      const next = await rig.child();
      await assign(next);
      const started = await record(next, rig.session());
      assert.equal(started.take, 2);
      await waitForFrames(next, 5);
      await stop(next);
      return { seen: 'take 2 beside the old one' };
    },
  },
];

async function killedWhileRecording(rig: Rig): Promise<Seen> {
  const host = await recordingChild(rig);
  await waitForFrames(host, 70);
  const pid = await cameraPid(host);
  const { video_path: path } = host.log.named('recording_started')[0]?.data ?? { video_path: '' };
  const killedNs = process.hrtime.bigint();
  await rig.kill(host);
  const killedAt = Date.now();
  const { frames, lastNs } = await openedUnrepaired(path);
  const lossMs = Number(killedNs - lastNs) / 1e6;
  // One frame time more: the frame that is a second old to the day is on its way.
  assert(lossMs <= 1000 + 34, `the last ${Math.round(lossMs)} ms before the kill are missing`);
  await until('the end of the capture process', () => !isAlive(pid));
  const goneMs = Date.now() - killedAt;
  assertTime('the end of the capture process', goneMs, 0, 2000);
  return { seen: `${frames} frames in the file, the last one ${Math.round(lossMs)} ms old`, detectMs: goneMs };
}

export const cameraLoss: Theme = { title: 'Camera lost', rows };
