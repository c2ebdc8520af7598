import assert from 'node:assert/strict';
import type { ChildHost } from '../../../harness/child-host.js';
import { FaultyFileSystem } from '../../../harness/faulty-file-system.js';
import { waitForFrames } from '../../../harness/whole-recording.js';
import { assertTime, type FaultRow, type Theme } from '../fault-row.js';
import type { Rig } from '../rig.js';
import { assign, eventually, record, recordingChild, stoppedOf, timeOf } from '../steps.js';

const LIMIT_MS = 2000;

/** How to get into each state. */
const STATES: Readonly<Record<string, (rig: Rig) => Promise<ChildHost>>> = {
  idle: (rig) => rig.child(),
  async opening(rig) {
    const host = await rig.child({ misbehaviours: 'start-delay=60000' });
    host.send({ command: 'assign_device', device_id: 'picam:0' });
    await host.log.wait('device_ack');
    return host;
  },
  async streaming(rig) {
    const host = await rig.child();
    await assign(host);
    return host;
  },
  recording: (rig) => recordingChild(rig),
  async 'backing off'(rig) {
    const config = { reconnect: { firstDelayMs: 60_000, maxDelayMs: 60_000 } };
    const host = await recordingChild(rig, { config });
    await rig.camera.misbehave('exit-after=0');
    await host.log.wait('device_error');
    return host;
  },
};

const REQUESTS = {
  quit: (host: ChildHost) => {
    host.send({ command: 'quit' });
  },
  SIGTERM: (host: ChildHost) => {
    host.process.kill('SIGTERM');
  },
  SIGINT: (host: ChildHost) => {
    host.process.kill('SIGINT');
  },
  'end of stdin': (host: ChildHost) => {
    host.process.stdin?.end();
  },
};

/** Asks, and waits for the end: statuses in the order of the five steps, exit code 0, in time. */
async function shutDown(host: ChildHost, ask: (host: ChildHost) => void): Promise<number> {
  const at = Date.now();
  ask(host);
  const { code } = await host.exited;
  const tookMs = Date.now() - at;
  assert.equal(code, 0, `exit code ${code}`);
  const names = host.log.names();
  const steps = names
    .slice(names.indexOf('shutdown_started'))
    .filter((name) => /^(?:shutdown_|quitting|recording_stopped|device_unassigned)/.test(name));
  const expected = ['shutdown_started', 'recording_stopped', 'device_unassigned', 'quitting', 'shutdown_complete'];
  assert.deepEqual(
    steps,
    expected.filter((name) => steps.includes(name as (typeof steps)[number])),
    'statuses in order, once each',
  );
  assert(steps.includes('quitting') && steps.at(-1) === 'shutdown_complete', 'the last status is shutdown_complete');
  assertTime('the shutdown', tookMs, 0, LIMIT_MS);
  return tookMs;
}

const fromEveryState: readonly FaultRow[] = Object.entries(STATES).flatMap(([state, reach]) =>
  Object.entries(REQUESTS).map(([request, ask]): FaultRow => ({
    fault: `${request} while ${state}`,
    injected: `${request} while the camera is ${state}`,
    expected: `the five steps, exit code 0, under ${LIMIT_MS / 1000} s, nothing left`,
    async run(rig) {
      const host = await reach(rig);
      const tookMs = await shutDown(host, ask);
      if (state === 'recording') assert.equal(stoppedOf(host).reason, 'shutdown');
      return { seen: 'five steps, exit code 0', detectMs: tookMs };
    },
  })),
);

const rows: readonly FaultRow[] = [
  ...fromEveryState,
  {
    fault: 'asked four times',
    injected: 'quit, SIGTERM, SIGINT and the end of stdin at once while recording',
    expected: 'twice is once: one sequence, exit code 0',
    async run(rig) {
      const host = await recordingChild(rig);
      const tookMs = await shutDown(host, () => {
        for (const ask of Object.values(REQUESTS)) ask(host);
      });
      assert.equal(host.log.named('shutdown_complete').length, 1);
      return { seen: 'one sequence', detectMs: tookMs };
    },
  },
  {
    fault: 'shutdown with a camera that ignores SIGINT',
    injected: 'SIGTERM to the module while recording; the capture process does not listen',
    expected: `killed after 1 s; under ${LIMIT_MS / 1000} s in all; the recording whole`,
    isTimed: true,
    async run(rig) {
      const host = await recordingChild(rig);
      await rig.camera.misbehave('ignore-sigint');
      await waitForFrames(host, 30);
      return { seen: 'killed', detectMs: await shutDown(host, REQUESTS.SIGTERM) };
    },
  },
  {
    fault: 'shutdown in the middle of a command',
    injected: 'quit behind start_recording, take_snapshot and ten get_settings, without waiting',
    expected: 'each command has one answer; the five steps',
    async run(rig) {
      const host = await rig.child();
      await assign(host);
      await host.expect('command_ack', { command: 'start_session', session_dir: rig.session() });
      const tookMs = await shutDown(host, () => {
        host.send({ command: 'start_recording' });
        host.send({ command: 'take_snapshot' });
        for (let count = 0; count < 10; count += 1) host.send({ command: 'get_settings' });
        host.send({ command: 'quit' });
      });
      const refused = host.log.named('command_nack').length;
      return { seen: `${refused} commands refused, one answer each`, detectMs: tookMs };
    },
  },
  {
    fault: 'shutdown while the disk is stuck',
    injected: 'in process: no write ever comes back (faulty file system), then quit while recording',
    expected: `shutdown_complete under ${LIMIT_MS / 1000} s; what was not written is counted as dropped; when the disk comes back the video is whole, with no frame less than was reported`,
    isTimed: true,
    async run(rig) {
      const disk = new FaultyFileSystem();
      const host = await rig.inProcess({ dependencies: { fileSystem: disk.fileSystem } });
      await assign(host);
      await record(host, rig.session());
      await waitForFrames(host, 10);
      let unblock = (): void => undefined;
      const until = new Promise<void>((resolve) => {
        unblock = resolve;
      });
      disk.inject({ operation: 'writev', path: '.avi', effect: { kind: 'stall', until } });
      await new Promise((resolve) => {
        setTimeout(resolve, 500);
      });
      const at = Date.now();
      const complete = await host.expect('shutdown_complete', { command: 'quit' });
      unblock();
      assertTime('the shutdown', timeOf(complete) - at, 0, LIMIT_MS);
      const stopped = stoppedOf(host);
      assert(stopped.dropped > 0, 'frames that were not written are counted');
      // What a disk does afterwards nobody could report: it may be more than was promised, never less.
      rig.judges(stopped.video_path);
      const later = await eventually('a whole video', () =>
        rig.assertWhole(host.log.named('recording_started')[0]?.data),
      );
      assert(later >= stopped.frames && later <= stopped.delivered, `${later} frames in the file`);
      const seen = `${stopped.frames} frames kept, ${stopped.dropped} dropped; ${later} in the file when the disk came back`;
      return { seen, detectMs: timeOf(complete) - at };
    },
  },
  {
    fault: 'shutdown while nobody reads stdout',
    injected: 'the host reads nothing; 2000 refused commands fill the pipe; then SIGTERM while recording',
    expected: `the process ends under ${LIMIT_MS / 1000} s with exit code 0`,
    async run(rig) {
      const host = await recordingChild(rig);
      const started = host.log.named('recording_started')[0];
      host.process.stdout?.pause();
      host.sendBad(Array.from({ length: 2000 }, () => '{"command":"no_such_command"}').join('\n'));
      await new Promise((resolve) => {
        setTimeout(resolve, 500);
      });
      const at = Date.now();
      const exit = new Promise<number | null>((resolve) => {
        host.process.once('exit', resolve);
      });
      host.process.kill('SIGTERM');
      const code = await exit;
      const tookMs = Date.now() - at;
      host.process.stdout?.resume();
      assert.equal(code, 0);
      assertTime('the shutdown', tookMs, 0, LIMIT_MS);
      rig.expectDeath(host); // its last statuses may be lost with it: the file must speak for itself
      const frames = await rig.assertWhole(started?.data);
      return { seen: `exit code ${code}; ${frames} frames in a finished video`, detectMs: tookMs };
    },
  },
];

export const shutdown: Theme = { title: 'Shutdown', rows };
