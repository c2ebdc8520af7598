import { execFile } from 'node:child_process';
import type { StatsFsBase } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { realFileSystem, type FileSystem } from '../../src/core/file-system.js';
import { childHost } from '../harness/child-host.js';
import { cleanFolder } from '../harness/clean-folder.js';
import type { InProcessHost } from '../harness/in-process-host.js';
import { MAIN } from '../harness/paths.js';
import { endByItself, recordingHost } from '../harness/recording-host.js';
import { itWithSmallDisk, smallDisk } from '../harness/small-disk.js';
import { expectWholeRecording, waitForFrames } from '../harness/whole-recording.js';

const MIB = 1024 * 1024;
const SIZE = { width: 640, height: 480 };

/** The real file system, but for how much is free. */
function diskWith(free: { bytes: number }): FileSystem {
  const statfs = (): Promise<StatsFsBase<bigint>> =>
    Promise.resolve({ type: 0n, bsize: 1n, blocks: 0n, bfree: 0n, bavail: BigInt(free.bytes), files: 0n, ffree: 0n });
  return { ...realFileSystem, statfs: statfs as unknown as FileSystem['statfs'] };
}

describe('a disk with little space left', () => {
  const folder = cleanFolder(() => host?.end());
  let host: InProcessHost | undefined;

  beforeEach(() => {
    host = undefined;
  });

  const session = (): string => join(folder.path, 'session_1');

  it('refuses a recording, and makes nothing; then warns once, and ends a recording in time', async () => {
    const free = { bytes: 256 * MIB - 1 };
    const dependencies = { fileSystem: diskWith(free) };
    host = await recordingHost({ folder: folder.path, config: { recording: {} }, dependencies });
    const start = { command: 'start_recording', session_dir: session(), trial_number: 2 };
    expect((await host.expect('recording_error', start)).data).toMatchObject({
      code: 'disk_low',
      error: expect.stringMatching(/^Only 256 MiB are free .*free some/),
    });
    await expect(access(session())).rejects.toMatchObject({ code: 'ENOENT' });

    free.bytes = 300 * MIB;
    await host.expect('recording_started', start);
    const warning = await host.log.wait('warning');
    expect(warning.data).toMatchObject({
      code: 'disk_low_soon',
      device_id: 'picam:0',
      message: expect.stringMatching(/^At the present rate, only .* will be free for .* in (about 1|less than a) min/),
    });
    const from = host.log.all.length;
    free.bytes = 256 * MIB;
    const { error, stopped, names } = await endByItself(host, from);
    expect(names).toEqual(['recording_error', 'recording_stopped']);
    expect(error.code).toBe('disk_low');
    expect(stopped).toMatchObject({ reason: 'disk_full', dropped: 0, take: 1, trial_number: 2 });
    await expectWholeRecording(stopped, SIZE);
    expect(host.log.named('warning')).toHaveLength(1);
  });

  it('records where the disk never says how much is free', async () => {
    const statfs = (): Promise<never> => new Promise(() => undefined);
    host = await recordingHost({
      folder: folder.path,
      config: { recording: {} },
      dependencies: { fileSystem: { ...realFileSystem, statfs } },
    });
    await host.expect('recording_started', { command: 'start_recording', session_dir: session() });
    await waitForFrames(host, 70);
    const { data } = await host.expect('recording_stopped', { command: 'stop_recording' });
    expect(data).toMatchObject({ reason: 'command', dropped: 0 });
    await expectWholeRecording(data, SIZE);
  });

  itWithSmallDisk('ends a recording on a real disk while the limit is still free', async () => {
    const disk = await smallDisk('6m');
    try {
      host = await recordingHost({ folder: folder.path, config: { recording: { minFreeBytes: 3 * MIB } } });
      const onDisk = join(disk.path, 'session_1');
      await host.expect('recording_started', { command: 'start_recording', session_dir: onDisk });
      const { error, stopped } = await endByItself(host);
      expect(error.code).toBe('disk_low');
      expect(stopped.reason).toBe('disk_full');
      await expectWholeRecording(stopped, SIZE);
      const { bavail, bsize } = await realFileSystem.statfs(disk.path);
      expect(bavail * bsize).toBeGreaterThan(2 * MIB);
      await host.end();
    } finally {
      await disk.remove();
    }
  });

  const TOO_MUCH = String(2 ** 52);

  it('is what --min-free-bytes says, for a host', async () => {
    const child = await childHost({ folder: folder.path, args: ['--min-free-bytes', TOO_MUCH] });
    await child.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
    const answer = await child.expect('recording_error', { command: 'start_recording', session_dir: session() });
    expect(answer.data.code).toBe('disk_low');
    await child.end();
  });

  it('is what --min-free-bytes says, for people', async () => {
    const flags = ['--log-dir', join(folder.path, 'logs'), '--out', session(), '--min-free-bytes', TOO_MUCH];
    const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
      execFile(process.execPath, [MAIN, 'record', '--simulate', '--duration', '1', ...flags], (error, _, text) => {
        resolve({ code: error?.code ?? 0, stderr: text });
      });
    });
    expect(stderr).toMatch(/error: Only .* must stay free\./);
    expect(code).toBe(1);
    await expect(access(session())).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
