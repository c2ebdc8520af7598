export interface BackoffSettings {
  readonly firstDelayMs: number;
  readonly factor: number;
  readonly maxDelayMs: number;
}

/**
 * Delay before attempt `attempt` (from 1), ms. It grows exponentially up to `maxDelayMs`. Jitter keeps several
 * modules that lost the same bus from returning in step. `random` returns 0 to 1; the delay is 75 % to 100 % of the
 * nominal one, so the first attempt never comes later than its nominal time.
 */
export function backoffDelayMs(settings: BackoffSettings, attempt: number, random: () => number): number {
  const nominal = Math.min(settings.maxDelayMs, settings.firstDelayMs * settings.factor ** (attempt - 1));
  return Math.round(nominal * (0.75 + 0.25 * random()));
}
