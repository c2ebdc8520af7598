// @ts-check
import { killChildren } from './children.mjs';
import { UsageError } from './usage.mjs';
import { removeAllWorkspaces } from './workspace.mjs';

/** How a program of the bench ends: nothing that it started runs on, nothing that it wrote for itself stays. */

const CHILDREN_END_MS = 200;

/**
 * @param {string} help
 * @param {() => Promise<void>} main
 */
export async function runProgram(help, main) {
  let isStopped = false;
  for (const [signal, number] of /** @type {const} */ ([
    ['SIGINT', 2],
    ['SIGTERM', 15],
  ])) {
    process.once(signal, () => {
      isStopped = true;
      killChildren();
      // A moment, for what they were about to write.
      setTimeout(() => {
        removeAllWorkspaces();
        process.exit(128 + number);
      }, CHILDREN_END_MS);
    });
  }
  try {
    await main();
  } catch (thrown) {
    // Whoever stopped it knows why it fails now.
    if (isStopped) return;
    const isUsage = thrown instanceof UsageError;
    process.stderr.write(`error: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
    if (isUsage) process.stderr.write(`\n${help}`);
    process.exitCode = isUsage ? 2 : 1;
  }
}
