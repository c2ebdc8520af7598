import type { MonitorAnswer } from '../view.js';

/** What a reader of the monitor has seen so far. The words are made from it and from nothing else. */
export interface Seen {
  /** The last answer. Null before the first one. */
  readonly answer: MonitorAnswer | null;
  /** Since that answer came, or since the reader began where there is none; ms of the reader's own monotonic clock. */
  readonly answeredMsAgo: number;
  /** How the last request went. `refused`: the token is missing or wrong. */
  readonly lastRequest: 'answered' | 'failed' | 'refused';
}
