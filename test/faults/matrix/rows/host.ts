import assert from 'node:assert/strict';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createCsiCamerasModule } from '../../../../src/module/container.js';
import type { ChildHost } from '../../../harness/child-host.js';
import { holdings } from '../../../harness/nothing-left.js';
import { waitForFrames } from '../../../harness/whole-recording.js';
import type { FaultRow, Theme } from '../fault-row.js';
import { assign, framesSoFar, record, recordingChild, stop, stoppedOf, until } from '../steps.js';

const CYCLES = 100;
const BURST = 1000;

/** Sends so many at once, and waits until each is answered. */
async function burst(host: ChildHost, command: string): Promise<void> {
  const ids = Array.from({ length: BURST }, (_, index) => `burst_${index}`);
  host.sendBad(ids.map((id) => JSON.stringify({ command, command_id: id })).join('\n'));
  const answered = (): string[] =>
    host.log.all.flatMap(({ in_reply_to: id }) => (id?.startsWith('burst_') === true ? [id] : []));
  await until('all answers', () => answered().length >= BURST);
  assert.deepEqual(answered().toSorted(), ids.toSorted(), 'one answer each');
}

const rows: readonly FaultRow[] = [
  {
    fault: '100 rapid cycles of start and stop',
    injected: `${CYCLES} times start_recording and stop_recording for one trial, sent without waiting for an answer`,
    expected: 'every cycle answered in order, a take each, no empty file, as many open files as before',
    isLong: true,
    async run(rig) {
      const host = await rig.child({ config: { camera: { fps: 60 } } });
      await assign(host);
      await host.expect('command_ack', { command: 'start_session', session_dir: rig.session() });
      const open = (): number => holdings(host.process.pid).descriptors.length;
      const before = open();
      const ids: string[] = [];
      for (let cycle = 0; cycle < CYCLES; cycle += 1) {
        ids.push(host.send({ command: 'start_recording', trial_number: 3 }), host.send({ command: 'stop_recording' }));
      }
      await host.log.wait('recording_stopped', ({ in_reply_to: id }) => id === ids.at(-1));
      const answered = host.log.all
        .map(({ in_reply_to: id }) => id)
        .filter((id) => id !== undefined && ids.includes(id));
      assert.deepEqual(answered, ids, 'answers in the order of the commands');
      const takes = host.log.named('recording_stopped').map(({ data }) => data.take);
      assert.deepEqual(
        takes,
        Array.from({ length: CYCLES }, (_, index) => index + 1),
      );
      const folder = join(rig.session(), 'CSICameras', 'IMX296_picam_0');
      const names = await readdir(folder);
      assert.equal(names.length, 3 * CYCLES);
      const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
      assert(Math.min(...sizes) > 0, 'no empty file');
      await until(`${before} open files again`, () => open() <= before);
      return {
        seen: `${takes.length} takes in order, ${names.length} files, ${before} open files before and ${open()} after`,
      };
    },
  },
  {
    fault: `burst of ${BURST} commands`,
    injected: `${BURST} times get_settings in one go while recording`,
    expected: 'each answered once: 256 may wait, the others get queue_full; the recording loses nothing',
    async run(rig) {
      const host = await recordingChild(rig);
      await burst(host, 'get_settings');
      const refused = host.log.named('command_nack');
      assert(
        refused.every(({ data }) => data.code === 'queue_full'),
        'all refusals are queue_full',
      );
      assert(refused.length > 0, 'more came than may wait');
      assert.equal(host.log.named('settings').length, BURST - refused.length);
      const stopped = await stop(host);
      assert.equal(stopped.dropped, 0);
      return { seen: `${BURST} answers, ${refused.length} of them queue_full; ${stopped.frames} frames` };
    },
  },
  {
    fault: `burst of ${BURST} questions`,
    injected: `${BURST} times get_status in one go, while one camera records and another one has no first frame`,
    expected: 'each answered with the status: it waits for nothing; the recording loses nothing',
    async run(rig) {
      const host = await recordingChild(rig, { config: { camera: { firstFrameTimeoutMs: 600_000 } } });
      await rig.camera.misbehave('start-delay=60000'); // counts for the next start
      host.send({ command: 'assign_device', device_id: 'picam:1' });
      await host.log.wait('device_ack', ({ data }) => data.device_id === 'picam:1');
      host.send({ command: 'get_settings' });
      await burst(host, 'get_status');
      const reports = host.log.named('status_report').filter(({ in_reply_to: id }) => id?.startsWith('burst_'));
      assert.equal(reports.length, BURST);
      assert.equal(host.log.named('settings').length, 0, 'what waits for the camera still does');
      const stopped = await stop(host, 'picam:0');
      assert.equal(stopped.dropped, 0);
      return { seen: `${BURST} status_report; ${stopped.frames} frames` };
    },
  },
  {
    fault: 'bad input',
    injected:
      'no JSON, no UTF-8, no object, wrong types, unknown commands, a line of 1 MiB, 40,000 brackets, while recording',
    expected: 'a clear command_nack each; the next command works; the recording loses nothing',
    async run(rig) {
      const host = await recordingChild(rig);
      const lines: readonly (string | Buffer)[] = [
        'not json',
        '[]',
        'null',
        '17',
        '{"command":"get_status"',
        '{"command":"no_such_command"}',
        '{"command":42}',
        '{"command":"__proto__"}',
        '{"command":"start_recording","trial_number":"1"}',
        '{"command":"assign_device","device_id":"--output=/etc/passwd"}',
        '{"command":"assign_device","device_id":"picam:1","camera_index":1e300}',
        '['.repeat(40_000),
        `{"command":"get_status","filler":"${'x'.repeat(1024 * 1024)}"}`,
        Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
      ];
      for (const line of lines) host.sendBad(line);
      await host.expect('status_report', { command: 'get_status' });
      const nacks = host.log.named('command_nack');
      assert.equal(nacks.length, lines.length);
      for (const { data } of nacks) assert(data.error.length > 10 && data.error.length < 1000, data.error);
      const stopped = await stop(host);
      assert.equal(stopped.dropped, 0);
      return { seen: `${nacks.length} command_nack of ${lines.length}; ${stopped.frames} frames` };
    },
  },
  {
    fault: 'stdin closed while recording',
    injected: 'the host closes our stdin',
    expected: 'the shutdown sequence: recording_stopped (shutdown), exit code 0, the video whole',
    async run(rig) {
      const host = await recordingChild(rig);
      host.process.stdin?.end();
      const { code } = await host.exited;
      assert.equal(stoppedOf(host).reason, 'shutdown');
      return { seen: `recording_stopped (shutdown), exit code ${code}` };
    },
  },
  {
    fault: 'stdout closed while recording',
    injected: 'the host closes its end of our stdout (EPIPE at the next status)',
    expected: 'the host has left: recording finished, exit code 0',
    async run(rig) {
      const host = await recordingChild(rig);
      const started = host.log.named('recording_started')[0];
      host.process.stdout?.destroy();
      host.send({ command: 'get_status' });
      const { code } = await host.exited;
      assert.equal(code, 0);
      rig.expectDeath(host); // nobody heard how the recording ended: its file must speak for itself
      const frames = await rig.assertWhole(started?.data);
      return { seen: `exit code ${code}; ${frames} frames in a finished video` };
    },
  },
  {
    fault: 'stdout not read',
    injected: 'the host reads nothing while it sends 12,000 commands and a recording runs; then it reads again',
    expected: 'the recording loses nothing; newest statuses kept, the warning statuses_lost tells how many are not',
    async run(rig) {
      const host = await recordingChild(rig);
      host.process.stdout?.pause();
      const frames = 12_000;
      const line = JSON.stringify({ command: 'no_such_command', filler: 'x'.repeat(100) });
      for (let sent = 0; sent < frames; sent += 100) {
        host.sendBad(Array.from({ length: 100 }, () => line).join('\n'));
        await new Promise((resolve) => {
          setTimeout(resolve, 10);
        });
      }
      host.process.stdout?.resume();
      const warning = await host.log.wait('warning', ({ data }) => data.code === 'statuses_lost');
      await waitForFrames(host, (await framesSoFar(host)) + 5);
      const stopped = await stop(host);
      assert.equal(stopped.dropped, 0);
      return { seen: `${warning.data.message.slice(0, 60)}; ${stopped.frames} frames recorded` };
    },
  },
  {
    fault: "the host's sendStatus throws",
    injected: 'in process: every second call of sendStatus throws while recording',
    expected: "logged as the host's, and nothing else: the recording is whole",
    async run(rig) {
      const host = await rig.inProcess({ statusesThrow: true });
      await assign(host);
      await record(host, rig.session());
      await waitForFrames(host, 10);
      const stopped = await stop(host);
      return { seen: `${stopped.frames} frames, all statuses sent` };
    },
  },
  {
    fault: 'commands before and after',
    injected: 'in process: commands to a module that was not started, and to one that was stopped; start again',
    expected: 'command_nack shutting_down, never an exception; started again it works',
    async run(rig) {
      const module = createCsiCamerasModule();
      const early = await module.command({ command: 'get_status' });
      const start = () =>
        module.start({
          dataDir: rig.folder,
          logDir: join(rig.folder, 'other-logs'),
          stateDir: join(rig.folder, 'other-state'),
          config: {},
          sendStatus: () => undefined,
        });
      await start();
      await module.stop();
      await module.stop();
      const late = await module.command({ command: 'get_status' });
      await start();
      const again = await module.command({ command: 'get_status' });
      await module.stop();
      assert.deepEqual([early.status, late.status, again.status], ['command_nack', 'command_nack', 'status_report']);
      return { seen: 'command_nack, command_nack, then status_report' };
    },
  },
];

export const host: Theme = { title: 'Host', rows };
