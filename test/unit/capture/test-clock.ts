import type { Clock } from '../../../src/core/clock.js';

interface Timer {
  dueMs: number;
  readonly periodMs: number | undefined;
  readonly callback: () => void;
}

/** Time that stands until a test moves it. */
export class TestClock implements Clock {
  #nowMs = 0;
  readonly #timers = new Set<Timer>();

  wallMs(): number {
    return 1_767_709_852_000 + this.#nowMs;
  }

  monotonicNs(): bigint {
    return BigInt(Math.round(this.#nowMs * 1000)) * 1000n + 1_000_000_000n;
  }

  after(delayMs: number, callback: () => void): () => void {
    return this.#add({ dueMs: this.#nowMs + delayMs, periodMs: undefined, callback });
  }

  every(periodMs: number, callback: () => void): () => void {
    return this.#add({ dueMs: this.#nowMs + periodMs, periodMs, callback });
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.after(delayMs, resolve);
      signal?.addEventListener('abort', () => {
        cancel();
        reject(signal.reason as Error);
      });
    });
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** Moves on, timer by timer. */
  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    for (let next = this.#next(untilMs); next !== undefined; next = this.#next(untilMs)) {
      this.#nowMs = next.dueMs;
      this.#fire(next);
    }
    this.#nowMs = untilMs;
  }

  /** Stands still for so long: what was due meanwhile is called once, late. */
  stall(forMs: number): void {
    this.#nowMs += forMs;
    for (const timer of Array.from(this.#timers)) {
      if (timer.dueMs > this.#nowMs) continue;
      timer.dueMs = this.#nowMs;
      this.#fire(timer);
    }
  }

  #fire(timer: Timer): void {
    if (timer.periodMs === undefined) this.#timers.delete(timer);
    else timer.dueMs += timer.periodMs;
    timer.callback();
  }

  #next(untilMs: number): Timer | undefined {
    return [...this.#timers].filter((timer) => timer.dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs)[0];
  }

  #add(timer: Timer): () => void {
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }
}
