// @ts-check
import { UsageError, numberOf, parseUsage, wholeNumberOf } from './usage.mjs';

/** @typedef {'full' | 'quick' | 'schedule' | 'ci' | 'against'} Mode */

/**
 * @typedef {object} Options
 * @property {Mode} mode
 * @property {string | undefined} against revision to compare with; `undefined`: none
 * @property {string | undefined} json file for the results
 * @property {string | undefined} out folder for results as JSON, Markdown and plots; `undefined`: the project's, in the mode that writes
 * @property {number} runs rounds; each runs every contender once
 * @property {number} gigabytes of frames in a run, in 10^9 bytes
 * @property {string | undefined} dir the only place to record to; `undefined`: memory, then disk
 * @property {string | undefined} cpuProfile folder for V8 profiles of the module's process
 * @property {string | undefined} module the built module's main script
 * @property {boolean} help
 */

export const HELP = `Usage: npm run bench -- [options]

Measures the whole way from pipes of ready-made frames to AVI and timing CSV.

  (nothing)      everything, some thirty minutes: flat out beside cat, ffmpeg and gstreamer in turns, for 1, 2 and 4
                 cameras, in memory and on disk; on schedule at 60 fps beside ffmpeg and dd in turns; latencies of 1, 2
                 and 4 cameras; start-up; growth with length. Writes bench/results/latest.json, latest.md and plots
  --quick        flat out alone, one camera, in memory, under two minutes; writes nothing
  --schedule     on schedule alone, one camera, beside ffmpeg and dd, some twelve minutes; writes nothing
  --ci           about a minute: flat out and on schedule beside ffmpeg, two cameras on schedule, start-up, held against
                 the limits in bench/limits.mjs
  --against REV  builds another revision in a temporary folder and compares this build with it on schedule, in turns:
                 recording, streaming only, and without a camera. Some fifteen minutes; writes nothing

  --runs N       rounds (default 5, ci: 3; each runs every contender once)
  --gb N         frames in a run flat out, GB of 10^9 bytes (default 2, quick: 1, ci: 0.5)
  --dir DIR      record there only (default: /dev/shm where it has room, then the system's temporary folder; on
                 schedule the latter)
  --out DIR      write JSON, Markdown and plots there, in any mode but --against
  --json FILE    write all figures as JSON there
  --cpu-prof DIR write V8 profiles of the module there (slows it: no figure of such a run counts)
  --module FILE  main script of the built module (default: dist/cli/main.js)
  --help

Examples:
  npm run bench
  npm run bench -- --quick --json out.json
  npm run bench -- --schedule --runs 3
  npm run bench -- --against HEAD~1
  npm run bench -- --against v0.1.0 --runs 9 --dir /mnt/ssd
  npm run bench -- --ci

Runs of minutes: npm run hold.
Exit codes: 0 measured, 1 something failed, a frame was lost or a limit not kept, 2 wrong usage.
docs/bench.md says what the figures mean.
`;

/** @type {Record<Mode, number>} */
const RUNS = { full: 5, quick: 5, schedule: 5, ci: 3, against: 5 };
/** @type {Record<Mode, number>} */
const GIGABYTES = { full: 2, quick: 1, schedule: 0, ci: 0.5, against: 0 };

/**
 * @param {string[]} args
 * @returns {Options}
 */
export function readOptions(args) {
  const { values } = parse(args);
  const mode = modeOf(values);
  refuse(mode, values);
  return {
    mode,
    against: values.against,
    runs: wholeNumberOf('--runs', values.runs) ?? RUNS[mode],
    gigabytes: numberOf('--gb', values.gb) ?? GIGABYTES[mode],
    json: values.json,
    out: values.out,
    dir: values.dir,
    cpuProfile: values['cpu-prof'],
    module: values.module,
    help: values.help ?? false,
  };
}

/**
 * @param {ReturnType<typeof parse>['values']} values
 * @returns {Mode}
 */
function modeOf({ quick, schedule, ci, against }) {
  /** @type {readonly (readonly [Mode, boolean])[]} */
  const choices = [
    ['quick', quick === true],
    ['schedule', schedule === true],
    ['ci', ci === true],
    ['against', against !== undefined],
  ];
  const asked = choices.flatMap(([mode, isAsked]) => (isAsked ? [mode] : []));
  if (asked.length > 1) {
    throw new UsageError(`${asked.map((mode) => `--${mode}`).join(' and ')} exclude each other.`);
  }
  return asked[0] ?? 'full';
}

/** What a mode has no use for. @type {Readonly<Partial<Record<Mode, readonly ('gb' | 'out' | 'cpu-prof')[]>>>} */
const WITHOUT = { schedule: ['gb', 'cpu-prof'], against: ['gb', 'out', 'cpu-prof'] };

/** @param {Mode} mode @param {ReturnType<typeof parse>['values']} values */
function refuse(mode, values) {
  const given = WITHOUT[mode]?.find((name) => values[name] !== undefined);
  if (given !== undefined) throw new UsageError(`--${given} means nothing with --${mode}.`);
}

/** @param {string[]} args */
function parse(args) {
  return parseUsage({
    args,
    strict: true,
    allowPositionals: false,
    options: {
      quick: { type: 'boolean' },
      schedule: { type: 'boolean' },
      ci: { type: 'boolean' },
      against: { type: 'string' },
      json: { type: 'string' },
      out: { type: 'string' },
      runs: { type: 'string' },
      gb: { type: 'string' },
      dir: { type: 'string' },
      'cpu-prof': { type: 'string' },
      module: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
}
