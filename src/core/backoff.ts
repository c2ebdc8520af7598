export interface BackoffSettings {
  readonly firstDelayMs: number;
  readonly factor: number;
  readonly maxDelayMs: number;
}

/**
 * Delay before attempt `attempt` (from 1), ms: exponential, at most `maxDelayMs`, with jitter so that several
 * modules that lost the same bus do not come back in step. `random` gives 0 to 1; the delay is 75 % to 100 %
 * of the nominal one, so that the first comes within its nominal time.
 */
export function backoffDelayMs(settings: BackoffSettings, attempt: number, random: () => number): number {
  const nominal = Math.min(settings.maxDelayMs, settings.firstDelayMs * settings.factor ** (attempt - 1));
  return Math.round(nominal * (0.75 + 0.25 * random()));
}
