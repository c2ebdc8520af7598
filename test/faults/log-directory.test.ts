import { readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as nextLook } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/core/clock.js';
import { RotatingLogSink } from '../../src/logging/rotating-log-sink.js';
import { cleanFolder } from '../harness/clean-folder.js';
import type { InProcessHost } from '../harness/in-process-host.js';
import { loggedLines, recordingHost } from '../harness/recording-host.js';
import { itWithSmallDisk, smallDisk } from '../harness/small-disk.js';
import { expectWholeRecording, waitForFrames } from '../harness/whole-recording.js';

const SIZE = { width: 640, height: 480 };

describe('a log directory that', () => {
  const folder = cleanFolder(() => host.end());
  let host: InProcessHost;

  /** A module with little memory for lines that wait. */
  const start = async (): Promise<void> => {
    const logSink = new RotatingLogSink({ clock: systemClock, queueBytes: 8 * 1024 });
    host = await recordingHost({ folder: folder.path, dependencies: { logSink } });
  };
  const startTrial = async (): Promise<void> => {
    const session = join(folder.path, 'session_1');
    await host.expect('recording_started', { command: 'start_recording', session_dir: session });
    await waitForFrames(host, 5);
  };
  const stopWhole = async (): Promise<void> => {
    const { data } = await host.expect('recording_stopped', { command: 'stop_recording' });
    expect(data).toMatchObject({ reason: 'command', dropped: 0 });
    await expectWholeRecording(data, SIZE);
  };
  /** Sends commands, which are logged, until the host is warned. */
  const loseLines = async (): Promise<void> => {
    const isWarned = (): boolean => host.log.named('warning').some(({ data }) => data.code === 'logs_lost');
    while (!isWarned()) {
      await host.expect('command_ack', { command: 'show_window' });
      await nextLook(5);
    }
  };
  /** Waits until what happens now is in the log: it tries every second. */
  const writtenAgain = async (): Promise<void> => {
    const path = join(host.logDir, 'commands.jsonl');
    for (;;) {
      const { command_id: id = '' } = await host.expect('command_ack', { command: 'show_window' });
      await nextLook(50);
      if ((await readFile(path, 'utf8').catch(() => '')).includes(id)) return;
    }
  };
  const warnings = (): string[] => host.log.named('warning').map(({ data }) => data.code);

  it('is not writable at start costs log lines, which are counted, and no recording', async () => {
    await writeFile(join(folder.path, 'logs'), 'in the way');
    await start();
    const { data: waiting } = await host.log.wait('warning'); // long before a line is lost
    expect(waiting).toMatchObject({ code: 'logs_waiting', message: expect.stringMatching(/wait in memory: ENOTDIR/) });
    expect(host.module.status().log_lines_lost).toEqual({ application: 0, commands: 0, drops: 0 });
    await startTrial();
    await loseLines();
    const { commands } = host.module.status().log_lines_lost;
    expect(commands).toBeGreaterThan(0);
    await stopWhole();
    expect(warnings()).toEqual(['logs_waiting', 'logs_lost']);
    await rm(join(folder.path, 'logs'));
    await writtenAgain();
    const lines = await loggedLines(host, 'commands.jsonl');
    expect(lines).toContainEqual(expect.objectContaining({ event: 'lines_lost', lines: expect.any(Number) }));
    expect(lines.at(-1)).toMatchObject({ status: 'shutdown_complete' });
  });

  it('vanishes while recording is made again', async () => {
    await start();
    await startTrial();
    await rm(host.logDir, { recursive: true, force: true });
    await host.expect('command_ack', { command: 'show_window' });
    await stopWhole();
    expect((await loggedLines(host, 'commands.jsonl')).at(-1)).toMatchObject({ status: 'shutdown_complete' });
    expect(warnings()).toEqual([]);
  });

  itWithSmallDisk('fills up costs log lines, which are counted, and no recording', async () => {
    const disk = await smallDisk('2m');
    try {
      await symlink(disk.path, join(folder.path, 'logs'));
      await start();
      await startTrial();
      await expect(writeFile(join(disk.path, 'rest'), Buffer.alloc(2 ** 21))).rejects.toMatchObject({ code: 'ENOSPC' });
      await loseLines();
      await stopWhole();
      expect(warnings()).toEqual(['logs_waiting', 'logs_lost']);
      await rm(join(disk.path, 'rest'));
      await writtenAgain();
      const lines = await loggedLines(host, 'commands.jsonl');
      expect(lines).toContainEqual(expect.objectContaining({ event: 'lines_lost' }));
      expect(lines.at(-1)).toMatchObject({ status: 'shutdown_complete' });
    } finally {
      await disk.remove();
    }
  });
});
