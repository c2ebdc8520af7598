/** What was held at one moment, always at the same point of a cycle: the camera streams, nothing is recorded. */
export interface Sample {
  /** Frames recorded until then. */
  readonly frames: number;
  readonly elapsedS: number;
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

export type Measure = Exclude<keyof Sample, 'frames' | 'elapsedS'>;

export interface Judgement {
  readonly measure: Measure;
  readonly title: string;
  readonly unit: 'MB' | '';
  /** At the end of the warm-up and at the end: by the trend line, or the lowest count of the first and the last third. */
  readonly from: number;
  readonly to: number;
  readonly growthPercent: number;
  readonly rule: string;
  /** `null`: shown, not judged. */
  readonly ok: boolean | null;
}

/** Fewer say nothing about a slope. */
const MIN_SAMPLES = 12;
const MIB = 2 ** 20;

export interface Rules {
  /** Of heap and RSS after warm-up, percent; the spec's is 5. */
  readonly maxGrowth: number;
  /** The share of the run's time that is not judged, 0 to 1. */
  readonly warmUp: number;
}

export function afterWarmUp(samples: readonly Sample[], warmUp: number): readonly Sample[] {
  const end = samples.at(-1)?.elapsedS ?? 0;
  return samples.filter(({ elapsedS }) => elapsedS > end * warmUp);
}

/** Throws where there are too few samples to judge. */
export function judge(samples: readonly Sample[], { maxGrowth, warmUp }: Rules): readonly Judgement[] {
  const rest = afterWarmUp(samples, warmUp);
  if (rest.length < MIN_SAMPLES)
    throw new Error(`${rest.length} samples after warm-up are too few: ${MIN_SAMPLES} at least.`);
  return [
    trend(rest, 'heapData', 'heap without code', maxGrowth),
    // V8 goes on compiling what becomes hot, the rarer the later: that levels off over hours, not within a fast run.
    trend(rest, 'heapUsed', 'heap with code', null),
    trend(rest, 'rss', 'resident set', maxGrowth),
    // Slabs in flight: how many there are depends on the moment. What leaks of them shows in the resident set.
    trend(rest, 'arrayBuffers', 'buffers', null),
    constancy(rest, 'descriptors', 'open files'),
    constancy(rest, 'children', 'children'),
    constancy(rest, 'timers', 'timers'),
    constancy(rest, 'handles', 'other handles'),
  ];
}

/** Least squares over the frames: what the trend adds from the first sample to the last, against the mean level. */
function trend(rest: readonly Sample[], measure: Measure, title: string, maxGrowth: number | null): Judgement {
  const { at } = trendLine(rest, measure);
  const from = at(rest[0]?.elapsedS ?? 0);
  const to = at(rest.at(-1)?.elapsedS ?? 0);
  const growthPercent = (100 * (to - from)) / mean(rest.map((sample) => sample[measure]));
  return {
    measure,
    title,
    unit: 'MB',
    from: from / MIB,
    to: to / MIB,
    growthPercent,
    rule: maxGrowth === null ? 'shown only' : `under ${maxGrowth} %`,
    ok: maxGrowth === null ? null : growthPercent < maxGrowth,
  };
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
  return { measure, title, unit: '', from, to, growthPercent, rule: 'constant', ok: to <= from };
}

/** The straight line of least squares through a measure, over the run's seconds. */
export function trendLine(samples: readonly Sample[], measure: Measure): { readonly at: (elapsedS: number) => number } {
  const meanX = mean(samples.map(({ elapsedS }) => elapsedS));
  const meanY = mean(samples.map((sample) => sample[measure]));
  let covariance = 0;
  let variance = 0;
  for (const sample of samples) {
    covariance += (sample.elapsedS - meanX) * (sample[measure] - meanY);
    variance += (sample.elapsedS - meanX) ** 2;
  }
  const slope = variance === 0 ? 0 : covariance / variance;
  return { at: (elapsedS) => meanY + slope * (elapsedS - meanX) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
