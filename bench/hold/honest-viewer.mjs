// @ts-check
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a browser with the page does: `/api/status` once a second, and pictures of one camera after another. */

const STATUS_EVERY_MS = 1_000;
const PICTURE_EVERY_MS = 250;
const TRY_AGAIN_MS = 20;
/** As the page gives up a request. */
const ANSWER_LIMIT_MS = 2_000;

/**
 * @param {{ port: number, devices: readonly string[] }} where
 * @param {import('./viewers-judge.mjs').Phase} phase gets the times
 * @param {AbortSignal} signal ends it
 */
export async function watchHonestly({ port, devices }, phase, signal) {
  const [statusMs, frameMs] = [/** @type {number[]} */ (phase.statusMs), /** @type {number[]} */ (phase.frameMs)];
  const statuses = (async () => {
    while (!signal.aborted) {
      await answered(port, '/api/status', statusMs, phase, signal);
      await pause(STATUS_EVERY_MS, signal);
    }
  })();
  const pictures = (async () => {
    for (let turn = 0; !signal.aborted; turn += 1) {
      const device = encodeURIComponent(devices[turn % devices.length] ?? '');
      await answered(port, `/api/cameras/${device}/frame?after=0`, frameMs, phase, signal);
      await pause(PICTURE_EVERY_MS, signal);
    }
  })();
  await Promise.all([statuses, pictures]);
}

/**
 * Asks until there is an answer, and adds the time that all tries took.
 *
 * @param {number} port
 * @param {string} path
 * @param {number[]} times
 * @param {import('./viewers-judge.mjs').Phase} phase
 * @param {AbortSignal} signal
 */
async function answered(port, path, times, phase, signal) {
  const startMs = performance.now();
  while (!signal.aborted) {
    if (await hasAnswer(port, path)) {
      times.push(performance.now() - startMs);
      return;
    }
    phase.refused += 1;
    await pause(TRY_AGAIN_MS, signal);
  }
}

/** @param {number} port @param {string} path @returns {Promise<boolean>} whether a whole answer came */
export function hasAnswer(port, path) {
  return new Promise((resolve) => {
    const request = get({ port, path, host: '127.0.0.1', agent: false, timeout: ANSWER_LIMIT_MS }, (response) => {
      response.resume();
      response.on('end', () => {
        resolve((response.statusCode === 200 || response.statusCode === 204) && response.complete);
      });
      response.on('error', () => {
        resolve(false);
      });
      response.on('close', () => {
        resolve(false); // after `end` it changes nothing
      });
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => {
      resolve(false);
    });
  });
}

/** @param {number} ms @param {AbortSignal} signal */
async function pause(ms, signal) {
  await sleep(ms, undefined, { signal }).catch(() => undefined); // aborted: the loop sees it
}
