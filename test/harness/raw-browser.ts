import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { CHROMIUM_FLAGS, chromiumHome, chromiumProgram } from '../../scripts/chromium.mjs';
import { temporaryFolder } from './temporary-folder.js';

/** A tab as people have it: hidden while another one is in front. Playwright's pages always say that they are visible. */
export interface Tab {
  /** Brings it to the front. All others are hidden then. */
  show(): Promise<void>;
  evaluate<T>(expression: string): Promise<T>;
}

/** Chromium by its own protocol alone, over pipes. */
export interface RawBrowser {
  /** Opens it in front. */
  openTab(url: string): Promise<Tab>;
  /** May be called twice. */
  close(): Promise<void>;
}

type Answer = Readonly<Record<string, unknown>>;

export async function startRawBrowser(): Promise<RawBrowser> {
  const home = await temporaryFolder();
  const flags = ['--headless', '--no-sandbox', '--remote-debugging-pipe', `--user-data-dir=${home.path}/profile`];
  const child = spawn(chromiumProgram(), [...CHROMIUM_FLAGS, ...flags, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    env: chromiumHome(home.path),
  });
  const exited = once(child, 'close');
  const send = protocolOn(child.stdio[3] as Writable, child.stdio[4] as Readable);
  const openTab = async (url: string): Promise<Tab> => {
    const { targetId } = await send('Target.createTarget', { url });
    const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
    const show = async (): Promise<void> => {
      await send('Target.activateTarget', { targetId });
    };
    await show();
    return {
      show,
      evaluate: async <T>(expression: string) => {
        const { result } = await send('Runtime.evaluate', { expression, returnByValue: true }, String(sessionId));
        return (result as { value: T }).value;
      },
    };
  };
  const close = async (): Promise<void> => {
    // It answers, or is gone before it has.
    if (child.exitCode === null) await Promise.race([send('Browser.close'), exited]);
    await exited;
    await home.remove();
  };
  return { openTab, close };
}

/** Messages are JSON with a zero byte behind each. */
function protocolOn(to: Writable, from: Readable) {
  const waiting = new Map<number, (answer: { result?: Answer; error?: { message: string } }) => void>();
  let lastId = 0;
  let rest = '';
  from.setEncoding('utf8').on('data', (text: string) => {
    const messages = (rest + text).split('\0');
    rest = messages.pop() ?? '';
    for (const message of messages) {
      const answer = JSON.parse(message) as { id?: number; result?: Answer; error?: { message: string } };
      waiting.get(answer.id ?? 0)?.(answer);
    }
  });
  return (method: string, params: object = {}, sessionId?: string): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      waiting.set(id, ({ result, error }) => {
        waiting.delete(id);
        if (error === undefined) resolve(result ?? {});
        else reject(new Error(`${method}: ${error.message}`));
      });
      to.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
}
