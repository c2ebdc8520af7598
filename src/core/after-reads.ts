import type { Clock } from './clock.js';

/**
 * Calls back once, after `delayMs` and after everything that could be read by then was read. Whatever blocks this thread
 * makes its timers late and leaves its reads waiting: what they bring is heard before a limit is judged.
 * The returned function cancels it; cancelling twice is harmless.
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
