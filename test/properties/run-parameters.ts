import type * as fc from 'fast-check';

/** The tests have a minute: what failed is told before that, though it might still be made smaller. */
const LIMIT_MS = 55_000;

type Given = Pick<
  fc.Parameters<unknown>,
  'seed' | 'numRuns' | 'endOnFailure' | 'interruptAfterTimeLimit' | 'markInterruptAsFailure'
>;

/**
 * How a property runs. Always with the same seed, so that a gate that was green stays green; `FC_SEED` and `FC_RUNS` in the
 * environment vary it (`FC_SEED=random`: another one each time). A failure prints its seed and the path to the shrunk counterexample.
 */
export function runParameters(runs: number): Given {
  const seed = process.env['FC_SEED'] ?? '20260106';
  return {
    ...(seed === 'random' ? {} : { seed: Number(seed) }),
    numRuns: Number(process.env['FC_RUNS'] ?? runs),
    endOnFailure: process.env['FC_SHRINK'] === '0',
    ...(process.env['FC_RUNS'] === undefined
      ? { interruptAfterTimeLimit: LIMIT_MS, markInterruptAsFailure: true }
      : {}),
  };
}
