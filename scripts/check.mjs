// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';

/**
 * What `npm run check` does behind the build: every script `check:...` of package.json, as many at a time as there are
 * processors, in their order there: the longest comes first. None needs another, and all are run though one fails.
 */

const { scripts } = /** @type {{ scripts: Record<string, string> }} */ (
  JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'))
);
const names = Object.keys(scripts).filter((name) => name.startsWith('check:'));
/** @type {string[]} */
const failed = [];

/** Says what it said when it is over: lines of two at a time would be mixed. @param {string} name */
async function run(name) {
  const child = spawn('npm', ['run', '-s', name], { stdio: ['ignore', 'pipe', 'pipe'] });
  /** @type {Buffer[]} */
  const said = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (/** @type {Buffer} */ bytes) => said.push(bytes));
  const [code] = /** @type {[number | null]} */ (await once(child, 'close'));
  process.stdout.write(Buffer.concat(said));
  if (code !== 0) failed.push(name);
}

const waiting = names.values();
async function lane() {
  for (const name of waiting) await run(name);
}
await Promise.all(Array.from({ length: availableParallelism() }, lane));

const all = names.map((name) => name.slice('check:'.length)).join(', ');
if (failed.length === 0) process.stdout.write(`Build, ${all}: all good.\n`);
else process.stdout.write(`Failed: ${failed.map((name) => `npm run ${name}`).join(', ')}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
