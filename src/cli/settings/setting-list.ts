import { printable } from '../../core/safe-text.js';

/** Settings as a person writes them: `gain 2, exposureTimeUs 5000`. */
export function listOf(settings: object): string {
  return printable(
    Object.entries(settings)
      .map(([name, value]) => `${name} ${String(value)}`)
      .join(', '),
  );
}
