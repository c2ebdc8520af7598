// @ts-check
import { closeSync, existsSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { roomIn } from '../machine.mjs';
import { MIB } from '../units.mjs';
import { Workspace } from '../workspace.mjs';

/**
 * Memory for the page cache that was written before. A virtual machine gives free memory back to its host, and the first write to a page costs
 * the kernel several times as much then (dd: 800 us a frame instead of 250). Whoever happens to get such pages looks slow. So the bench holds
 * a file in memory that it has written, and frees it page by page while a contender records: the kernel hands out again what was freed last.
 */

const MEMORY = '/dev/shm';
const STEP_MS = 50;
/** Freed over what is recorded: more than is needed, so that it is never too little. */
const SURPLUS = 1.2;
const LEAD_BYTES = 16 * MIB;

/** @typedef {{ release: () => void }} MemorySupply */

/**
 * How many bytes should be free of those that were held.
 *
 * @param {number} elapsedS
 * @param {number} bytesPerSecond
 * @returns {number}
 */
export const freedBytes = (elapsedS, bytesPerSecond) => LEAD_BYTES + elapsedS * bytesPerSecond * SURPLUS;

/**
 * @param {number} bytesPerSecond that are going to be recorded
 * @param {number} seconds
 * @returns {boolean} whether the machine has the memory
 */
export function hasMemoryFor(bytesPerSecond, seconds) {
  return existsSync(MEMORY) && roomIn(MEMORY) >= freedBytes(seconds, bytesPerSecond);
}

/**
 * Begins to free memory at this pace. Does nothing where there is no room for it.
 *
 * @param {number} bytesPerSecond that are going to be recorded
 * @param {number} seconds how long
 * @returns {MemorySupply}
 */
export function supplyMemory(bytesPerSecond, seconds) {
  if (!hasMemoryFor(bytesPerSecond, seconds)) return { release: () => {} };
  const size = Math.ceil(freedBytes(seconds, bytesPerSecond));
  const workspace = new Workspace(MEMORY);
  const file = openSync(join(workspace.path, 'held'), 'w');
  const block = Buffer.alloc(MIB, 1);
  for (let at = 0; at < size; at += block.length) writeSync(file, block, 0, block.length, at);
  const startedMs = performance.now();
  const shrink = () => {
    const freed = freedBytes((performance.now() - startedMs) / 1000, bytesPerSecond);
    ftruncateSync(file, Math.max(0, Math.floor(size - freed)));
  };
  shrink();
  const timer = setInterval(shrink, STEP_MS);
  return {
    release: () => {
      clearInterval(timer);
      closeSync(file);
      workspace.remove();
    },
  };
}
