import { printable } from '../core/safe-text.js';
import type { StatusData, StatusMessage } from '../protocol/statuses.js';
import { FailedAttempts, LineLimits } from './repeated-lines.js';

/**
 * What a host's user must see, as plain lines for stderr: `recording_error`, `device_error`, `command_nack` and `warning`.
 * Hosts in the field show their user every line on stderr, and of the statuses none of these. This file decides which lines;
 * it writes nothing.
 */

const HOUR_MS = 3_600_000;
/** Most lines an hour that differ in nothing but figures. Warnings are repeated by themselves; errors mostly answer somebody. */
const WARNINGS_AN_HOUR = 1;
const ERRORS_AN_HOUR = 5;
/** Most lines an hour of all kinds. */
const LINES_AN_HOUR = 100;
/** Longest sentence, characters. */
const MAX_SENTENCE = 1000;

interface Trouble {
  readonly word: 'error' | 'warning';
  readonly code: string;
  readonly deviceId: string | undefined;
  readonly sentence: string;
  /** Of lines with the same code, device and text here, so many an hour are shown. */
  readonly sameness: string;
  readonly linesAnHour: number;
}

/**
 * Chooses the lines, so that nobody is flooded. Of a camera's repeated attempts it shows the first, each change of code, and
 * then one an hour, with how many were not shown.
 */
export class PlainLines {
  readonly #attempts = new FailedAttempts();
  readonly #limits = new LineLimits(HOUR_MS, LINES_AN_HOUR);

  /** The line for this status, without a newline, or `undefined`. `nowMs`: monotonic, never earlier than the last one. */
  lineFor(message: StatusMessage, nowMs: number): string | undefined {
    this.#attempts.hear(message);
    const trouble = this.#troubleOf(message);
    if (trouble === undefined) return undefined;
    const { word, code, deviceId, sentence, sameness, linesAnHour } = trouble;
    const more = this.#limits.oneMore(`${code} ${deviceId} ${sameness}`, linesAnHour, nowMs);
    if (more === undefined) return undefined;
    const device = deviceId === undefined ? '' : `${deviceId}: `;
    return printable(`${word}: ${device}${code}: ${sentence.slice(0, MAX_SENTENCE)}${more}`);
  }

  #troubleOf(message: StatusMessage): Trouble | undefined {
    const { status, data } = message;
    if (status === 'recording_error') return errorOf(data.code, data.device_id ?? undefined, data.error);
    if (status === 'command_nack') return errorOf(data.code, undefined, data.error);
    if (status === 'device_error') return this.#deviceTrouble(data);
    if (status !== 'warning') return undefined;
    const { code, device_id: deviceId, message: sentence } = data;
    return { ...troubleOf('warning', code, deviceId, sentence), linesAnHour: WARNINGS_AN_HOUR };
  }

  #deviceTrouble(data: StatusData<'device_error'>): Trouble {
    const { device_id: deviceId, code, error, retry_in_ms: retryInMs } = data;
    if (retryInMs === undefined) return errorOf(code, deviceId, error);
    const isRepeated = this.#attempts.isRepeated(data);
    const sentence = `${error} The next attempt is in ${(retryInMs / 1000).toFixed(1)} s.`;
    // The tool's own words differ from attempt to attempt.
    const trouble = { ...errorOf(code, deviceId, sentence), sameness: 'attempt' };
    return isRepeated ? { ...trouble, linesAnHour: 1 } : trouble;
  }
}

function errorOf(code: string, deviceId: string | undefined, sentence: string): Trouble {
  return troubleOf('error', code, deviceId, sentence);
}

function troubleOf(word: Trouble['word'], code: string, deviceId: string | undefined, sentence: string): Trouble {
  const sameness = sentence.replaceAll(/\d+/g, '0');
  return { word, code, deviceId, sentence, sameness, linesAnHour: ERRORS_AN_HOUR };
}
