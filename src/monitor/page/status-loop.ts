import type { MonitorAnswer } from '../view.js';
import { ungrownMs } from '../wording/limits.js';
import type { Seen } from '../wording/seen.js';
import { after, type Moment, msSince, now } from './moments.js';
import { request } from './requests.js';

const PERIOD_MS = 1_000;
const HIDDEN_PERIOD_MS = 10_000;
/** While a take has not grown for a while, so that a file that stands still is told within 4 s. */
const WATCHFUL_PERIOD_MS = 300;
const WATCHFUL_FROM_MS = 1_800;
const WATCHFUL_UNTIL_MS = 8_000;
/** A stopped process is told of within 5 s: one period, this, and drawing. */
const LIMIT_MS = 2_500;
/** After this, a page that is shown again is drawn whether or not an answer has come. */
const SHOWN_GRACE_MS = 400;

/** Asks for the status, over and over. A failed request changes what is seen, and the next one always follows. */
export class StatusLoop {
  #answer: MonitorAnswer | null = null;
  #answered: Moment = now();
  #lastRequest: Seen['lastRequest'] = 'answered';
  #asked: Moment | null = null;
  #shown: Moment | null = null;
  #request = new AbortController();
  #disarm = () => {};

  /** @param onNews after each request, whatever became of it */
  constructor(private readonly onNews: (isNew: boolean) => void) {}

  /** At once, also when a request is under way. */
  poll(): void {
    this.#disarm();
    this.#request.abort();
    this.#request = new AbortController();
    void this.#poll(this.#request.signal);
  }

  /** The page is shown again. What is on it is as old as the last poll: nothing is drawn until the next has answered. */
  pollShown(): void {
    this.#shown = now();
    this.poll();
  }

  get seen(): Seen {
    return { answer: this.#answer, answeredMsAgo: msSince(this.#answered), lastRequest: this.#lastRequest };
  }

  /** False while the page is hidden: there, a period of ten seconds is no silence. */
  get isWorthDrawing(): boolean {
    if (document.hidden) return false;
    return this.#shown === null || msSince(this.#shown) > SHOWN_GRACE_MS;
  }

  async #poll(signal: AbortSignal): Promise<void> {
    const asked = now();
    this.#asked = asked;
    let isNew = false;
    try {
      const { outcome, answer } = await request({ path: '/api/status', limitMs: LIMIT_MS, signal }, readStatus);
      if (signal.aborted) return;
      this.#lastRequest = outcome;
      if (answer !== null) {
        this.#answer = answer;
        // The answer was made after it was asked for: its age is never told too short.
        this.#answered = asked;
        isNew = true;
      }
    } catch {
      // Whatever went wrong, the page says that there is no answer.
      if (!signal.aborted) this.#lastRequest = 'failed';
    } finally {
      if (this.#asked === asked) this.#settle(isNew);
    }
  }

  #settle(isNew: boolean): void {
    this.#shown = null;
    this.#disarm = after(this.#periodMs(), () => this.poll());
    this.onNews(isNew);
  }

  #periodMs(): number {
    if (document.hidden) return HIDDEN_PERIOD_MS;
    const answer = this.#answer;
    if (answer === null) return PERIOD_MS;
    const isDoubtful = answer.cameras.some((view) => {
      const ungrown = ungrownMs(view, answer) ?? 0;
      return ungrown >= WATCHFUL_FROM_MS && ungrown < WATCHFUL_UNTIL_MS;
    });
    return isDoubtful ? WATCHFUL_PERIOD_MS : PERIOD_MS;
  }
}

async function readStatus(answer: Response): Promise<{ outcome: Seen['lastRequest']; answer: MonitorAnswer | null }> {
  if (answer.status === 401) return { outcome: 'refused', answer: null };
  if (!answer.ok) return { outcome: 'failed', answer: null };
  const told = (await answer.json()) as Partial<MonitorAnswer> | null;
  if (!Array.isArray(told?.status?.cameras) || !Array.isArray(told.cameras) || !Array.isArray(told.events)) {
    throw new Error('That is no status of a recorder.');
  }
  return { outcome: 'answered', answer: told as MonitorAnswer };
}
