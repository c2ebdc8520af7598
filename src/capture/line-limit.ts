import type { Clock } from '../core/clock.js';

const NS_PER_SECOND = 1e9;

/**
 * Lets a burst of lines pass, then a fixed number a second. A tool in a restart loop writes four lines a second for
 * days; a broken one writes thousands.
 */
export class LineLimit {
  #tokens: number;
  #filledAtNs: bigint;
  #suppressed = 0;

  constructor(
    private readonly clock: Pick<Clock, 'monotonicNs'>,
    private readonly burst: number,
    private readonly perSecond: number,
  ) {
    this.#tokens = burst;
    this.#filledAtNs = clock.monotonicNs();
  }

  /** Number of lines suppressed since the last one that passed; `undefined` if this line is suppressed too. */
  pass(): number | undefined {
    const nowNs = this.clock.monotonicNs();
    const seconds = Number(nowNs - this.#filledAtNs) / NS_PER_SECOND;
    this.#filledAtNs = nowNs;
    this.#tokens = Math.min(this.burst, this.#tokens + seconds * this.perSecond);
    if (this.#tokens < 1) {
      this.#suppressed += 1;
      return undefined;
    }
    this.#tokens -= 1;
    const suppressed = this.#suppressed;
    this.#suppressed = 0;
    return suppressed;
  }
}
