// @ts-check
import { parentPort } from 'node:worker_threads';

/**
 * A camera's real thread that a word can make fail: a snapshot of run -1, which never is, names the fault as its camera.
 * What a test has to see is how the owner takes it, whatever the thread died of.
 */

await import(new URL('../../dist/pipeline/thread/pipeline-worker.js', import.meta.url).href);

/** @type {Readonly<Record<string, () => void>>} */
const FAULTS = {
  throw: () => {
    throw new Error('a mistake in the thread');
  },
  exit: () => {
    process.exit(3);
  },
  memory: () => {
    const hoard = [];
    for (;;) hoard.push({ more: Array.from({ length: 1_000 }, Math.random) });
  },
  leak: () => {
    /** @type {number[]} */
    const hoard = [];
    // One growing array: at the hard limit it would end the process.
    setInterval(() => {
      for (let more = 0; more < 200_000; more += 1) hoard.push(more);
    }, 1);
  },
  hang: () => {
    for (;;);
  },
};

parentPort?.on('message', (/** @type {{ run?: number, cameraLabel?: string }} */ word) => {
  if (word.run === -1) FAULTS[word.cameraLabel ?? '']?.();
});
