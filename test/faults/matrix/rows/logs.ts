import assert from 'node:assert/strict';
import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../../../src/core/clock.js';
import { RotatingLogSink } from '../../../../src/logging/rotating-log-sink.js';
import { FaultyFileSystem } from '../../../harness/faulty-file-system.js';
import { waitForFrames } from '../../../harness/whole-recording.js';
import type { FaultRow, Seen, Theme } from '../fault-row.js';
import { readLogs } from '../read-logs.js';
import { canMount, type Rig } from '../rig.js';
import { assign, framesSoFar, record, recordingChild, stop, until } from '../steps.js';

const MIB = 1024 * 1024;
const MAX_BYTES: Readonly<Record<string, number>> = {
  'csicameras.log': 10 * MIB,
  'commands.jsonl': 5 * MIB,
  'frame_drops.jsonl': 5 * MIB,
};

const rows: readonly FaultRow[] = [
  {
    fault: 'log directory removed while recording',
    injected: 'rm -r of the log directory',
    expected: 'the recording goes on and is whole; the logs are written again, in a new directory',
    async run(rig) {
      const host = await recordingChild(rig);
      await rm(host.logDir, { recursive: true });
      await until('the log again', async () => {
        await host.expect('status_report', { command: 'get_status' });
        return (await readLogs(host.logDir)).commands.length > 0;
      });
      await waitForFrames(host, (await framesSoFar(host)) + 10);
      const stopped = await stop(host);
      assert.deepEqual([stopped.reason, stopped.dropped], ['command', 0]);
      return { seen: `${stopped.frames} frames; commands.jsonl is there again` };
    },
  },
  {
    fault: 'log directory not writable at start',
    injected: 'a file stands where the log directory should be',
    expected: 'ready all the same, the recording whole; when the file is gone the logs are written',
    async run(rig) {
      await writeFile(join(rig.folder, 'logs'), 'in the way');
      const host = await recordingChild(rig);
      await rm(join(rig.folder, 'logs'));
      await until('the log', async () => (await readLogs(host.logDir)).commands.length > 0);
      const stopped = await stop(host);
      assert.deepEqual([stopped.reason, stopped.dropped], ['command', 0]);
      return { seen: `${stopped.frames} frames; the logs came when they could` };
    },
  },
  {
    fault: 'log disk full',
    injected: canMount
      ? 'the log directory is on a disk (tmpfs) of 4 MiB that another file fills while recording'
      : 'every write of a log fails with ENOSPC (no right to mount a small disk)',
    expected: 'the recording is whole; lines wait and are written when there is space, or are counted as lost',
    run: canMount ? logDiskFull : logWritesFail,
  },
  {
    fault: 'logs full of commands',
    injected: '5000 commands of 4 KB: 40 MB of lines in commands.jsonl while recording',
    expected: 'no file beyond its maximum, no more than 3 backups, every line whole; the recording loses nothing',
    async run(rig) {
      const host = await recordingChild(rig);
      const filler = 'x'.repeat(4000);
      for (let sent = 0; sent < 5000; sent += 250) {
        const ids = Array.from({ length: 250 }, (_, index) => `full_${sent + index}`);
        const lines = ids.map((id) => JSON.stringify({ command: 'show_window', command_id: id, filler }));
        host.sendBad(lines.join('\n'));
        await host.log.wait('command_ack', ({ in_reply_to: id }) => id === ids.at(-1));
      }
      const stopped = await stop(host);
      assert.deepEqual([stopped.reason, stopped.dropped], ['command', 0]);
      await host.end();
      const files = await readdir(host.logDir);
      for (const file of files) {
        const { size } = await stat(join(host.logDir, file));
        assert(size <= (MAX_BYTES[file.replace(/\.\d$/, '')] ?? 0), `${file} has ${size} bytes`);
      }
      const backups = files.filter((file) => file.startsWith('commands.jsonl.'));
      assert(backups.length >= 1 && backups.length <= 3, backups.join(', '));
      rig.expectDeath(host); // its first lines were rotated out: answers cannot be counted by them
      return { seen: `${backups.length} backups, all within bounds; ${stopped.frames} frames` };
    },
  },
];

async function logDiskFull(rig: Rig): Promise<Seen> {
  const logDir = await rig.smallDisk(4096, 'logs');
  const host = await recordingChild(rig);
  const filler = join(logDir, 'filler');
  await writeFile(filler, Buffer.alloc(4 * MIB)).catch(() => undefined); // as much as fits
  for (let count = 0; count < 200; count += 1) await host.expect('status_report', { command: 'get_status' });
  const stopped = await stop(host);
  assert.deepEqual([stopped.reason, stopped.dropped], ['command', 0]);
  await rm(filler);
  await host.expect('command_ack', { command: 'show_window', command_id: 'after_space' });
  await until('the log again', async () => (await readLogs(logDir)).commands.some(({ id }) => id === 'after_space'));
  const { commands } = await readLogs(logDir);
  const { data } = await host.expect('status_report', { command: 'get_status' });
  const counted = commands
    .filter(({ event }) => event === 'lines_lost')
    .reduce((sum, { lines }) => sum + Number(lines), 0);
  assert.equal(counted, data.log_lines_lost.commands, 'lines lost by the log and by the status');
  rig.expectDeath(host); // lines may be missing: answers cannot be counted by them
  return { seen: `${stopped.frames} frames; ${counted} lines lost and counted; written again` };
}

async function logWritesFail(rig: Rig): Promise<Seen> {
  const disk = new FaultyFileSystem();
  const files = disk.fileSystem;
  const fault = disk.inject({ operation: 'open', effect: { kind: 'fail', errno: 'ENOSPC' } });
  const host = await rig.inProcess({ dependencies: { logSink: new RotatingLogSink({ clock: systemClock, files }) } });
  await assign(host);
  await record(host, rig.session());
  await waitForFrames(host, 20);
  fault.end();
  await until('the log', async () => (await readLogs(host.logDir)).commands.length > 0);
  const stopped = await stop(host);
  assert.deepEqual([stopped.reason, stopped.dropped], ['command', 0]);
  return { seen: `${stopped.frames} frames; written when it could be` };
}

export const logs: Theme = { title: 'Logs', rows };
