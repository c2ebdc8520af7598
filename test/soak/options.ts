import { parseArgs } from 'node:util';

/** Frames of 24 hours at 30 frames a second. */
export const DAY_OF_FRAMES = 2_592_000;

/** Seven rounds of what happens: five are left after the warm-up, and four can be judged. */
const FEWEST_CYCLES = 84;
/** A day has 60 rounds then: the mean of so many tells the resident set, which swings, to about 3 %. */
const FRAMES_PER_CYCLE = 3600;

export const USAGE = `Runs the built program for a day's worth of frames and judges whether it holds more and more of anything.

  npm run soak                             2,592,000 frames (24 h at 30 fps) of the virtual camera, faster than real time
  npm run soak -- --frames 100000          fewer
  npm run soak -- --minutes 1440           in real time, with the camera of this machine
  npm run soak -- --minutes 10 --simulate  in real time, with the virtual camera

  --cycles N     trials to spread the frames over (default: one for each 3600 frames or half minute, at least 84)
  --config FILE  configuration of the module (docs/configuration.md), over the soak's own
  --dir DIR      where sessions and logs go meanwhile (default: the system's temporary directory)
  --max-growth P how much heap and RSS may grow in a day after the warm-up, percent (default: 5)
  --warm-up S    share of the cycles that is not judged (default: 0.25)
  --strict       a run that is too short to tell ends with 3
  --json FILE    everything measured, for programs
  --plot FILE    a plot, SVG
  --leak WHAT    plant a leak (memory, frames, descriptors, timers, children) to see that it is noticed

Ctrl-C ends the run and judges what there is.
Exit codes:
  0 every frame is accounted for and nothing grows for sure: PASS is a proof; NO PROOF says how long a run would tell
  1 something grows, or something else went wrong
  2 wrong usage
  3 with --strict: no proof, the run is too short to tell`;

export const LEAKS = ['memory', 'frames', 'descriptors', 'timers', 'children'] as const;
export type Leak = (typeof LEAKS)[number];

export interface SoakOptions {
  /** Where it ends: after so many recorded frames, as fast as they come, or after so many minutes of a camera's own time. */
  readonly end: { readonly frames: number } | { readonly minutes: number };
  readonly isSimulated: boolean;
  readonly cycles: number;
  /** Of heap and RSS in a day, percent. */
  readonly maxGrowth: number;
  /** The share of the cycles that is not judged. */
  readonly warmUp: number;
  /** Without a proof it fails. */
  readonly isStrict: boolean;
  readonly config: string | undefined;
  readonly dir: string | undefined;
  readonly json: string | undefined;
  readonly plot: string | undefined;
  readonly leak: Leak | undefined;
}

/** Throws an `Error` with a sentence for whoever typed the line. `null`: help was asked for. */
export function readOptions(args: readonly string[]): SoakOptions | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      frames: { type: 'string' },
      minutes: { type: 'string' },
      simulate: { type: 'boolean', default: false },
      cycles: { type: 'string' },
      'max-growth': { type: 'string', default: '5' },
      'warm-up': { type: 'string', default: '0.25' },
      strict: { type: 'boolean', default: false },
      config: { type: 'string' },
      dir: { type: 'string' },
      json: { type: 'string' },
      plot: { type: 'string' },
      leak: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const { frames, minutes, cycles, config, dir, json, plot } = values;
  if (frames !== undefined && minutes !== undefined) throw new Error('Give --frames or --minutes, not both.');
  const leak = LEAKS.find((known) => known === values.leak);
  if (values.leak !== undefined && leak === undefined) throw new Error(`--leak is one of ${LEAKS.join(', ')}.`);
  const count = frames === undefined ? DAY_OF_FRAMES : positive('--frames', frames);
  const maxGrowth = positive('--max-growth', values['max-growth']);
  const warmUp = positive('--warm-up', values['warm-up']);
  if (warmUp >= 1) throw new Error('--warm-up is a share of the run, below 1.');
  const common = { maxGrowth, warmUp, isStrict: values.strict, config, dir, json, plot, leak };
  if (minutes !== undefined) {
    const end = { minutes: positive('--minutes', minutes) };
    // Two a minute in a long run: a trial lasts half a minute.
    const asked =
      cycles === undefined ? Math.max(FEWEST_CYCLES, Math.ceil(end.minutes * 2)) : positive('--cycles', cycles);
    return { ...common, end, isSimulated: values.simulate, cycles: asked };
  }
  const asked =
    cycles === undefined ? Math.max(FEWEST_CYCLES, Math.ceil(count / FRAMES_PER_CYCLE)) : positive('--cycles', cycles);
  return { ...common, end: { frames: count }, isSimulated: true, cycles: asked };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new Error(`${name} takes a number above 0.`);
  return value;
}
