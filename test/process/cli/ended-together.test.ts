import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as nextLook } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { StatusMessage } from '../../../src/protocol/statuses.js';
import { HeldSession } from '../../harness/held-lines.js';
import { MAIN } from '../../harness/paths.js';
import { isRunning } from '../../harness/pipelines.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

/**
 * A service manager ends a module and its capture tool at the same time, in any order. The tool's end then belongs to the
 * module's own stop. Before, half of such runs told a lost camera.
 */

const RUNS_EACH = 4;
const AT_ONCE = 2;
const ORDERS = ['the tool first', 'the module first', 'the tool first, and it is gone'] as const;
type Order = (typeof ORDERS)[number];

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await folder.remove();
});

/** The processes whose parent this is. */
async function childrenOf(parent: number): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => ''); // it has ended
      const [, ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(ppid) === parent ? Number(pid) : undefined;
    }),
  );
  return found.filter((pid) => pid !== undefined);
}

/** Signals a process group. It may be gone: the one that was signalled first ends the other within milliseconds. */
function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGTERM');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown;
  }
}

async function endBothGroups(module: number, order: Order): Promise<void> {
  const tools = await childrenOf(module);
  expect(tools).toHaveLength(1);
  const groups = order === 'the module first' ? [module, ...tools] : [...tools, module];
  for (const pid of groups) {
    endGroup(pid);
    // The module hears of the end before its own signal.
    if (order === 'the tool first, and it is gone' && pid !== module) while (isRunning(pid)) await nextLook(2);
  }
}

/** Rows of the timing file and frames of the video's index. */
async function rowsAndFrames(sessionDir: string): Promise<{ readonly rows: number; readonly frames: number }> {
  const names = await readdir(sessionDir, { recursive: true });
  const timing = names.find((name) => name.endsWith('_timing.csv'));
  const video = names.find((name) => name.endsWith('.avi'));
  const rows = (await readFile(join(sessionDir, timing ?? ''), 'latin1')).trimEnd().split('\n').length - 1;
  const bytes = await readFile(join(sessionDir, video ?? ''));
  const index = bytes.lastIndexOf('idx1');
  return { rows, frames: bytes.readUInt32LE(index + 4) / 16 };
}

async function recordOnce(sessionDir: string, order: Order): Promise<unknown> {
  const flags = ['--simulate', '--size', '320x240', '--log-dir', `${sessionDir}-logs`, '--out', sessionDir];
  const child = spawn(process.execPath, [MAIN, 'record', ...flags], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  let stderr = '';
  await new Promise<void>((resolve) => {
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      if (/[1-9]\d* frames/.test(stderr)) resolve();
    });
  });
  await endBothGroups(child.pid ?? 0, order);
  const [code] = (await ended) as [number | null];
  const { rows, frames } = await rowsAndFrames(sessionDir);
  const told = Number(/Recorded (\d+) frames/.exec(stdout)?.[1]);
  return {
    code,
    complaint: /error|camera|capture/.exec(stderr.replace(/^Recording .*$/m, ''))?.input,
    agree: rows === frames && told === rows,
  };
}

async function hostOnce(sessionDir: string, order: Order): Promise<unknown> {
  const flags = ['--simulate', '--enable-commands', '--camera-index', '0', '--log-dir', `${sessionDir}-logs`];
  const child = spawn(process.execPath, [MAIN, ...flags], { detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  const heard: StatusMessage[] = [];
  const held = new HeldSession();
  const send = (command: object): void => {
    child.stdin.write(`${JSON.stringify(command)}\n`);
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line) as StatusMessage;
    held.heard(message);
    heard.push(message);
    if (message.status === 'device_ready') send({ command: 'start_recording', session_dir: sessionDir });
    if (message.status === 'recording_started') void endBothGroups(child.pid ?? 0, order);
  });
  const [code] = (await ended) as [number | null];
  held.expectValid();
  const { rows, frames } = await rowsAndFrames(sessionDir);
  const stopped = heard.find((message) => message.status === 'recording_stopped')?.data;
  return {
    code,
    errors: heard.filter(({ status }) => status === 'device_error' || status === 'recording_error'),
    reason: stopped?.reason,
    agree: rows === frames && stopped?.frames === rows,
  };
}

/** Runs it for each order, a few at a time. */
async function inEachOrder(
  recordOne: (sessionDir: string, order: Order) => Promise<unknown>,
): Promise<readonly unknown[]> {
  const runs = ORDERS.flatMap((order) => Array.from({ length: RUNS_EACH }, (_, number) => ({ order, number })));
  const results: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let next = runs.shift(); next !== undefined; next = runs.shift()) {
      const { order, number } = next;
      results.push(await recordOne(join(folder.path, `${order.replaceAll(' ', '-')}-${number}`), order));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

describe('SIGTERM to a module and its capture tool at once', () => {
  it('ends `record` with 0 and a whole recording, without a word of a lost camera', async () => {
    const results = await inEachOrder(recordOnce);
    expect(results).toEqual(results.map(() => ({ code: 0, complaint: undefined, agree: true })));
    expect(results).toHaveLength(ORDERS.length * RUNS_EACH);
  });

  it('ends a host’s child with 0 and a whole recording, without a device_error', async () => {
    const results = await inEachOrder(hostOnce);
    expect(results).toEqual(results.map(() => ({ code: 0, errors: [], reason: 'shutdown', agree: true })));
    expect(results).toHaveLength(ORDERS.length * RUNS_EACH);
  });
});
