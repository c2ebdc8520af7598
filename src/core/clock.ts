import { setTimeout as sleep } from 'node:timers/promises';

/** Time. It is injected, so tests can advance it by hand. */
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

/** The real clock. Its timers never keep the process alive. A `sleep` does, because its caller waits for it. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicNs: () => process.hrtime.bigint(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs).unref();
    return () => {
      clearTimeout(timer);
    };
  },
  every(periodMs, callback) {
    const timer = setInterval(callback, periodMs).unref();
    return () => {
      clearInterval(timer);
    };
  },
  async sleep(delayMs, signal) {
    try {
      await sleep(delayMs, undefined, signal === undefined ? {} : { signal });
    } catch (thrown) {
      // Node wraps the signal's reason in an AbortError.
      throw signal?.aborted === true ? signal.reason : thrown;
    }
  },
};
