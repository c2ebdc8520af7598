/** Lengths of time as rpicam-apps reads them: a number, and a unit if it is not the option's own. */
import { ToolError } from '../tool-error.js';

const UNITS_IN_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  ms: 1,
  s: 1000,
  sec: 1000,
  min: 60_000,
  h: 3_600_000,
  hr: 3_600_000,
};

/** Milliseconds. `ownUnit`: the unit of a plain number. Throws a `ToolError`. */
export function parseTimeMs(text: string, ownUnit: 'ms' | 'us'): number {
  const match = /^(\d+(?:\.\d*)?)([a-z]*)$/u.exec(text);
  const unit = UNITS_IN_MS[match?.[2] || ownUnit];
  if (!match || unit === undefined) throw new ToolError('Invalid time string provided');
  return Number(match[1]) * unit;
}
