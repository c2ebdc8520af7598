import type { Clock } from '../../core/clock.js';
import type { MonitorAnswer } from '../../monitor/view.js';
import type { Seen } from '../../monitor/wording/seen.js';
import { wordsFor } from '../../monitor/wording/words-for.js';
import type { Asked } from './ask-monitor.js';
import type { Shown } from './table.js';

const PERIOD_MS = 1000;
/** Least pause between an answer and the next request. */
const LEAST_PAUSE_MS = 250;

/** Asks a monitor once a second and remembers what it said, and when. */
export class MonitorReader {
  #answer: MonitorAnswer | null = null;
  #answeredNs: bigint;
  #lastRequest: Seen['lastRequest'] = 'answered';
  #trouble = '';

  constructor(
    /** Never rejects. */
    private readonly ask: (signal: AbortSignal) => Promise<Asked>,
    private readonly clock: Clock,
  ) {
    this.#answeredNs = clock.monotonicNs();
  }

  /** Asks until the signal is aborted. `onNews` is called after each request. */
  async run(signal: AbortSignal, onNews: (asked: Asked) => void): Promise<void> {
    while (!signal.aborted) {
      const startedNs = this.clock.monotonicNs();
      const asked = await this.ask(signal);
      if (signal.aborted) return;
      this.take(asked);
      onNews(asked);
      const tookMs = Number((this.clock.monotonicNs() - startedNs) / 1_000_000n);
      await this.clock.sleep(Math.max(LEAST_PAUSE_MS, PERIOD_MS - tookMs), signal).catch(() => {}); // aborted: the loop ends
    }
  }

  /** What is known now. Words are made anew each time, since all of it grows old. */
  shown(): Shown {
    const answeredMsAgo = Number((this.clock.monotonicNs() - this.#answeredNs) / 1_000_000n);
    const answer = this.#answer;
    return {
      words: wordsFor({ answer, answeredMsAgo, lastRequest: this.#lastRequest }),
      answer,
      ageMs: answer === null ? 0 : answeredMsAgo + answer.status_age_ms,
      trouble: this.#trouble,
    };
  }

  /** Remembers what came of a request. */
  take(asked: Asked): void {
    this.#lastRequest = asked.kind;
    this.#trouble = asked.kind === 'answered' ? '' : asked.why;
    if (asked.kind !== 'answered') return;
    this.#answer = asked.answer;
    this.#answeredNs = this.clock.monotonicNs();
  }
}
