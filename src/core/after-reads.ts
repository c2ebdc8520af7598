import type { Clock } from './clock.js';

/**
 * Calls back once, after `delayMs` and after all input that was readable by then has been handled. A blocked event
 * loop fires timers late while input waits, so pending input is handled before the limit is judged. The returned
 * function cancels the call; cancelling twice is harmless.
 */
export function afterReads(clock: Clock, delayMs: number, callback: () => void): () => void {
  let turn: NodeJS.Immediate | undefined;
  const cancel = clock.after(delayMs, () => {
    turn = setImmediate(callback);
  });
  return () => {
    cancel();
    clearImmediate(turn);
  };
}
