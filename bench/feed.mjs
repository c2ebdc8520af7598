// @ts-check
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The owner's side of `feeder.mjs`: orders, the go, the report. */

const FEEDER = fileURLToPath(new URL('feeder.mjs', import.meta.url));

/**
 * @typedef {object} Feed
 * @property {readonly [string, string, string]} command program and arguments of the producer
 * @property {() => void} go
 * @property {() => import('./feeder.mjs').FeedReport} report throws where the producer did not finish
 */

/**
 * @param {string} folder for orders, go and report; used by this feed alone
 * @param {Pick<import('./feeder.mjs').FeedOrders, 'files' | 'frames' | 'fps' | 'metadata' | 'trickle' | 'paced'>} what
 * @returns {Feed}
 */
export function prepareFeed(folder, what) {
  const ordersFile = join(folder, 'orders.json');
  const goFile = join(folder, 'go');
  const reportFile = join(folder, 'report.json');
  writeFileSync(ordersFile, JSON.stringify({ ...what, goFile, reportFile }));
  return {
    command: [process.execPath, FEEDER, ordersFile],
    go: () => {
      writeFileSync(goFile, '');
    },
    report: () => /** @type {import('./feeder.mjs').FeedReport} */ (JSON.parse(readFileSync(reportFile, 'utf8'))),
  };
}
