import type { Clock } from './clock.js';

/**
 * A timer for limits: calls back once, `delayMs` from now, but only after the event loop has looked for input once more. A
 * blocked event loop fires its timers late; what arrived meanwhile is then handled before anybody is called late. The
 * returned function cancels the call; cancelling twice is harmless.
 */
export function afterReads(clock: Clock, delayMs: number, callback: () => void): () => void {
  let pending: NodeJS.Immediate | undefined;
  const cancel = clock.after(delayMs, () => {
    pending = setImmediate(callback);
  });
  return () => {
    cancel();
    clearImmediate(pending);
  };
}
