import type * as fc from 'fast-check';

/**
 * How a property runs. Always with the same seed, so that a gate that was green stays green; `FC_SEED` and `FC_RUNS` in the
 * environment vary it (`FC_SEED=random`: another one each time). A failure prints its seed and the path to the shrunk counterexample.
 */
export function runParameters(runs: number): Pick<fc.Parameters<unknown>, 'seed' | 'numRuns' | 'endOnFailure'> {
  const seed = process.env['FC_SEED'] ?? '20260106';
  return {
    ...(seed === 'random' ? {} : { seed: Number(seed) }),
    numRuns: Number(process.env['FC_RUNS'] ?? runs),
    endOnFailure: process.env['FC_SHRINK'] === '0',
  };
}
