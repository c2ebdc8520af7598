import { printable } from '../../core/safe-text.js';
import type { MonitorEvent } from '../view.js';
import { msBetween } from './durations.js';
import type { Sentence } from './sentences.js';

/** Events that are kept. */
export const MOST_EVENTS = 50;
/** Characters of a text. Errors of tools can be pages long, and all events are sent twice a second. */
const LONGEST_TEXT = 500;

interface Kept {
  readonly atNs: bigint;
  readonly sentence: Sentence;
  /** How often it came. */
  readonly times: number;
}

/** The last events, the newest first. What repeats itself is one event, so that it does not push out the others. */
export class EventList {
  #kept: readonly Kept[] = [];

  add(sentence: Sentence, atNs: bigint): void {
    const last = this.#kept.find(({ sentence: { deviceId } }) => deviceId === sentence.deviceId);
    const isRepeated = sentence.repeats !== undefined && last?.sentence.repeats === sentence.repeats;
    const others = isRepeated ? this.#kept.filter((event) => event !== last) : this.#kept;
    const times = isRepeated && last !== undefined ? last.times + 1 : 1;
    const text = shortened(printable(sentence.text));
    this.#kept = [{ atNs, sentence: { ...sentence, text }, times }, ...others].slice(0, MOST_EVENTS);
  }

  read(nowNs: bigint): MonitorEvent[] {
    return this.#kept.map(({ atNs, sentence: { level, deviceId, text }, times }) => ({
      ago_ms: msBetween(atNs, nowNs),
      level,
      device_id: deviceId,
      text: times === 1 ? text : `${text} (${times} times)`,
    }));
  }
}

function shortened(text: string): string {
  if (text.length <= LONGEST_TEXT) return text;
  // A cut between the halves of one character would leave half of it.
  return `${text.slice(0, LONGEST_TEXT - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
