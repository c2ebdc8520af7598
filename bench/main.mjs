// @ts-check
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runBench } from './bench.mjs';
import { killChildren } from './children.mjs';
import { makeFrames } from './frames.mjs';
import { describeMachine, firstLineOf } from './machine.mjs';
import { HELP, UsageError, readOptions } from './options.mjs';
import { Workspace, removeAllWorkspaces } from './workspace.mjs';

/** The command line of the bench. What is measured, and how: `bench.mjs`, `docs/bench.md`. */

const CHILDREN_END_MS = 200;
const DIST = fileURLToPath(new URL('../dist/', import.meta.url));

/** @param {import('./options.mjs').Options} options */
async function main(options) {
  const scratch = new Workspace(tmpdir());
  try {
    const ffmpeg = firstLineOf('ffmpeg', '-version') === undefined ? undefined : 'ffmpeg';
    const frames = makeFrames(scratch.path, ffmpeg, join(DIST, 'virtual-camera', 'main.js'));
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
    scratch.remove();
  }
}

for (const [signal, number] of /** @type {const} */ ([
  ['SIGINT', 2],
  ['SIGTERM', 15],
])) {
  process.once(signal, () => {
    killChildren();
    // A moment, for what they were about to write.
    setTimeout(() => {
      removeAllWorkspaces();
      process.exit(128 + number);
    }, CHILDREN_END_MS);
  });
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
