// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';

/**
 * All tests (`npm test`). Those that drive real processes mostly wait, two at a time; the unit tests take what they leave of the
 * processors, as a process of their own with less priority. With arguments it is jest with these: `npm test -- PATTERN`.
 */

const JEST = fileURLToPath(new URL('../node_modules/jest/bin/jest.js', import.meta.url));
const LONGEST_FIRST = fileURLToPath(new URL('longest-first.mjs', import.meta.url));
const UNIT = 'test/unit/';
const NICE = 5;
/** A suite of this kind waits for half of its time, and the unit tests take that half. A third would make both late. */
const WORKERS = 2;

/** @param {readonly string[]} args @param {'inherit' | 'pipe'} output */
function jest(args, output) {
  const options = ['--experimental-vm-modules', '--no-warnings', JEST, ...args];
  return spawn(process.execPath, options, { stdio: ['ignore', output, output] });
}

/** Runs them beside the others, and says nothing until those have ended. */
async function unitTests() {
  const child = jest(['--testPathPatterns', UNIT, '--maxWorkers=1'], 'pipe');
  if (child.pid !== undefined) setPriority(child.pid, NICE);
  /** @type {Buffer[]} */
  const said = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (/** @type {Buffer} */ bytes) => said.push(bytes));
  const code = await exitCodeOf(child);
  return { code, said: Buffer.concat(said) };
}

/** @param {import('node:child_process').ChildProcess} child */
async function exitCodeOf(child) {
  const [code] = /** @type {[number | null]} */ (await once(child, 'close'));
  return code ?? 1; // a signal ended it
}

const args = process.argv.slice(2);
if (args.length > 0) {
  process.exitCode = await exitCodeOf(jest(['--maxWorkers=2', ...args], 'inherit'));
} else {
  const unit = unitTests();
  const others = ['--testPathIgnorePatterns', UNIT, `--maxWorkers=${WORKERS}`, '--testSequencer', LONGEST_FIRST];
  const code = await exitCodeOf(jest(others, 'inherit'));
  process.stdout.write('\nThe unit tests, which ran meanwhile:\n');
  const { code: unitCode, said } = await unit;
  process.stdout.write(said);
  process.exitCode = Math.max(code, unitCode);
}
