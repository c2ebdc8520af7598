import type { Judgement } from './judge.js';

/** What a run as a whole comes to. */
export interface Outcome {
  readonly kind: 'pass' | 'no proof' | 'fail';
  readonly sentence: string;
}

export interface RunLength {
  readonly count: number;
  readonly unit: 'frames' | 'minutes';
}

const EXIT_CODES = { pass: 0, 'no proof': 0, fail: 1 } as const;
const NO_PROOF = 3;

/** `isStrict`: only a proof will do. */
export function exitCodeOf({ kind }: Outcome, isStrict: boolean): number {
  return isStrict && kind === 'no proof' ? NO_PROOF : EXIT_CODES[kind];
}

/** `problems`: what went wrong apart from growth. `length`: of the run that was judged. */
export function outcomeOf(problems: readonly string[], judgements: readonly Judgement[], length: RunLength): Outcome {
  const growing = judgements.filter(({ verdict }) => verdict === 'growing');
  if (growing.length > 0) return { kind: 'fail', sentence: `FAIL: growing: ${titles(growing)}.` };
  if (problems.length > 0) return { kind: 'fail', sentence: 'FAIL: see the problems above.' };
  const open = judgements.filter(({ verdict }) => verdict === 'too short to tell');
  if (open.length === 0) return { kind: 'pass', sentence: 'PASS: nothing grows, every frame is accounted for.' };
  const times = Math.max(...open.map(({ timesLonger }) => timesLonger ?? 1));
  const needed = rounded(length.count * times).toLocaleString('en-GB');
  return {
    kind: 'no proof',
    sentence:
      `NO PROOF: every frame is accounted for and nothing grows for sure, but the run is too short to tell of: ` +
      `${titles(open)}. A run of about ${needed} ${length.unit} would tell.`,
  };
}

function titles(judgements: readonly Judgement[]): string {
  return judgements.map(({ title }) => title).join(', ');
}

/** Upwards, to two figures: an estimate. */
function rounded(count: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(count)) - 1);
  return Math.ceil(count / step) * step;
}
