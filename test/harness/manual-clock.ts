import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../src/core/clock.js';

interface Timer {
  dueMs: number;
  readonly order: number;
  readonly periodMs: number | null;
  readonly callback: () => void;
}

const NS_PER_MS = 1_000_000n;

/** Lets everything run that waits for nothing but its turn: promises, immediates, and streams of promises. */
export async function settled(turns = 5): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await nextTurn();
}

/** A clock turned by hand. Wall and monotonic time go on together unless the wall clock is set. */
export class ManualClock implements Clock {
  #elapsedMs = 0;
  #order = 0;
  #timers: Timer[] = [];
  #wallOffsetMs: number;

  constructor(
    wallMs = Date.UTC(2026, 0, 6, 14, 30, 52, 123),
    private readonly startMonotonicNs = 1_000_000_000_000n,
  ) {
    this.#wallOffsetMs = wallMs;
  }

  /** Timers not yet fired or cancelled: 0 where everything was tidied up. */
  get timers(): number {
    return this.#timers.length;
  }

  wallMs(): number {
    return this.#wallOffsetMs + this.#elapsedMs;
  }

  monotonicNs(): bigint {
    return this.startMonotonicNs + BigInt(Math.round(this.#elapsedMs * 1_000)) * (NS_PER_MS / 1_000n);
  }

  /** Makes the wall clock jump, as a time server does; the monotonic clock does not notice. */
  setWallMs(wallMs: number): void {
    this.#wallOffsetMs = wallMs - this.#elapsedMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    return this.#add(delayMs, null, callback);
  }

  every(periodMs: number, callback: () => void): () => void {
    if (!(periodMs > 0)) throw new RangeError(`A period must be above 0 ms, not ${periodMs}.`);
    return this.#add(periodMs, periodMs, callback);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason as Error);
        return;
      }
      const onAbort = (): void => {
        cancel();
        reject(signal?.reason as Error);
      };
      const cancel = this.after(delayMs, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /**
   * Turns the clock on by `ms`, firing what comes due in order of its time (then of its making). After each timer
   * everything that it set off has its turn, so that a chain of waits goes on within one call.
   */
  async advance(ms: number): Promise<void> {
    const endMs = this.#elapsedMs + ms;
    await settled();
    for (;;) {
      const next = this.#nextDue(endMs);
      if (next === undefined) break;
      this.#elapsedMs = Math.max(this.#elapsedMs, next.dueMs);
      if (next.periodMs === null) this.#remove(next);
      else next.dueMs += next.periodMs;
      next.callback();
      await settled();
    }
    this.#elapsedMs = endMs;
    await settled();
  }

  /** As if this process had been stopped so long: each timer that became due meanwhile fires once, late. */
  async stall(ms: number): Promise<void> {
    await settled();
    this.#elapsedMs += ms;
    const due = this.#timers.filter((timer) => timer.dueMs <= this.#elapsedMs);
    for (const timer of due) {
      if (timer.periodMs === null) this.#remove(timer);
      else timer.dueMs = this.#elapsedMs + timer.periodMs;
      timer.callback();
    }
    await settled();
  }

  #add(delayMs: number, periodMs: number | null, callback: () => void): () => void {
    const timer: Timer = { dueMs: this.#elapsedMs + Math.max(0, delayMs), order: this.#order, periodMs, callback };
    this.#order += 1;
    this.#timers.push(timer);
    return () => {
      this.#remove(timer);
    };
  }

  #remove(timer: Timer): void {
    this.#timers = this.#timers.filter((other) => other !== timer);
  }

  #nextDue(endMs: number): Timer | undefined {
    return this.#timers
      .filter((timer) => timer.dueMs <= endMs)
      .sort((a, b) => a.dueMs - b.dueMs || a.order - b.order)
      .at(0);
  }
}
