import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { cleanFolder } from '../harness/clean-folder.js';
import { FaultyFileSystem } from '../harness/faulty-file-system.js';
import type { InProcessHost } from '../harness/in-process-host.js';
import { MAIN } from '../harness/paths.js';
import { endByItself, loggedLines, recordingHost } from '../harness/recording-host.js';
import { itWithSmallDisk, smallDisk } from '../harness/small-disk.js';
import { temporaryFolder } from '../harness/temporary-folder.js';
import { expectWholeRecording, waitForFrames } from '../harness/whole-recording.js';

const SIZE = { width: 640, height: 480 };

/** A disk that a test can fill and make room on. */
interface Disk {
  readonly path: string;
  readonly fill: () => Promise<void>;
  readonly makeRoom: () => Promise<void>;
}

itWithSmallDisk(
  'a recording for people on a full disk ends when the disk does, not when its time is over',
  async () => {
    const disk = await smallDisk('2m');
    const folder = await temporaryFolder();
    try {
      const flags = ['--log-dir', folder.path, '--out', join(disk.path, 'session_1'), '--min-free-bytes', '0'];
      const { code, stdout, stderr } = await new Promise<{ code: unknown; stdout: string; stderr: string }>(
        (resolve) => {
          const args = [
            MAIN,
            'record',
            '--simulate',
            '--size',
            '640x480',
            '--fps',
            '60',
            '--duration',
            '600',
            ...flags,
          ];
          execFile(process.execPath, args, (error, out, err) => {
            resolve({ code: error?.code ?? 0, stdout: out, stderr: err });
          });
        },
      );
      expect(stderr).toContain('disk_full: ');
      expect(stdout).toMatch(/^Recorded \d+ frames .*, ended by disk_full\n/);
      expect(code).toBe(3);
    } finally {
      await disk.remove();
      await folder.remove();
    }
  },
);

describe('a disk that is full', () => {
  const folder = cleanFolder(() => host.end());
  let host: InProcessHost;

  async function livesThrough({ path, fill, makeRoom }: Disk): Promise<void> {
    const session = join(path, 'session_1');
    const start = { command: 'start_recording', session_dir: session, trial_number: 1 };
    await host.expect('recording_started', start);
    const first = await endByItself(host);
    expect(first.names).toEqual(['recording_error', 'recording_stopped']);
    expect(first.error).toMatchObject({ code: 'disk_full', error: expect.stringMatching(/free some space/) });
    expect(first.stopped).toMatchObject({ reason: 'disk_full', take: 1, trial_number: 1 });
    expect(first.stopped.frames).toBeGreaterThan(0);
    await expectWholeRecording(first.stopped, SIZE);
    const isUntold = host.log.named('warning').some(({ data }) => data.code === 'info_not_written');
    expect(isUntold).toBe(first.stopped.info_path === null);
    expect(host.module.status().cameras[0]).toMatchObject({ state: 'streaming', recording: null });

    await fill();
    const folderOfFiles = join(session, 'CSICameras', (await readdir(join(session, 'CSICameras')))[0] ?? '');
    const refused = await host.expect('recording_error', start);
    expect(refused.data.code).toBe('disk_full');
    expect(await readdir(folderOfFiles)).toHaveLength(isUntold ? 2 : 3);

    await makeRoom();
    expect((await host.expect('recording_started', start)).data.take).toBe(2);
    await waitForFrames(host, 10);
    const { data: second } = await host.expect('recording_stopped', { command: 'stop_recording' });
    expect(second).toMatchObject({ reason: 'command', dropped: 0 });
    await expectWholeRecording(second, SIZE);
    await expectWholeRecording(first.stopped, SIZE);

    const failures = (await loggedLines(host, 'csicameras.log')).filter(({ code }) => code === 'disk_full');
    expect(failures).toHaveLength(isUntold ? 3 : 2); // the video, the info file where it did not fit either, and the next video
    for (const line of failures) {
      expect(line).toMatchObject({ errno: 'ENOSPC', device: 'picam:0', trial: 1, operation: expect.any(String) });
      expect(line['path']).toContain(session);
    }
    const drops = await loggedLines(host, 'frame_drops.jsonl').catch(() => []);
    const lost = drops.filter(({ trial }) => trial === 1).reduce((sum, { count }) => sum + Number(count ?? 1), 0);
    expect(lost).toBeGreaterThanOrEqual(first.stopped.dropped);
  }

  it('ends a recording with what fitted, and the next one works as soon as there is space', async () => {
    const disk = new FaultyFileSystem();
    disk.limitTo(400);
    host = await recordingHost({ folder: folder.path, dependencies: { fileSystem: disk.fileSystem } });
    await livesThrough({
      path: folder.path,
      fill: () => Promise.resolve(disk.limitTo(0)),
      makeRoom: () => Promise.resolve(disk.unlimit()),
    });
  });

  itWithSmallDisk('does the same on a real disk of 2 MiB', async () => {
    const disk = await smallDisk('2m');
    try {
      host = await recordingHost({ folder: folder.path });
      await livesThrough({
        path: disk.path,
        fill: async () => {
          await expect(writeFile(join(disk.path, 'rest'), Buffer.alloc(2 ** 21))).rejects.toMatchObject({
            code: 'ENOSPC',
          });
        },
        makeRoom: () => disk.remount('size=64m'),
      });
      await host.end();
    } finally {
      await disk.remove();
    }
  });
});
