// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';
import { sampleOf } from './process-sample.mjs';
import { windowCost } from './window.mjs';

/**
 * How often threads are looked at within a window, ms. A thread that ends takes with it what it used since; a sample costs the bench, not the
 * watched process.
 */
const SAMPLE_MS = 500;

/** When the watched part begins, and how long it is, seconds. @typedef {{ warmUpS: number, windowS: number }} Timing */

/** @param {Timing | null} timing @returns {number} seconds */
export const lengthS = (timing) => (timing === null ? 0 : timing.warmUpS + timing.windowS);

/**
 * Waits for the warm-up to pass, then watches a process for the window. It must do the same thing all the time, and outlive it.
 *
 * @param {number} pid
 * @param {Timing} timing
 * @returns {Promise<import('./window.mjs').WindowCost>}
 */
export async function watchWindow(pid, { warmUpS, windowS }) {
  await sleep(warmUpS * 1000);
  const samples = [sampleOf(pid)];
  const endMs = performance.now() + windowS * 1000;
  for (let leftMs = windowS * 1000; leftMs > 0; leftMs = endMs - performance.now()) {
    await sleep(Math.min(leftMs, SAMPLE_MS));
    samples.push(sampleOf(pid));
  }
  return windowCost(samples);
}
