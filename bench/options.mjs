// @ts-check
import { parseArgs } from 'node:util';

/**
 * @typedef {object} Options
 * @property {boolean} quick one place, no growth, under two minutes
 * @property {string | undefined} json file for the results
 * @property {number} runs rounds; each runs every contender once
 * @property {number} gigabytes of frames in a run, in 10^9 bytes
 * @property {string | undefined} dir the only place to record to; `undefined`: memory, then disk
 * @property {string | undefined} cpuProfile folder for V8 profiles of the module's process
 * @property {string | undefined} module the built module's main script
 * @property {boolean} help
 */

export const HELP = `Usage: npm run bench -- [options]

Measures the whole way from a pipe of ready-made frames to AVI and timing CSV against cat and ffmpeg,
in turns: throughput, CPU per GB, memory, start-up, and how cost grows with length.

  --quick        under two minutes: recordings in memory only, no growth with length
  --json FILE    write all figures as JSON too
  --runs N       rounds (default 5; each runs every contender once)
  --gb N         frames in a run, GB of 10^9 bytes (default 2, quick: 1)
  --dir DIR      record there only (default: /dev/shm where it has room, then the system's temporary folder)
  --cpu-prof DIR write V8 profiles of the module there (slows it: no figure of such a run counts)
  --module FILE  main script of the built module (default: dist/cli/main.js)
  --help

Exit codes: 0 measured, 1 something failed or a frame was lost, 2 wrong usage.
docs/bench.md says what the figures mean.
`;

const DEFAULT_RUNS = 5;
const FULL_GIGABYTES = 2;
const QUICK_GIGABYTES = 1;

/** Somebody asked for what there is not; the message says what. */
export class UsageError extends Error {}

/**
 * @param {string[]} args
 * @returns {Options}
 */
export function readOptions(args) {
  const values = parse(args);
  const quick = values.quick ?? false;
  const runs = numberOf('--runs', values.runs) ?? DEFAULT_RUNS;
  if (!Number.isInteger(runs)) throw new UsageError('--runs must be a whole number.');
  return {
    quick,
    runs,
    gigabytes: numberOf('--gb', values.gb) ?? (quick ? QUICK_GIGABYTES : FULL_GIGABYTES),
    json: values.json,
    dir: values.dir,
    cpuProfile: values['cpu-prof'],
    module: values.module,
    help: values.help ?? false,
  };
}

/** @param {string[]} args */
function parse(args) {
  try {
    return parseArgs({
      args,
      strict: true,
      allowPositionals: false,
      options: {
        quick: { type: 'boolean' },
        json: { type: 'string' },
        runs: { type: 'string' },
        gb: { type: 'string' },
        dir: { type: 'string' },
        'cpu-prof': { type: 'string' },
        module: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (thrown) {
    throw new UsageError(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

/**
 * @param {string} name
 * @param {string | undefined} text
 * @returns {number | undefined}
 */
function numberOf(name, text) {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) {
    throw new UsageError(`${name} must be a number above 0.`);
  }
  return value;
}
