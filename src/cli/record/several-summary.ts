import { existsSync } from 'node:fs';
import { formatTime } from '../progress.js';
import type { Apart, Offset } from './offsets.js';
import { howToLook, linesOfTakes, type IsThere, type Take } from './summary.js';

/** The summary of a recording from several cameras, for a person. */

/** A camera and what was recorded from it. */
export interface CameraTakes {
  readonly deviceId: string;
  /** In words. */
  readonly view: string;
  readonly takes: readonly Take[];
}

/** Each camera's own summary, then how far apart they were, then commands to look at the first video. */
export function summaryOfSeveral(
  cameras: readonly CameraTakes[],
  offsets: readonly Offset[],
  isThere: IsThere = existsSync,
): string {
  const own = cameras.map(({ deviceId, takes, view }) =>
    takes.length === 0 ? `${deviceId}  Recorded nothing\n` : linesOfTakes(takes, view, isThere, deviceId),
  );
  const look = howToLook(
    cameras.flatMap(({ takes }) => takes),
    isThere,
  );
  // Of a camera without a frame nothing is told to which others could be compared.
  const first = cameras.find(({ takes }) => takes.length > 0)?.deviceId ?? '';
  return [...own, linesOfOffsets(first, offsets), look].filter((text) => text !== '').join('\n');
}

/** `first`: the camera from which the others' offsets are counted. */
function linesOfOffsets(first: string, offsets: readonly Offset[]): string {
  if (offsets.length === 0) return '';
  const width = Math.max(...offsets.map(({ deviceId }) => deviceId.length));
  const lines = offsets.map(({ deviceId, apart, beginsAfterNs }) => {
    const begins =
      beginsAfterNs === undefined ? '' : `  ${' '.repeat(width)}  ${beginningText(beginsAfterNs, first)}\n`;
    return `  ${deviceId.padEnd(width)}  ${typeof apart === 'string' ? `not known: ${apart}` : apartText(apart)}\n${begins}`;
  });
  return `Offset of each frame from the nearest frame of ${first}, by sensor time (negative: earlier):\n${lines.join('')}`;
}

function apartText({ medianNs, quartilesNs, extremesNs, resolutionNs, pairs, comparedNs }: Apart): string {
  const ms = (ns: number): string => signedMs(ns, resolutionNs);
  const compared = comparedNs === undefined ? '' : ` in the first ${formatTime(comparedNs / 1e9)}; more takes too long`;
  const count = pairs === 1 ? '1 pair of frames' : `${pairs} pairs of frames`;
  const [quartiles, extremes] = [quartilesNs, extremesNs].map(([lower, upper]) => `${ms(lower)} and ${ms(upper)} ms`);
  return `median ${ms(medianNs)} ms, quartiles ${quartiles}, extremes ${extremes} (${count}${compared})`;
}

/** Milliseconds with as many decimals as they mean, at most three. */
function signedMs(ns: number, resolutionNs: number): string {
  const decimals = Math.min(3, Math.max(0, Math.floor(6 - Math.log10(resolutionNs))));
  const text = (ns / 1e6).toFixed(decimals);
  return Number(text) === 0 ? text.replace('-', '') : text;
}

function beginningText(afterNs: number, first: string): string {
  const ms = (Math.abs(afterNs) / 1e6).toFixed(1);
  if (Number(ms) === 0) return `first frame together with that of ${first}`;
  const duration = Number(ms) < 1000 ? `${ms} ms` : `${(Number(ms) / 1000).toFixed(2)} s`;
  return `first frame ${duration} ${afterNs < 0 ? 'before' : 'after'} that of ${first}`;
}
