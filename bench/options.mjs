// @ts-check
import { parseArgs } from 'node:util';

/** @typedef {'full' | 'quick' | 'ci' | 'hold'} Mode */

/**
 * @typedef {object} Options
 * @property {Mode} mode
 * @property {string | undefined} json file for the results
 * @property {string | undefined} out folder for results as JSON, Markdown and plots; `undefined`: the project's, in the modes that write
 * @property {number} runs rounds; each runs every contender once
 * @property {number} gigabytes of frames in a run, in 10^9 bytes
 * @property {number} cameras to hold
 * @property {number} minutes to hold them
 * @property {number} fps of a held camera
 * @property {string | undefined} dir the only place to record to; `undefined`: memory, then disk
 * @property {string | undefined} cpuProfile folder for V8 profiles of the module's process
 * @property {string | undefined} module the built module's main script
 * @property {boolean} help
 */

export const HELP = `Usage: npm run bench -- [options]

Measures the whole way from pipes of ready-made frames to AVI and timing CSV.

  (nothing)      everything, some ten minutes: flat out beside cat, ffmpeg and gstreamer in turns, for 1, 2 and 4
                 cameras, in memory and on disk; paced at 60 fps; start-up; growth with length. Writes
                 bench/results/latest.json, latest.md and plots
  --quick        flat out alone, one camera, in memory, under two minutes; writes nothing
  --ci           under a minute: flat out beside ffmpeg, two cameras paced, start-up, held against the limits in
                 bench/limits.mjs
  --minutes N    hold: cameras at their rate for so long, what they cost, lose and how late they are. Writes
                 bench/results/hold.json and hold.md
  --cameras N    hold: how many cameras (default 2)
  --fps N        hold: frames a second of each (default 60)

  --runs N       rounds (default 5, ci: 3; each runs every contender once)
  --gb N         frames in a run, GB of 10^9 bytes (default 2, quick: 1, ci: 0.5)
  --dir DIR      record there only (default: /dev/shm where it has room, then the system's temporary folder)
  --out DIR      write JSON, Markdown and plots there, in any mode
  --json FILE    write all figures as JSON there
  --cpu-prof DIR write V8 profiles of the module there (slows it: no figure of such a run counts)
  --module FILE  main script of the built module (default: dist/cli/main.js)
  --help

Examples:
  npm run bench
  npm run bench -- --quick --json out.json
  npm run bench -- --cameras 2 --minutes 10 --fps 60 --dir /mnt/ssd
  npm run bench -- --ci

Exit codes: 0 measured, 1 something failed, a frame was lost or a limit not kept, 2 wrong usage.
docs/bench.md says what the figures mean.
`;

/** @type {Record<Mode, number>} */
const RUNS = { full: 5, quick: 5, ci: 3, hold: 1 };
/** @type {Record<Mode, number>} */
const GIGABYTES = { full: 2, quick: 1, ci: 0.5, hold: 1 };
const DEFAULT_CAMERAS = 2;
const DEFAULT_FPS = 60;
const MAX_CAMERAS = 16;

/** Somebody asked for what there is not; the message says what. */
export class UsageError extends Error {}

/**
 * @param {string[]} args
 * @returns {Options}
 */
export function readOptions(args) {
  const values = parse(args);
  const mode = modeOf(values);
  const runs = numberOf('--runs', values.runs) ?? RUNS[mode];
  if (!Number.isInteger(runs)) throw new UsageError('--runs must be a whole number.');
  const cameras = numberOf('--cameras', values.cameras) ?? DEFAULT_CAMERAS;
  if (!Number.isInteger(cameras) || cameras > MAX_CAMERAS) {
    throw new UsageError(`--cameras must be a whole number up to ${MAX_CAMERAS}.`);
  }
  return {
    mode,
    runs,
    gigabytes: numberOf('--gb', values.gb) ?? GIGABYTES[mode],
    cameras,
    minutes: numberOf('--minutes', values.minutes) ?? 0,
    fps: numberOf('--fps', values.fps) ?? DEFAULT_FPS,
    json: values.json,
    out: values.out,
    dir: values.dir,
    cpuProfile: values['cpu-prof'],
    module: values.module,
    help: values.help ?? false,
  };
}

/**
 * @param {ReturnType<typeof parse>} values
 * @returns {Mode}
 */
function modeOf({ quick, ci, minutes, cameras, fps }) {
  const asked = [quick === true && '--quick', ci === true && '--ci', minutes !== undefined && '--minutes'].filter(
    Boolean,
  );
  if (asked.length > 1) throw new UsageError(`${asked.join(' and ')} exclude each other.`);
  if (minutes === undefined && (cameras ?? fps) !== undefined) {
    throw new UsageError('--cameras and --fps need --minutes: how long to hold them.');
  }
  if (minutes !== undefined) return 'hold';
  if (ci === true) return 'ci';
  return quick === true ? 'quick' : 'full';
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
        ci: { type: 'boolean' },
        minutes: { type: 'string' },
        cameras: { type: 'string' },
        fps: { type: 'string' },
        json: { type: 'string' },
        out: { type: 'string' },
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
