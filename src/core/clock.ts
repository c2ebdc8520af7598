import { setTimeout as sleep } from 'node:timers/promises';

/** Time. It is injected, so tests can advance it by hand. Delays are milliseconds from 0 on; `Infinity` means never. */
export interface Clock {
  /** Milliseconds since 1970, for people and for alignment with other modules. It may jump. */
  wallMs(): number;
  /** Nanoseconds of CLOCK_MONOTONIC, which is also the clock of `SensorTimestamp`. */
  monotonicNs(): bigint;
  /** Calls back once. The returned function cancels it; cancelling twice is harmless. */
  after(delayMs: number, callback: () => void): () => void;
  /** Calls back every `periodMs` until cancelled. */
  every(periodMs: number, callback: () => void): () => void;
  /** Resolves after the delay. Rejects with the signal's reason if it is aborted earlier. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** Longest delay of a Node timer, ms: 24.8 days. Node fires a longer one after 1 ms, so long delays are waited for in pieces. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * The real clock. Its timers never keep the process alive. A `sleep` does, because its caller waits for it. Nothing else
 * calls Node's timers with a number from outside (`test/unit/timers.test.ts`).
 */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicNs: () => process.hrtime.bigint(),
  after(delayMs, callback) {
    let timer: NodeJS.Timeout | undefined;
    const wait = (leftMs: number): void => {
      const pieceMs = pieceOf(leftMs);
      timer = setTimeout(() => {
        if (leftMs > pieceMs) wait(leftMs - pieceMs);
        else callback();
      }, pieceMs).unref();
    };
    wait(delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
  every(periodMs, callback) {
    if (periodMs > LONGEST_TIMER_MS) return everyLongPeriod(periodMs, callback);
    const timer = setInterval(callback, pieceOf(periodMs)).unref();
    return () => {
      clearInterval(timer);
    };
  },
  async sleep(delayMs, signal) {
    const options = signal === undefined ? {} : { signal };
    try {
      let leftMs = delayMs;
      do {
        const pieceMs = pieceOf(leftMs);
        await sleep(pieceMs, undefined, options);
        leftMs -= pieceMs;
      } while (leftMs > 0);
    } catch (thrown) {
      // Node wraps the signal's reason in an AbortError.
      throw signal?.aborted === true ? signal.reason : thrown;
    }
  },
};

function everyLongPeriod(periodMs: number, callback: () => void): () => void {
  let cancel = (): void => {};
  const wait = (): void => {
    cancel = systemClock.after(periodMs, () => {
      wait();
      callback();
    });
  };
  wait();
  return () => {
    cancel();
  };
}

/** What one timer can wait of this delay. Node would take NaN for 1 ms, and so hide a mistake in a loop. */
function pieceOf(delayMs: number): number {
  if (Number.isNaN(delayMs)) throw new RangeError('A delay must be a number of milliseconds.');
  return Math.min(Math.max(0, delayMs), LONGEST_TIMER_MS);
}
