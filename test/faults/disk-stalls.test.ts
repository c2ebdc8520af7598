import { join } from 'node:path';
import { setTimeout as nextAsk } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { SHUTDOWN_CAMERAS_MS } from '../../src/core/closing-budget.js';
import { withResolve } from '../../src/core/within.js';
import type { StatusReport } from '../../src/protocol/statuses.js';
import { cleanFolder } from '../harness/clean-folder.js';
import { FaultyFileSystem } from '../harness/faulty-file-system.js';
import type { InProcessHost } from '../harness/in-process-host.js';
import { loggedLines, recordingHost } from '../harness/recording-host.js';
import { expectWholeRecording, waitForFrames } from '../harness/whole-recording.js';

const SIZE = { width: 640, height: 480 };

type CameraStatus = StatusReport['cameras'][number];

describe('a disk that does nothing for a while', () => {
  const folder = cleanFolder(async () => {
    goOn();
    await host.end();
    Reflect.deleteProperty(process.env, 'CSI_VIRTUAL_CAMERA');
  });
  let host: InProcessHost;
  let disk: FaultyFileSystem;
  let goOn: () => void;

  beforeEach(() => {
    disk = new FaultyFileSystem();
  });

  async function open(maxFrames: number): Promise<void> {
    host = await recordingHost({
      folder: folder.path,
      config: { buffer: { maxFrames } },
      dependencies: { fileSystem: disk.fileSystem },
    });
  }

  /** Every call of the operation waits until `goOn`. */
  function injectStall(operation: 'writev' | 'datasync'): void {
    const { promise, resolve } = withResolve<void>();
    const injection = disk.inject({ operation, effect: { kind: 'stall', until: promise } });
    goOn = () => {
      injection.end();
      resolve();
    };
  }

  /** Records, then makes every call of the operation wait. */
  async function stall(operation: 'writev' | 'datasync', maxFrames: number): Promise<void> {
    await open(maxFrames);
    const session = join(folder.path, 'session_1');
    await host.expect('recording_started', { command: 'start_recording', session_dir: session, trial_number: 3 });
    await waitForFrames(host, 10);
    injectStall(operation);
  }

  /** The camera's status once it is so. Statuses keep coming, stalled or not: heartbeats would do, this asks faster. */
  async function camera(isSo: (status: CameraStatus) => boolean): Promise<CameraStatus> {
    for (;;) {
      const { data } = await host.expect('status_report', { command: 'get_status' });
      const [status] = data.cameras;
      if (status !== undefined && isSo(status)) return status;
      await nextAsk(20);
    }
  }

  it.each(['writev', 'datasync'] as const)('costs no frame while the buffer takes it (%s)', async (operation) => {
    await stall(operation, 600);
    const status = await camera(({ buffer }) => buffer.frames >= 60);
    expect(status).toMatchObject({ state: 'recording', recording: { dropped: 0 } });
    expect(status.buffer.fill).toBeCloseTo(status.buffer.frames / 600, 1);
    goOn();
    await camera(({ buffer }) => buffer.frames < 10);
    const { data } = await host.expect('recording_stopped', { command: 'stop_recording' });
    expect(data).toMatchObject({ reason: 'command', dropped: 0, source_gaps: 0 });
    await expectWholeRecording(data, SIZE);
  });

  it('costs the oldest frames when the buffer is full, each of them said, and recording goes on', async () => {
    await stall('writev', 20);
    const stalled = await camera(({ recording }) => (recording?.dropped ?? 0) >= 15);
    expect(stalled.state).toBe('recording');
    expect(stalled.buffer.frames).toBeLessThanOrEqual(21);
    const written = stalled.recording?.frames ?? 0;
    goOn();
    await waitForFrames(host, written + 60);
    const { data } = await host.expect('recording_stopped', { command: 'stop_recording' });
    expect(data.reason).toBe('command');
    expect(data.dropped).toBeGreaterThanOrEqual(15);
    await expectWholeRecording(data, SIZE);
    const drops = (await loggedLines(host, 'frame_drops.jsonl')).filter(({ reason }) => reason === 'buffer_full');
    expect(drops).toHaveLength(data.dropped);
    const numbers = drops.map(({ frame_num: number }) => Number(number));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(drops[0]).toMatchObject({ trial: 3, device_id: 'picam:0' });
  });

  it('keeps no shutdown waiting where it stands still at the info files of three cameras alone', async () => {
    process.env['CSI_VIRTUAL_CAMERA'] = 'cameras=0+1+2';
    await open(600);
    for (const device_id of ['picam:1', 'picam:2'])
      await host.expect('device_ready', { command: 'assign_device', device_id });
    const session = join(folder.path, 'session_1');
    const id = host.send({ command: 'start_recording', session_dir: session, trial_number: 3 });
    const started = (): number => host.log.named('recording_started').filter((one) => one.in_reply_to === id).length;
    await host.log.wait('recording_started', () => started() === 3);
    const { promise, resolve } = withResolve<void>();
    goOn = resolve;
    disk.inject({ operation: 'open', path: '_info.json.tmp', effect: { kind: 'stall', until: promise } });
    const before = performance.now();
    await host.module.stop();
    expect(performance.now() - before).toBeLessThan(SHUTDOWN_CAMERAS_MS + 300); // of 2 s, which the host waits
    const stopped = host.log.named('recording_stopped');
    expect(stopped).toHaveLength(3);
    for (const { data } of stopped) {
      expect(data).toMatchObject({ info_path: null, reason: 'shutdown', dropped: 0, source_gaps: 0 });
      await expectWholeRecording(data, SIZE);
    }
    expect(host.log.named('warning').filter(({ data }) => data.code === 'info_not_written')).toHaveLength(3);
  });

  describe('before the first frame is written', () => {
    /** A take whose start is answered with an error after ten seconds: the disk has not answered, and may yet. */
    async function startInVain(): Promise<void> {
      await open(1_000);
      injectStall('writev');
      const session = join(folder.path, 'session_1');
      const command = { command: 'start_recording', session_dir: session, trial_number: 3 };
      expect(await host.ask(command)).toMatchObject({ status: 'recording_error', data: { code: 'io_error' } });
    }

    it('makes the next start wait, and its answer is a new take', async () => {
      await startInVain();
      const started = host.ask({ command: 'start_recording', trial_number: 4 });
      goOn();
      expect(await started).toMatchObject({ status: 'recording_started', data: { trial_number: 4 } });
      const [old] = host.log.named('recording_stopped');
      expect(old?.data).toMatchObject({ trial_number: 3, reason: 'io_error', dropped: 0 });
      const { data } = await host.expect('recording_stopped', { command: 'stop_recording' });
      expect(data).toMatchObject({ trial_number: 4, reason: 'command' });
      await expectWholeRecording(data, SIZE);
    });

    it('refuses the next start when the disk is given up: the old take is never its answer', async () => {
      await startInVain();
      expect(await host.ask({ command: 'start_recording', trial_number: 4 })).toMatchObject({
        status: 'recording_error',
        data: { code: 'io_error', error: expect.stringContaining('has not finished the last one') },
      });
      expect(host.log.named('recording_started')).toEqual([]);
      const [old] = host.log.named('recording_stopped');
      expect(old?.data).toMatchObject({ trial_number: 3, frames: 0, reason: 'io_error' });
    });
  });
});
