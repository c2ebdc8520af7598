import type { Clock } from '../../core/clock.js';
import type { MonitorAnswer } from '../../monitor/view.js';
import type { Seen } from '../../monitor/wording/seen.js';
import { wordsFor } from '../../monitor/wording/words-for.js';
import type { Asked } from './ask-monitor.js';
import type { Shown } from './table.js';

const PERIOD_MS = 1000;
/** Least pause between an answer and the next request. */
const LEAST_PAUSE_MS = 250;

/** A machine that slept stops its monotonic clock. The longer time of both clocks holds: news may look older, never younger. */
export interface Moment {
  readonly monotonicNs: bigint;
  readonly wallMs: number;
}

/** Asks a monitor once a second and remembers what it said, and when. */
export class MonitorReader {
  #answer: MonitorAnswer | null = null;
  #answered: Moment;
  #lastRequest: Seen['lastRequest'] = 'answered';
  #trouble = '';

  constructor(
    /** Never rejects. */
    private readonly ask: (signal: AbortSignal) => Promise<Asked>,
    private readonly clock: Clock,
  ) {
    this.#answered = momentOf(clock);
  }

  /** Asks until the signal is aborted. `onNews` is called after each request. */
  async run(signal: AbortSignal, onNews: (asked: Asked) => void): Promise<void> {
    while (!signal.aborted) {
      const started = momentOf(this.clock);
      const asked = await this.ask(signal);
      if (signal.aborted) return;
      this.take(asked, started);
      onNews(asked);
      const tookMs = this.#msSince(started);
      await this.clock.sleep(Math.max(LEAST_PAUSE_MS, PERIOD_MS - tookMs), signal).catch(() => {}); // aborted: the loop ends
    }
  }

  /** What is known now. Words are made anew each time, since all of it grows old. */
  shown(): Shown {
    const answeredMsAgo = this.#msSince(this.#answered);
    const answer = this.#answer;
    return {
      words: wordsFor({ answer, answeredMsAgo, lastRequest: this.#lastRequest }),
      answer,
      ageMs: answer === null ? 0 : answeredMsAgo + answer.status_age_ms,
      trouble: this.#trouble,
    };
  }

  /** Remembers what came of a request. The answer was made after it was asked for: its age is never told too short. */
  take(asked: Asked, started: Moment): void {
    this.#lastRequest = asked.kind;
    this.#trouble = asked.kind === 'answered' ? '' : asked.why;
    if (asked.kind !== 'answered') return;
    this.#answer = asked.answer;
    this.#answered = started;
  }

  #msSince(then: Moment): number {
    const monotonicMs = Number((this.clock.monotonicNs() - then.monotonicNs) / 1_000_000n);
    return Math.max(monotonicMs, this.clock.wallMs() - then.wallMs);
  }
}

export function momentOf(clock: Clock): Moment {
  return { monotonicNs: clock.monotonicNs(), wallMs: clock.wallMs() };
}
