import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as nextLook } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { StatusMessage } from '../../src/protocol/statuses.js';
import { childHost } from '../harness/child-host.js';
import { HeldSession, heldLine } from '../harness/held-lines.js';
import { itWithTerminal, lineOf, onTerminal } from '../harness/lost-terminal.js';
import { MAIN } from '../harness/paths.js';
import { itWithSmallDisk, smallDisk } from '../harness/small-disk.js';
import { temporaryFolder } from '../harness/temporary-folder.js';
import { expectWholeRecording, waitForFrames } from '../harness/whole-recording.js';

const SIZE = { width: 640, height: 480 };

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await folder.remove();
});

const recordArguments = (...more: readonly string[]): string[] => {
  const places = ['--log-dir', join(folder.path, 'logs'), '--out', join(folder.path, 'session')];
  const size = ['--size', `${SIZE.width}x${SIZE.height}`];
  return [MAIN, 'record', '--simulate', '--min-free-bytes', '0', ...size, ...places, ...more];
};

/** The command line for a shell. */
const shellCommand = (args: readonly string[]): string =>
  [process.execPath, ...args].map((word) => `'${word}'`).join(' ');

/** Runs `record` in a shell with this behind it (`| head -n 2`) and resolves with its exit code. */
async function recordWith(redirection: string, ...more: readonly string[]): Promise<number> {
  const code = join(folder.path, 'code');
  const command = `( ${shellCommand(recordArguments(...more))}; echo $? > '${code}' ) ${redirection}`;
  await once(spawn('/bin/sh', ['-c', command], { stdio: 'ignore' }), 'close');
  return Number(await lineOf(code));
}

/** The events in csicameras.log, of which every end of the module is the last. */
async function logged(): Promise<{ readonly msg: string; readonly [field: string]: unknown }[]> {
  const text = await readFile(join(folder.path, 'logs', 'csicameras.log'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { msg: string });
}

/** Checks the one recording in `session` against the log's account of it. */
async function expectWholeSession(): Promise<number> {
  const events = await logged();
  expect(events.at(-1)).toMatchObject({ msg: 'Shutdown complete.' });
  const session = join(folder.path, 'session');
  const names = await readdir(session, { recursive: true });
  const at = (end: string): string => join(session, names.find((name) => name.endsWith(end)) ?? end);
  const rows = (await readFile(at('_timing.csv'), 'utf8')).trimEnd().split('\n').length - 1;
  const commands = await readFile(join(folder.path, 'logs', 'commands.jsonl'), 'utf8');
  const stopped = commands
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { status?: string; payload: StatusMessage['data'] })
    .find(({ status }) => status === 'recording_stopped');
  expect(stopped?.payload).toMatchObject({ frames: rows, dropped: 0 });
  await expectWholeRecording(stopped?.payload as never, SIZE);
  return rows;
}

describe('a recording from the terminal ends as it was told', () => {
  it.each([
    ['nobody reads its progress any more', '2>&1 >/dev/null | head -n 2'],
    ['nobody reads anything', '2>&1 | true'],
    ['the disk of its output is full', '>/dev/full 2>/dev/full'],
    ['its outputs are closed', '>&- 2>&-'],
  ])('although %s', async (_what, redirection) => {
    expect(await recordWith(redirection, '--duration', '2')).toBe(0);
    expect(await expectWholeSession()).toBeGreaterThanOrEqual(50);
  });

  it('although the reader of its progress stands still, and then does not wait for it', async () => {
    const since = performance.now();
    const reader = spawn('/bin/sh', ['-c', 'read -r line; exec sleep 600'], { stdio: ['pipe', 'ignore', 'ignore'] });
    const child = spawn(process.execPath, recordArguments('--duration', '1'), {
      stdio: ['ignore', reader.stdin, reader.stdin],
    });
    const [code] = (await once(child, 'close')) as [number | null];
    expect(code).toBe(0);
    expect(performance.now() - since).toBeLessThan(15_000);
    reader.kill('SIGKILL');
    await once(reader, 'close');
    await expectWholeSession();
  });

  itWithTerminal('at a hang-up of its terminal, with exit code 0 and its last log line', async () => {
    const code = join(folder.path, 'code');
    // As a shell does, this one hands the signal on to its job. The first `wait` ends with the signal.
    const job = `${shellCommand(recordArguments())} & trap "kill -HUP $!" HUP`;
    const terminal = onTerminal(`${job}; wait $!; wait $!; echo $? > '${code}'`);
    await terminal.shows(/00:01/);
    await terminal.close();
    expect(await lineOf(code)).toBe('0');
    expect((await logged()).at(-1)).toMatchObject({ reason: 'SIGHUP' });
    expect(await expectWholeSession()).toBeGreaterThanOrEqual(25);
  });

  itWithTerminal('in its own session, where a closed terminal gives errors and no signal', async () => {
    const code = join(folder.path, 'code');
    const inOwnSession = `trap '' HUP; setsid --wait ${shellCommand(recordArguments('--duration', '3'))}; echo $? > '${code}'`;
    const terminal = onTerminal(inOwnSession);
    await terminal.shows(/00:01/);
    await terminal.close();
    expect(await lineOf(code)).toBe('0');
    expect((await logged()).at(-1)).toMatchObject({ reason: 'stop' });
    expect(await expectWholeSession()).toBeGreaterThanOrEqual(80);
  });

  it('at SIGHUP, and a second one, as a shell sends it, changes nothing', async () => {
    const child = spawn(process.execPath, recordArguments(), { stdio: ['ignore', 'ignore', 'pipe'] });
    const ended = once(child, 'close');
    await new Promise<void>((resolve) => {
      child.stderr.on('data', (chunk: Buffer) => {
        if (/00:01/.test(chunk.toString())) resolve();
      });
    });
    child.kill('SIGHUP');
    await nextLook(20);
    child.kill('SIGHUP');
    expect(await ended).toEqual([0, null]);
    await expectWholeSession();
  });

  it('although its duration is longer than a timer of Node can wait', async () => {
    const child = spawn(process.execPath, recordArguments('--duration', '2592000'), {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = once(child, 'close');
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (chunk: Buffer) => {
        if (/00:03 \/ 30d 00:00:00/.test(chunk.toString())) resolve();
      });
      child.once('close', () => {
        reject(new Error('It ended by itself.'));
      });
    });
    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    expect(await expectWholeSession()).toBeGreaterThanOrEqual(80);
  });
});

describe('the child of a host', () => {
  it.each([
    ['closed', '>&3 2>&-'],
    ['full', '>&3 2>/dev/full'],
    ['read by nobody', '2>&1 >&3 | true'],
  ])('needs no stderr: %s', async (_what, redirection) => {
    const statuses = join(folder.path, 'statuses');
    const flags = [MAIN, '--simulate', '--log-dir', join(folder.path, 'logs')];
    const command = `exec 3>'${statuses}'; ${shellCommand(flags)} ${redirection}`;
    const child = spawn('/bin/sh', ['-c', command], { stdio: ['pipe', 'ignore', 'ignore'] });
    child.stdin.end('nonsense\n[]\n{}\n');
    await once(child, 'close');
    // `| true` does not wait for the module.
    while (!(await readFile(statuses, 'utf8')).includes('shutdown_complete')) await nextLook(20);
    const told = (await readFile(statuses, 'utf8')).trimEnd().split('\n');
    const session = new HeldSession();
    const names = told.map((line) => heldLine(session, line).status);
    const nack = 'command_nack';
    expect(names).toEqual([
      'initializing',
      'ready',
      nack,
      nack,
      nack,
      'shutdown_started',
      'quitting',
      'shutdown_complete',
    ]);
  });

  it('ends at SIGHUP with 0 and its last log line', async () => {
    const host = await childHost({ folder: folder.path });
    await host.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
    await host.expect('recording_started', {
      command: 'start_recording',
      session_dir: join(folder.path, 'session'),
    });
    await waitForFrames(host, 5);
    host.process.kill('SIGHUP');
    expect(await host.exited).toEqual({ code: 0, signal: null });
    expect((await logged()).at(-1)).toMatchObject({ msg: 'Shutdown complete.', reason: 'SIGHUP' });
    await expectWholeSession();
  });

  itWithTerminal('ends at a hang-up of its terminal with 0 and its last log line', async () => {
    const code = join(folder.path, 'code');
    const flags = [MAIN, '--simulate', '--log-dir', join(folder.path, 'logs'), '--camera-index', '0'];
    const terminal = onTerminal(`trap '' HUP; ${shellCommand(flags)}; echo $? > '${code}'`);
    await terminal.shows(/device_ready/);
    await terminal.close();
    expect(await lineOf(code)).toBe('0');
    expect((await logged()).at(-1)).toMatchObject({ msg: 'Shutdown complete.' });
  });

  itWithSmallDisk('records on while its stdout is a file on a full disk, and tells there what was lost', async () => {
    const disk = await smallDisk('1m');
    const [output, ballast] = [join(disk.path, 'statuses'), join(disk.path, 'ballast')];
    const file = await open(output, 'a');
    const config = join(folder.path, 'config.json');
    await writeFile(config, JSON.stringify({ camera: SIZE }));
    const flags = ['--simulate', '--log-dir', join(folder.path, 'logs'), '--config-path', config];
    const child = spawn(process.execPath, [MAIN, ...flags], {
      stdio: ['pipe', file.fd, 'ignore'],
    });
    const send = (command: object): void => {
      child.stdin?.write(`${JSON.stringify(command)}\n`);
    };
    const exited = once(child, 'close');
    const told = async (): Promise<StatusMessage[]> =>
      (await readFile(output, 'utf8'))
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as StatusMessage);
    try {
      send({ command: 'assign_device', device_id: 'picam:0' });
      send({ command: 'start_recording', session_dir: join(folder.path, 'session') });
      while (!(await told()).some(({ status }) => status === 'recording_started')) await nextLook(20);

      await writeFile(ballast, Buffer.alloc(2 * 1024 * 1024)).catch(() => undefined); // ENOSPC: it is full now
      for (let number = 0; number < 8; number += 1) {
        for (let one = 0; one < 1_000; one += 1) send({ command: 'show_window' });
        send({ command: 'take_snapshot', command_id: `snapshot ${number}` });
        while ((await readdir(join(folder.path, 'session'), { recursive: true })).filter(isSnapshot).length <= number) {
          // A snapshot that met a full queue was refused.
          send({ command: 'take_snapshot' });
          await nextLook(50);
        }
      }
      expect(child.exitCode).toBeNull();
      await disk.remount('size=16m');
      await rm(ballast);
      // A stop that met a full queue was refused, too.
      while (!(await told()).some(({ status }) => status === 'recording_stopped')) {
        send({ command: 'stop_recording' });
        await nextLook(100);
      }
      const warnings = (await told()).flatMap((message) =>
        message.status === 'warning' && message.data.code === 'statuses_lost' ? [message.data.message] : [],
      );
      // On a busy machine more are lost while it catches up, and for those the disk is not the reason.
      const reason = /^stdout could not be written \(ENOSPC: [^)]+\)\. \d+ statuses were dropped/;
      expect(warnings).toContainEqual(expect.stringMatching(reason));
      child.stdin?.end();
      expect(await exited).toEqual([0, null]);
      const all = await told();
      expect(all.at(-1)?.status).toBe('shutdown_complete');
      const session = new HeldSession();
      for (const message of all) session.heard(message);
      session.expectValid();
      await expectWholeSession();
    } finally {
      child.kill('SIGKILL');
      await file.close();
      await disk.remove();
    }
  });
});

const isSnapshot = (name: string): boolean => name.endsWith('.jpg');
