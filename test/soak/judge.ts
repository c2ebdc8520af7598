import { growthOf, type Verdict } from './growth.js';

/** What was held at one moment, always at the same point of a cycle: the camera streams, nothing is recorded. */
export interface Sample {
  /** Frames recorded until then. */
  readonly frames: number;
  readonly elapsedS: number;
  /** How much of a day has gone by: of its frames, or of its hours where frames come in real time. */
  readonly days: number;
  /** Bytes, after a garbage collection: all of V8's heap. */
  readonly heapUsed: number;
  /** The same without compiled code. */
  readonly heapData: number;
  /** Bytes, outside of V8's heap. */
  readonly arrayBuffers: number;
  /** Bytes; by /proc. */
  readonly rss: number;
  readonly descriptors: number;
  readonly children: number;
  readonly timers: number;
  readonly handles: number;
}

export type Measure = Exclude<keyof Sample, 'frames' | 'elapsedS' | 'days'>;

export interface Judgement {
  readonly measure: Measure;
  readonly title: string;
  readonly unit: 'MB' | '';
  /** At the end of the warm-up and at the end: by the trend line, or the lowest count of the first and the last third. */
  readonly from: number;
  readonly to: number;
  /** Memory: percent a day. Counts: percent of the first lowest count. */
  readonly growthPercent: number;
  /** Memory: half of the 95 % interval; `null`: not known. Counts: `null`. */
  readonly errorPercent: number | null;
  readonly rule: string;
  /** `null`: shown, not judged. */
  readonly verdict: Verdict | null;
  /** `too short to tell`: how many times longer a run would tell. */
  readonly timesLonger: number | null;
}

/** Fewer say nothing about counts. */
const MIN_SAMPLES = 12;
const MIB = 2 ** 20;

export interface Rules {
  /** Of heap and RSS in a day, percent; the spec's is 5. */
  readonly maxGrowth: number;
  /** The share of the samples that is not judged, 0 to 1. */
  readonly warmUp: number;
  /** So many samples are taken in one round of what happens. */
  readonly round: number;
}

/** By count: a machine that stands still for a while does not change what is judged. */
export function afterWarmUp(samples: readonly Sample[], warmUp: number): readonly Sample[] {
  return samples.slice(Math.ceil(samples.length * warmUp));
}

/** Throws where there are too few samples to judge. */
export function judge(samples: readonly Sample[], rules: Rules): readonly Judgement[] {
  const rest = afterWarmUp(samples, rules.warmUp);
  if (rest.length < MIN_SAMPLES)
    throw new Error(`${rest.length} samples after warm-up are too few: ${MIN_SAMPLES} at least.`);
  return [
    memory(rest, 'heapData', 'heap without code', rules),
    // V8 goes on compiling what becomes hot, the rarer the later: that levels off over hours, not within a fast run.
    shownOnly(memory(rest, 'heapUsed', 'heap with code', rules)),
    memory(rest, 'rss', 'resident set', rules),
    // Slabs in flight: how many there are depends on the moment. What leaks of them shows in the resident set.
    shownOnly(memory(rest, 'arrayBuffers', 'buffers', rules)),
    constancy(rest, 'descriptors', 'open files'),
    constancy(rest, 'children', 'children'),
    constancy(rest, 'timers', 'timers'),
    constancy(rest, 'handles', 'other handles'),
  ];
}

function memory(rest: readonly Sample[], measure: Measure, title: string, { maxGrowth, round }: Rules): Judgement {
  const points = rest.map((sample) => ({ days: sample.days, held: sample[measure] / MIB }));
  const { percentADay, ...growth } = growthOf(points, { maxPercent: maxGrowth, round });
  return { measure, title, unit: 'MB', ...growth, growthPercent: percentADay, rule: `under ${maxGrowth} % a day` };
}

function shownOnly(judgement: Judgement): Judgement {
  return { ...judgement, rule: 'shown only', verdict: null, timesLonger: null };
}

/**
 * A count may be higher for a moment (a log being rotated, a write in flight), but what is held for good raises the
 * lowest count too: it must be no higher in the last third than in the first.
 */
function constancy(rest: readonly Sample[], measure: Measure, title: string): Judgement {
  const counts = rest.map((sample) => sample[measure]);
  const third = Math.ceil(counts.length / 3);
  const from = Math.min(...counts.slice(0, third));
  const to = Math.min(...counts.slice(-third));
  const growthPercent = from === 0 ? 100 * to : (100 * (to - from)) / from;
  const verdict = to > from ? 'growing' : 'not growing';
  const unknown = { errorPercent: null, timesLonger: null };
  return { measure, title, unit: '', from, to, growthPercent, ...unknown, rule: 'constant', verdict };
}
