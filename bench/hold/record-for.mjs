// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';
import { sum } from './take-judge.mjs';

const PROGRESS_MS = 10_000;

/**
 * Waits, and says now and then how far it is.
 *
 * @param {number} seconds
 * @param {readonly import('./virtual-module.mjs').VirtualModule[]} modules
 * @param {(line: string) => void} progress
 * @param {number} [laterS] what comes after it, seconds
 */
export async function recordFor(seconds, modules, progress, laterS = 0) {
  const endMs = performance.now() + seconds * 1000;
  for (let leftMs = seconds * 1000; leftMs > 0; leftMs = endMs - performance.now()) {
    await sleep(Math.min(PROGRESS_MS, leftMs));
    const left = Math.round(laterS + Math.max(0, endMs - performance.now()) / 1000);
    progress(`  ${sum(modules.map((module) => module.framesSoFar()))} frames recorded, ${left} s left`);
  }
}
