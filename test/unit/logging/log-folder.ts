import { readFile, readdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as briefly } from 'node:timers/promises';

/** A folder of its own for one test, and its removal. */
export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'csi-logs-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** The files of one log, oldest first: NAME.N ... NAME.1, NAME. */
export async function filesOf(folder: string, name: string): Promise<string[]> {
  const backups = (await readdir(folder))
    .filter((file) => file.startsWith(`${name}.`))
    .sort((a, b) => numberOf(b) - numberOf(a));
  return [...backups, name];
}

function numberOf(file: string): number {
  return Number(file.slice(file.lastIndexOf('.') + 1));
}

/** Everything in the log, oldest first, one text. */
export async function contentOf(folder: string, name: string): Promise<string> {
  const parts = await Promise.all((await filesOf(folder, name)).map((file) => readFile(join(folder, file), 'utf8')));
  return parts.join('');
}

export async function recordsOf(folder: string, name: string): Promise<Record<string, unknown>[]> {
  const lines = (await contentOf(folder, name)).split('\n');
  if (lines.pop() !== '') throw new Error(`${name} does not end with a newline.`);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

export async function sizesOf(folder: string, name: string): Promise<number[]> {
  const files = await filesOf(folder, name);
  return Promise.all(files.map(async (file) => (await stat(join(folder, file))).size));
}

const PATIENCE_MS = 20_000;

/** Waits for what only the disk can show, and fails when it never does. A file that is being written may not be readable yet. */
export async function until(isTrue: () => Promise<boolean> | boolean): Promise<void> {
  const endMs = Date.now() + PATIENCE_MS;
  let cause: unknown;
  for (;;) {
    try {
      if (await isTrue()) return;
    } catch (thrown) {
      cause = thrown;
    }
    if (Date.now() > endMs) throw new Error(`Waited in vain for: ${isTrue.toString()}`, { cause });
    await briefly(2);
  }
}
