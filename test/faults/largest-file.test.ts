import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import type { StatusData } from '../../src/protocol/statuses.js';
import { childHost, type ChildHost } from '../harness/child-host.js';
import { cleanFolder } from '../harness/clean-folder.js';
import { MAIN } from '../harness/paths.js';
import { verifyRecording } from '../harness/verify-recording.js';

const run = promisify(execFile);
const MIB = 1024 * 1024;
const CAMERA = { width: 640, height: 480, fps: 60 };

/** The kernel's own limit (`ulimit -f`). It sends SIGXFSZ besides, which would end a program that does not ignore it. */
describe('a process whose files may not grow beyond a limit', () => {
  let host: ChildHost | undefined;
  const folder = cleanFolder(() => host?.end());

  async function hostWithin(bytes: number): Promise<ChildHost> {
    const child = await childHost({
      folder: folder.path,
      config: { camera: CAMERA, recording: { minFreeBytes: 0 }, logs: { level: 'debug' } },
    });
    host = child;
    await run('prlimit', ['--pid', String(child.process.pid), `--fsize=${bytes}`]);
    await child.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
    return child;
  }

  const start = (): { command: string; session_dir: string } => ({
    command: 'start_recording',
    session_dir: join(folder.path, 'session_1'),
  });

  /** Every part is whole, and together they hold every frame that the camera gave, in order. */
  async function expectNoFrameMissing(stopped: StatusData<'recording_stopped'>): Promise<void> {
    const numbers: number[] = [];
    for (const { video_path: videoPath, timing_path: timingPath, frames } of stopped.parts ?? []) {
      const facts = await verifyRecording({ videoPath, timingPath, frames, width: 640, height: 480 });
      numbers.push(...(facts.embedded ?? []).map(({ number }) => number));
    }
    expect(numbers).toHaveLength(stopped.frames);
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
  }

  it('records on, part by part, without a frame missing', async () => {
    const child = await hostWithin(4 * MIB);
    await child.expect('recording_started', start());
    await child.log.wait('warning', ({ data }) => data.message.includes('continues in take 3'));
    const { data: stopped } = await child.expect('recording_stopped', { command: 'stop_recording' });
    expect(stopped).toMatchObject({ reason: 'command', dropped: 0, take: 1 });
    expect(stopped.parts?.length).toBeGreaterThan(2);
    expect(child.log.named('warning')[0]?.data).toMatchObject({
      code: 'recording_continues',
      message: expect.stringMatching(/\.avi has the largest size that the file system or the process allows\. The rec/),
    });
    expect(child.log.named('recording_error')).toEqual([]);
    await expectNoFrameMissing(stopped);
  });

  it('says the true cause where no video fits, and streams on', async () => {
    const child = await hostWithin(MIB);
    const { data } = await child.expect('recording_error', start());
    expect(data).toMatchObject({
      code: 'io_error',
      error: expect.stringMatching(/\(EFBIG\)\. The largest file size of the file system or of the process is reached/),
    });
    const { data: report } = await child.expect('status_report', { command: 'get_status' });
    expect(report.cameras[0]).toMatchObject({ state: 'streaming', recording: null });
  });

  it('is recorded for people too, with `ulimit -f`', async () => {
    const out = ['--out', join(folder.path, 'session_1'), '--log-dir', join(folder.path, 'logs')];
    const what = ['record', '--simulate', '--size', '640x480', '--fps', '60', '--duration', '2', ...out];
    const command = ['ulimit -f 8192; exec "$@"', 'sh', process.execPath, MAIN, ...what];
    const { stdout, stderr } = await run('/bin/sh', ['-c', ...command]);
    expect(stdout).toMatch(/^Recorded 1[12]\d frames .*\n[^]*\n {2}frames {3}0 dropped/);
    expect(stderr).toMatch(/has the largest size that .* allows\. The recording continues in take 2/);
  });
});
