// @ts-check
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runBench } from './bench.mjs';
import { makeFrames } from './frames.mjs';
import { describeMachine, firstLineOf } from './machine.mjs';
import { HELP, UsageError, readOptions } from './options.mjs';

/** The command line of the bench. What is measured, and how: `bench.mjs`, `docs/bench.md`. */

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));

/** @param {import('./options.mjs').Options} options */
async function main(options) {
  const scratch = mkdtempSync(join(tmpdir(), 'csi-cameras-bench-frames-'));
  try {
    const ffmpeg = firstLineOf('ffmpeg', '-version') === undefined ? undefined : 'ffmpeg';
    const frames = makeFrames(scratch, ffmpeg, join(DIST, 'virtual-camera', 'main.js'));
    const results = await runBench({
      options: { ...options, dir: options.dir === undefined ? undefined : resolve(options.dir) },
      module: options.module === undefined ? join(DIST, 'cli', 'main.js') : resolve(options.module),
      ffmpeg,
      frames,
      machine: describeMachine(ffmpeg),
      say: (text) => process.stdout.write(text),
      progress: (text) => process.stderr.write(`${text}\n`),
    });
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(HELP);
  else {
    if (options.cpuProfile !== undefined) mkdirSync(options.cpuProfile, { recursive: true });
    await main(options);
  }
} catch (thrown) {
  const isUsage = thrown instanceof UsageError;
  process.stderr.write(`error: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  if (isUsage) process.stderr.write(`\n${HELP}`);
  process.exitCode = isUsage ? 2 : 1;
}
