// @ts-check
import { UsageError, numberOf, parseUsage, wholeNumberOf } from '../usage.mjs';

/** @typedef {'cameras' | 'day'} Choice */

/**
 * @typedef {object} HoldOptions
 * @property {readonly Choice[]} choices what is run, in this order
 * @property {number} cameras
 * @property {number} minutes
 * @property {number} fps of a camera
 * @property {string | undefined} hours of small frames, `undefined`: as the script has it; 0 leaves them out
 * @property {string | undefined} gigabytes of large frames, likewise
 * @property {string | undefined} dir place to record to; `undefined`: the system's temporary folder
 * @property {string | undefined} out folder for the results of cameras; `undefined`: the project's
 * @property {string | undefined} json file for the results of cameras
 * @property {string | undefined} cpuProfile folder for V8 profiles of the module's process
 * @property {string | undefined} module the built module's main script
 * @property {boolean} help
 */

export const HOLD_HELP = `Usage: npm run hold -- [cameras] [day] [options]

Runs of minutes: what shows only with time. Without a choice: all of them, a quarter of an hour.

  cameras        cameras at their rate for minutes: what they cost, lose and how late they are. Writes
                 bench/results/hold.json, hold.md and a plot
  --cameras N    how many (default 2)
  --minutes N    how long (default 10)
  --fps N        frames a second of each (default 60)
  --out DIR      write the results there
  --json FILE    write all figures as JSON there
  --cpu-prof DIR write V8 profiles of the module there (slows it: no figure of such a run counts)
  --module FILE  main script of the built module (default: dist/cli/main.js)

  day            24 hours of small frames, and more than 100 GB of large ones, faster than real time: what their length
                 costs, and whether ffprobe, ffmpeg, OpenCV and GStreamer open and seek. Needs ffmpeg
  --hours N      of small frames at 30 a second (default 24; some 0.7 GB are needed twice); 0: none
  --gigabytes N  of large frames, sparse (default 105; some 0.5 GB on a disk that knows holes); 0: none

  --dir DIR      record there (default: the system's temporary folder)
  --help

Examples:
  npm run hold
  npm run hold -- cameras --cameras 4 --minutes 30 --dir /mnt/ssd
  npm run hold -- day --hours 66 --gigabytes 0

Exit codes: 0 measured, 1 something failed, 2 wrong usage.
docs/bench.md says what the figures mean.
`;

/** @type {readonly Choice[]} */
const CHOICES = ['cameras', 'day'];
const DEFAULTS = { cameras: 2, minutes: 10, fps: 60 };
const MAX_CAMERAS = 16;
/** Which options speak of one choice alone. @type {Readonly<Record<Choice, readonly string[]>>} */
const OWN = {
  cameras: ['cameras', 'minutes', 'fps', 'out', 'json', 'cpu-prof', 'module'],
  day: ['hours', 'gigabytes'],
};

/**
 * @param {string[]} args
 * @returns {HoldOptions}
 */
export function readHoldOptions(args) {
  const { values, positionals } = parse(args);
  const unknown = positionals.find((word) => !CHOICES.some((choice) => choice === word));
  if (unknown !== undefined) throw new UsageError(`${unknown} is not something to hold: ${CHOICES.join(', ')}.`);
  const choices = positionals.length === 0 ? CHOICES : CHOICES.filter((choice) => positionals.includes(choice));
  for (const choice of CHOICES.filter((one) => !choices.includes(one))) {
    const stray = OWN[choice].find((name) => name in values);
    if (stray !== undefined) throw new UsageError(`--${stray} is for ${choice}, which is not asked for.`);
  }
  const cameras = wholeNumberOf('--cameras', values.cameras) ?? DEFAULTS.cameras;
  if (cameras > MAX_CAMERAS) throw new UsageError(`--cameras must be a whole number up to ${MAX_CAMERAS}.`);
  return {
    choices,
    cameras,
    minutes: numberOf('--minutes', values.minutes) ?? DEFAULTS.minutes,
    fps: numberOf('--fps', values.fps) ?? DEFAULTS.fps,
    hours: amountOf('--hours', values.hours),
    gigabytes: amountOf('--gigabytes', values.gigabytes),
    dir: values.dir,
    out: values.out,
    json: values.json,
    cpuProfile: values['cpu-prof'],
    module: values.module,
    help: values.help ?? false,
  };
}

/** @param {string} name @param {string | undefined} text @returns {string | undefined} */
function amountOf(name, text) {
  if (text !== '0') numberOf(name, text);
  return text;
}

/** @param {string[]} args */
function parse(args) {
  return parseUsage({
    args,
    strict: true,
    allowPositionals: true,
    options: {
      cameras: { type: 'string' },
      minutes: { type: 'string' },
      fps: { type: 'string' },
      hours: { type: 'string' },
      gigabytes: { type: 'string' },
      dir: { type: 'string' },
      out: { type: 'string' },
      json: { type: 'string' },
      'cpu-prof': { type: 'string' },
      module: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
}
