import { type Clock, systemClock } from '../../src/core/clock.js';

/** A limit of one second becomes a minute. */
const PATIENCE = 60;

/**
 * The real clock, whose timers wait sixty times as long. For tests that use a real disk or process and judge no limit: on a busy
 * machine a single sync may take longer than the product would wait for it. What judges a limit has a `ManualClock`.
 */
export const patientClock: Clock = {
  ...systemClock,
  after: (delayMs, callback) => systemClock.after(delayMs * PATIENCE, callback),
};
