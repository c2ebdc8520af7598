import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { transformFile } from '@swc/core';
import { filesOf, recordsOf, sizesOf, temporaryFolder } from './log-folder.js';

const MAX_BYTES = 64 * 1024;
const BACKUPS = 3;

/** Logs numbered lines as fast as they are written, and prints a number now and then; or one line, and closes. */
const WRITER = `
import { RotatingLogSink } from './logging/rotating-log-sink.js';
import { systemClock } from './core/clock.js';
const [directory, from, mode] = process.argv.slice(2);
const sink = new RotatingLogSink({
  clock: systemClock,
  bounds: { 'commands.jsonl': { maxBytes: ${MAX_BYTES}, backups: ${BACKUPS} } },
});
sink.open(directory);
let n = Number(from);
const some = () => {
  for (let line = 0; line < 50; line += 1) sink.command({ n: n++, pad: 'x'.repeat(n % 300) });
  console.log(n);
  setTimeout(some, 1); // let the disk keep up: a kill is to meet rotations
};
if (mode === 'last') {
  sink.command({ n });
  await sink.close(10_000);
} else {
  some();
}
`;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let writer: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  writer = join(folder.path, 'writer.js');
  await writeFile(join(folder.path, 'package.json'), '{"type":"module"}');
  await symlink(join(process.cwd(), 'node_modules'), join(folder.path, 'node_modules'));
  await writeFile(writer, WRITER);
  for (const room of ['core', 'logging']) await compileRoom(room);
});
afterEach(() => folder.remove());

/** The sources as they are, not what was built some time ago. */
async function compileRoom(room: string): Promise<void> {
  await mkdir(join(folder.path, room));
  const files = (await readdir(join('src', room))).filter((name) => name.endsWith('.ts'));
  for (const file of files) {
    const { code } = await transformFile(join('src', room, file), { sourceMaps: false });
    await writeFile(join(folder.path, room, file.replace(/\.ts$/, '.js')), code);
  }
}

/** Runs the writer and kills it when it has printed so many lines; without a number it ends by itself. */
async function write(from: number, killAfter?: number): Promise<void> {
  const child = spawn(
    process.execPath,
    [writer, join(folder.path, 'logs'), String(from), killAfter === undefined ? 'last' : 'on'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'exit');
  let printed = 0;
  for await (const _line of createInterface({ input: child.stdout })) {
    printed += 1;
    if (printed === killAfter) child.kill('SIGKILL');
  }
  await exited;
}

async function numbersSoFar(): Promise<number[]> {
  const records = await recordsOf(join(folder.path, 'logs'), 'commands.jsonl');
  return records.filter(({ n }) => n !== undefined).map(({ n }) => Number(n));
}

describe('a process killed while it logs', () => {
  it('leaves whole lines, none twice and none missing, within the bounds, however often', async () => {
    let next = 1;
    for (const killAfter of [3, 150, 40, 220, 90, 170]) {
      await write(next, killAfter);
      await write(next + 1_000_000); // a start that cuts half a line off and logs where it went on
      const numbers = await numbersSoFar();
      next = (numbers.at(-1) ?? 0) + 1;
    }
    const numbers = await numbersSoFar();
    for (let index = 1; index < numbers.length; index += 1) {
      const step = (numbers[index] ?? 0) - (numbers[index - 1] ?? 0);
      if (step !== 1) expect(step).toBeGreaterThan(900_000); // a restart: everything up to there is there
    }
    expect(Math.max(...(await sizesOf(join(folder.path, 'logs'), 'commands.jsonl')))).toBeLessThanOrEqual(MAX_BYTES);
    const files = await filesOf(join(folder.path, 'logs'), 'commands.jsonl');
    expect(files).toEqual(['commands.jsonl.3', 'commands.jsonl.2', 'commands.jsonl.1', 'commands.jsonl']);
  });
});
