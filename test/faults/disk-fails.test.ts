import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { cleanFolder } from '../harness/clean-folder.js';
import { FaultyFileSystem, type Injection } from '../harness/faulty-file-system.js';
import type { InProcessHost } from '../harness/in-process-host.js';
import { endByItself, loggedLines, recordingHost } from '../harness/recording-host.js';
import { itWithSmallDisk, smallDisk } from '../harness/small-disk.js';
import { expectWholeRecording, waitForFrames } from '../harness/whole-recording.js';

const SIZE = { width: 640, height: 480 };

describe('a disk that fails', () => {
  const folder = cleanFolder(() => host.end());
  let host: InProcessHost;

  const record = (session: string): Promise<unknown> =>
    host.expect('recording_started', { command: 'start_recording', session_dir: session, trial_number: 4 });

  it('and is made read-only while recording: keeps what was committed, and records again when it is writable', async () => {
    const disk = new FaultyFileSystem();
    host = await recordingHost({ folder: folder.path, dependencies: { fileSystem: disk.fileSystem } });
    const session = join(folder.path, 'session_1');
    await record(session);
    await waitForFrames(host, 60);
    // Right behind a commit: rows that were flushed for a header that never comes could not be taken back here.
    const readOnly = await new Promise<Injection[]>((resolve) => {
      let isDone = false;
      disk.observe(({ operation, path, args }) => {
        if (isDone || operation !== 'writev' || !path.endsWith('.avi') || args[1] !== 0) return;
        isDone = true;
        const refused = ['writev', 'truncate', 'open', 'mkdir', 'rm'] as const;
        resolve(refused.map((one) => disk.inject({ operation: one, effect: { kind: 'fail', errno: 'EROFS' } })));
      });
    });
    const { error, stopped, names } = await endByItself(host);
    expect(names).toEqual(['recording_error', 'recording_stopped']);
    expect(error).toMatchObject({ code: 'io_error', error: expect.stringMatching(/EROFS/) });
    expect(stopped).toMatchObject({ reason: 'io_error', trial_number: 4 });
    expect(stopped.frames).toBeGreaterThan(30);
    await expectWholeRecording(stopped, SIZE);

    const again = { command: 'start_recording', session_dir: join(folder.path, 'session_2') };
    expect((await host.expect('recording_error', again)).data).toMatchObject({ code: 'invalid_session_dir' });
    for (const injection of readOnly) injection.end();
    await record(join(folder.path, 'session_2'));
    await host.expect('recording_stopped', { command: 'stop_recording' });
    const failures = (await loggedLines(host, 'csicameras.log')).filter(({ code }) => code === 'io_error');
    const [info, line, ...more] = failures;
    expect(info).toMatchObject({ errno: 'EROFS', msg: expect.stringMatching(/^The info file of a recording was not/) });
    expect(line).toMatchObject({ errno: 'EROFS', operation: expect.any(String), device: 'picam:0', trial: 4 });
    expect(more).toEqual([]);
  });

  it('at a snapshot: says so in the answer and in the log, and the camera streams on', async () => {
    const disk = new FaultyFileSystem();
    host = await recordingHost({ folder: folder.path, dependencies: { fileSystem: disk.fileSystem } });
    const session = join(folder.path, 'session_1');
    await host.expect('command_ack', { command: 'start_session', session_dir: session });
    const failing = disk.inject({ operation: 'open', path: '.jpg', effect: { kind: 'fail', errno: 'EIO' } });
    expect((await host.expect('command_nack', { command: 'take_snapshot' })).data.code).toBe('io_error');
    await expect(access(session)).rejects.toMatchObject({ code: 'ENOENT' });
    failing.end();
    await host.expect('snapshot_taken', { command: 'take_snapshot' });
    const lines = (await loggedLines(host, 'csicameras.log')).filter(({ code }) => code === 'io_error');
    expect(lines).toEqual([
      expect.objectContaining({ operation: 'open', errno: 'EIO', device: 'picam:0', path: expect.any(String) }),
    ]);
  });

  itWithSmallDisk('and is read-only from the start, for real: records when it is writable', async () => {
    const disk = await smallDisk('32m');
    try {
      await disk.remount('ro');
      host = await recordingHost({ folder: folder.path });
      const session = join(disk.path, 'session_1');
      const start = { command: 'start_recording', session_dir: session };
      const { data } = await host.expect('recording_error', start);
      expect(data).toMatchObject({ code: 'invalid_session_dir', error: expect.stringMatching(/EROFS/) });
      await disk.remount('rw');
      await record(session);
      await waitForFrames(host, 10);
      const { data: stopped } = await host.expect('recording_stopped', { command: 'stop_recording' });
      await expectWholeRecording(stopped, SIZE);
      await host.end();
    } finally {
      await disk.remove();
    }
  });
});
