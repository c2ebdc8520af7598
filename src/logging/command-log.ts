import type { CommandLogLine } from './log-sink.js';
import { jsonWithin, toPlainRecord } from './plain-value.js';

/** Converts milliseconds since 1970 into the logs' `ts`: seconds with three decimals, a JSON number. */
export function logTime(wallMs: number): string {
  return (wallMs / 1000).toFixed(3);
}

/**
 * A line of `commands.jsonl`, without its newline: `ts`, then the fields in the caller's order. A line longer than
 * `maxBytes` is cut and says so.
 */
export function commandLine(line: CommandLogLine, wallMs: number, maxBytes: number): string {
  const start = `{"ts":${logTime(wallMs)}`;
  const { ts: _ours, ...fields } = toPlainRecord(line);
  const rest = jsonWithin(fields, maxBytes - start.length);
  return rest === '{}' ? `${start}}` : `${start},${rest.slice(1)}`;
}
