/** What a check found, in the words of the doctor. */

/** From harmless to hopeless. `unknown`: the source is absent, which counts as nothing. */
export const LEVELS = ['unknown', 'ok', 'note', 'warn', 'fail'] as const;
export type Level = (typeof LEVELS)[number];

export interface Finding {
  readonly level: Level;
  /** One sentence. */
  readonly message: string;
  /** What to do, one sentence; '' where there is nothing to do. */
  readonly advice: string;
  /** Figures for programs. */
  readonly facts: Facts;
}

export type Facts = Readonly<Record<string, string | number | boolean | null>>;

export function ok(message: string, facts: Facts = {}): Finding {
  return { level: 'ok', message, advice: '', facts };
}

export function unknown(message: string, facts: Facts = {}): Finding {
  return { level: 'unknown', message, advice: '', facts };
}

export function note(message: string, advice: string, facts: Facts = {}): Finding {
  return { level: 'note', message, advice, facts };
}

export function warn(message: string, advice: string, facts: Facts = {}): Finding {
  return { level: 'warn', message, advice, facts };
}

export function fail(message: string, advice: string, facts: Facts = {}): Finding {
  return { level: 'fail', message, advice, facts };
}

/** The finding of a figure by its limits, the highest one first. */
export function byLimit(
  value: number,
  limits: readonly (readonly [limit: number, level: 'note' | 'warn' | 'fail'])[],
): Level {
  return limits.find(([limit]) => value >= limit)?.[1] ?? 'ok';
}
