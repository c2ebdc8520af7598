// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { CHROMIUM_FLAGS, chromiumHome, chromiumProgram } from './chromium.mjs';

/**
 * Chromium by its own protocol alone, over pipes. For what Playwright changes: its pages always say that they are visible, and
 * its watch over the network keeps the bodies of answers in the renderer.
 *
 * @typedef {object} RawTab
 * @property {() => Promise<void>} show brings it to the front; all others are hidden then
 * @property {(expression: string) => Promise<unknown>} evaluate
 */

/** @typedef {Readonly<Record<string, unknown>>} Answer */
/** @typedef {{ id?: number, result?: Answer, error?: { message: string } }} Message */

/** @param {string} home folder for all that it keeps; it is the caller's */
export function startRawChromium(home) {
  const flags = [
    '--headless',
    '--no-sandbox',
    '--remote-debugging-pipe',
    '--window-size=1280,900',
    `--user-data-dir=${join(home, 'profile')}`,
  ];
  const child = spawn(chromiumProgram(), [...CHROMIUM_FLAGS, ...flags, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    env: chromiumHome(home),
  });
  const exited = once(child, 'close');
  const [, , , to, from] = child.stdio;
  const send = protocolOn(
    /** @type {import('node:stream').Writable} */ (to),
    /** @type {import('node:stream').Readable} */ (from),
  );
  return {
    send,
    /**
     * Opens it in front. `before` runs in it before any script of its own.
     *
     * @param {string} url
     * @param {string} [before]
     * @returns {Promise<RawTab>}
     */
    openTab: async (url, before = '') => {
      const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
      const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
      const session = String(sessionId);
      await send('Page.enable', {}, session);
      await send('Page.addScriptToEvaluateOnNewDocument', { source: before }, session);
      await send('Page.navigate', { url }, session);
      const show = async () => {
        await send('Target.activateTarget', { targetId });
      };
      await show();
      const evaluate = async (/** @type {string} */ expression) => {
        const { result } = await send('Runtime.evaluate', { expression, returnByValue: true }, session);
        return /** @type {{ value: unknown }} */ (result).value;
      };
      return { show, evaluate };
    },
    /** May be called twice. */
    close: async () => {
      // It answers, or is gone before it has.
      if (child.exitCode === null) await Promise.race([send('Browser.close'), exited]);
      await exited;
    },
  };
}

/**
 * Messages are JSON with a zero byte behind each.
 *
 * @param {import('node:stream').Writable} to
 * @param {import('node:stream').Readable} from
 */
function protocolOn(to, from) {
  /** @type {Map<number, (message: Message) => void>} */
  const waiting = new Map();
  let lastId = 0;
  let rest = '';
  from.setEncoding('utf8').on('data', (/** @type {string} */ piece) => {
    const messages = (rest + piece).split('\0');
    rest = messages.pop() ?? '';
    for (const text of messages) {
      const message = /** @type {Message} */ (JSON.parse(text));
      waiting.get(message.id ?? 0)?.(message);
    }
  });
  /** @param {string} method @param {object} [params] @param {string} [sessionId] @returns {Promise<Answer>} */
  return (method, params = {}, sessionId) =>
    new Promise((resolve, reject) => {
      lastId += 1;
      const id = lastId;
      waiting.set(id, ({ result, error }) => {
        waiting.delete(id);
        if (error === undefined) resolve(result ?? {});
        else reject(new Error(`${method}: ${error.message}`));
      });
      to.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
}
