// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import LongestFirst, { expectLongOnes } from './longest-first.mjs';

/**
 * All tests (`npm test`). Those that drive real processes mostly wait, two at a time; beside them the unit tests take what they
 * leave of the processors, with less priority, and once these are over a share of the others follows in their place. With
 * arguments it is jest with these: `npm test -- PATTERN`.
 */

const JEST = fileURLToPath(new URL('../node_modules/jest/bin/jest.js', import.meta.url));
/** For jest, which loads it by its path. */
const LONGEST_FIRST = fileURLToPath(new URL('longest-first.mjs', import.meta.url));
const UNIT = 'test/unit/';
const NICE = 5;
/** Four times the usual: with less priority a test may wait longer than it works, and what is stuck is told all the same. */
const PATIENT = '--testTimeout=120000';
/** A suite of this kind waits for half of its time, and the unit tests take that half. A third would make both late. */
const WORKERS = 2;
/** Every fourth of the suites that do not take long comes behind the unit tests. */
const NTH = 4;
const MOST_LONG = 20;

/** @param {readonly string[]} args @param {'inherit' | 'pipe'} output */
function jest(args, output) {
  const options = ['--experimental-vm-modules', '--no-warnings', JEST, ...args];
  return spawn(process.execPath, options, { stdio: ['ignore', output, output] });
}

/** Runs beside the others, and says nothing until those have ended. @param {readonly string[]} args @param {number} nice */
async function beside(args, nice) {
  const child = jest([...args, '--maxWorkers=1'], 'pipe');
  if (child.pid !== undefined) setPriority(child.pid, nice);
  /** @type {Buffer[]} */
  const said = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (/** @type {Buffer} */ bytes) => said.push(bytes));
  const code = await exitCodeOf(child);
  return { code, said: Buffer.concat(said) };
}

/** The suites of real processes, the largest first. */
async function processSuites() {
  const child = jest(['--listTests', '--json', '--testPathIgnorePatterns', UNIT], 'pipe');
  const list = await text(/** @type {import('node:stream').Readable} */ (child.stdout));
  const all = /** @type {string[]} */ (JSON.parse(list)).map((path) => ({ path }));
  expectLongOnes(all);
  return new LongestFirst().sort(all);
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
  const suites = (await processSuites()).map(({ path }) => path);
  const later = suites.filter((_, index) => index >= MOST_LONG && index % NTH === 0);
  const first = suites.filter((path) => !later.includes(path));
  const order = ['--testSequencer', LONGEST_FIRST, '--runTestsByPath'];
  const unit = beside(['--testPathPatterns', UNIT, PATIENT], NICE);
  const behind = unit.then(() => beside([...order, ...later], 0));
  const codes = [await exitCodeOf(jest([`--maxWorkers=${WORKERS}`, ...order, ...first], 'inherit'))];
  for (const run of [unit, behind]) {
    const { code, said } = await run;
    process.stdout.write('\nWhat ran meanwhile:\n');
    process.stdout.write(said);
    codes.push(code);
  }
  process.exitCode = Math.max(...codes);
}
