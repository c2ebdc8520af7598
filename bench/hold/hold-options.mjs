// @ts-check
import { UsageError, numberOf, parseUsage, wholeNumberOf } from '../usage.mjs';

/** @typedef {'cameras' | 'together' | 'pair' | 'day' | 'page' | 'viewers' | 'verify'} Choice */

/**
 * @typedef {object} HoldOptions
 * @property {readonly Choice[]} choices what is run, in this order
 * @property {number} cameras of `cameras`
 * @property {number} minutes of `cameras`
 * @property {number} fps of a camera of `cameras`
 * @property {import('./hold-together.mjs').TogetherOptions} together
 * @property {import('./hold-pair.mjs').PairOptions} pair
 * @property {import('./hold-page.mjs').PageOptions} page
 * @property {import('./hold-viewers.mjs').ViewersOptions} viewers
 * @property {{ rounds: number }} verify
 * @property {string | undefined} hours of small frames, `undefined`: as the script has it; 0 leaves them out
 * @property {string | undefined} gigabytes of large frames, likewise
 * @property {string | undefined} dir place to record to; `undefined`: the system's temporary folder
 * @property {string | undefined} out folder for the results of cameras; `undefined`: the project's
 * @property {string | undefined} json file for the results of cameras
 * @property {string | undefined} cpuProfile folder for V8 profiles of the module's process
 * @property {string | undefined} module the built module's main script
 * @property {boolean} help
 */

export const HOLD_HELP = `Usage: npm run hold -- [cameras] [together] [pair] [day] [page] [viewers] [verify] [options]

Runs of minutes: what shows only with time. Without a choice: all of them, some 50 minutes.

  cameras        cameras at their rate for minutes: what they cost, lose and how late they are. Writes
                 bench/results/hold.json, hold.md and a plot
  --cameras N    how many (default 2)
  --minutes N    how long (default 10)
  --fps N        frames a second of each (default 60)
  --out DIR      write the results there
  --json FILE    write all figures as JSON there
  --cpu-prof DIR write V8 profiles of the module there (slows it: no figure of such a run counts)

  together       virtual cameras in one process for minutes: nothing lost, files as told. Before that 1, 2 and all of
                 them in rounds: a further camera costs what the first one does, or the exit code is 1
  --cameras N    how many (default 4)
  --minutes N    how long (default 10; some 3 GB a minute are needed)
  --fps N        frames a second of each (default 60)
  --rounds N     of 1, 2 and all cameras, 15 s each (default 3); 0: none
  --size WxH     of a frame (default: the widest view)

  pair           two virtual cameras; the capture process of one is killed, and it comes back and records on. The other
                 one is whole, and both together account for every frame, or the exit code is 1
  --seconds N    how long (default 60)
  --kill-after N seconds (default: a third of the time)
  --fps N        frames a second of each (default 30)
  --processes N  1: one for both; 2: one for each, with one session directory (default: first 1, then 2)
  --size WxH     of a frame (default: the widest view)

  day            24 hours of small frames, and more than 100 GB of large ones, faster than real time: what their length
                 costs, and whether ffprobe, ffmpeg, OpenCV and GStreamer open and seek. Needs ffmpeg
  --hours N      of small frames at 30 a second (default 24; some 0.7 GB are needed twice); 0: none
  --gigabytes N  of large frames, sparse (default 105; some 0.5 GB on a disk that knows holes); 0: none

  page           the monitor's page in Chromium, with cameras that record: the browser's memory stays, pictures keep
                 coming, and the page makes no mistake, or the exit code is 1. Needs chromium
  --cameras N    how many (default 4)
  --minutes N    how long (default 10)
  --fps N        frames a second of each (default 15)
  --size WxH     of a frame (default 640x480)

  viewers        two cameras record while 5 honest viewers look, first alone, then among 88 hostile clients; then the
                 monitor's thread is ended. No frame is lost, nobody waits for long, or the exit code is 1
  --seconds N    how long, each of the two (default 30)
  --fps N        frames a second of each (default 60)
  --size WxH     of a frame (default 640x480)

  verify         csi-cameras verify of 2 GB and of 2.6 million frames, made at once: its time against that of cat, and its
                 memory, are within their limits, or the exit code is 1. Some 4 GB are needed
  --rounds N     of cat and verify in turns (default 9)

  --dir DIR      record there (default: the system's temporary folder)
  --module FILE  main script of the built module (default: dist/cli/main.js); not for day
  --help

Examples:
  npm run hold
  npm run hold -- cameras --cameras 4 --minutes 30 --dir /mnt/ssd
  npm run hold -- together --minutes 1 --rounds 1 --size 640x480
  npm run hold -- pair --seconds 10 --processes 2
  npm run hold -- day --hours 66 --gigabytes 0
  npm run hold -- page viewers

Exit codes: 0 measured and whole, 1 something failed or is not as it should be, 2 wrong usage.
docs/bench.md says what the figures mean.
`;

/** @type {readonly Choice[]} */
const CHOICES = ['cameras', 'together', 'pair', 'day', 'page', 'viewers', 'verify'];
const DEFAULTS = {
  cameras: { cameras: 2, minutes: 10, fps: 60 },
  together: { cameras: 4, minutes: 10, fps: 60, rounds: 3 },
  pair: { seconds: 60, fps: 30 },
  page: { cameras: 4, minutes: 10, fps: 15 },
  viewers: { seconds: 30, fps: 60 },
  verify: { rounds: 9 },
};
const MAX_CAMERAS = 16;
/** Which options a choice knows, besides those that all of them do. @type {Readonly<Record<Choice, readonly string[]>>} */
const OWN = {
  cameras: ['cameras', 'minutes', 'fps', 'out', 'json', 'cpu-prof', 'module'],
  together: ['cameras', 'minutes', 'fps', 'rounds', 'size', 'module'],
  pair: ['seconds', 'kill-after', 'fps', 'processes', 'size', 'module'],
  day: ['hours', 'gigabytes'],
  page: ['cameras', 'minutes', 'fps', 'size', 'module'],
  viewers: ['seconds', 'fps', 'size', 'module'],
  verify: ['rounds', 'module'],
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
  refuseStray(Object.keys(values), choices);
  const cameras = wholeNumberOf('--cameras', values.cameras);
  if (cameras !== undefined && cameras > MAX_CAMERAS) {
    throw new UsageError(`--cameras must be a whole number up to ${MAX_CAMERAS}.`);
  }
  const [minutes, fps, size] = [
    numberOf('--minutes', values.minutes),
    numberOf('--fps', values.fps),
    sizeOf(values.size),
  ];
  return {
    choices,
    cameras: cameras ?? DEFAULTS.cameras.cameras,
    minutes: minutes ?? DEFAULTS.cameras.minutes,
    fps: fps ?? DEFAULTS.cameras.fps,
    together: {
      cameras: cameras ?? DEFAULTS.together.cameras,
      minutes: minutes ?? DEFAULTS.together.minutes,
      fps: fps ?? DEFAULTS.together.fps,
      rounds: values.rounds === '0' ? 0 : (wholeNumberOf('--rounds', values.rounds) ?? DEFAULTS.together.rounds),
      size,
    },
    pair: { ...pairOf(values), fps: fps ?? DEFAULTS.pair.fps, size },
    page: {
      cameras: cameras ?? DEFAULTS.page.cameras,
      minutes: minutes ?? DEFAULTS.page.minutes,
      fps: fps ?? DEFAULTS.page.fps,
      size,
    },
    viewers: {
      seconds: numberOf('--seconds', values.seconds) ?? DEFAULTS.viewers.seconds,
      fps: fps ?? DEFAULTS.viewers.fps,
      size,
    },
    verify: {
      rounds: (values.rounds === '0' ? undefined : wholeNumberOf('--rounds', values.rounds)) ?? DEFAULTS.verify.rounds,
    },
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

/** @param {readonly string[]} names @param {readonly Choice[]} choices */
function refuseStray(names, choices) {
  for (const name of names) {
    const owners = CHOICES.filter((choice) => OWN[choice].includes(name));
    if (owners.length === 0 || owners.some((owner) => choices.includes(owner))) continue;
    throw new UsageError(`--${name} is for ${owners.join(' or ')}, which is not asked for.`);
  }
}

/** @param {ReturnType<typeof parse>['values']} values */
function pairOf(values) {
  const seconds = numberOf('--seconds', values.seconds) ?? DEFAULTS.pair.seconds;
  const killAfter = numberOf('--kill-after', values['kill-after']) ?? seconds / 3;
  if (killAfter >= seconds) throw new UsageError('--kill-after must be less than --seconds.');
  const processes = values.processes;
  if (processes !== undefined && processes !== '1' && processes !== '2') {
    throw new UsageError('--processes must be 1 or 2.');
  }
  /** @type {Readonly<Record<'1' | '2' | 'both', readonly (1 | 2)[]>>} */
  const counts = { 1: [1], 2: [2], both: [1, 2] };
  return { seconds, killAfter, processes: counts[processes ?? 'both'] };
}

/** @param {string | undefined} text */
function sizeOf(text) {
  if (text === undefined) return undefined;
  const [, width, height] = /^(\d+)x(\d+)$/.exec(text) ?? [];
  if (width === undefined || height === undefined) throw new UsageError('--size must be like 640x480.');
  return { width: Number(width), height: Number(height) };
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
      rounds: { type: 'string' },
      size: { type: 'string' },
      seconds: { type: 'string' },
      'kill-after': { type: 'string' },
      processes: { type: 'string' },
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
