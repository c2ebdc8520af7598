import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as nextLook } from 'node:timers/promises';
import { afterEach, beforeEach, expect } from '@jest/globals';
import { itWithChromium, startBrowser, type TestBrowser } from '../../harness/browser.js';
import { startRawBrowser, type RawBrowser } from '../../harness/raw-browser.js';
import { expectNothingLeft, holdings, type Holdings } from '../../harness/nothing-left.js';

const PAGE = `<!doctype html><title>A page</title><p>Some text</p><style>
p { color: rgb(1, 2, 3) } @media (prefers-color-scheme: dark) { p { color: rgb(4, 5, 6) } }</style>`;

let before: Holdings;
let server: Server;
let url: string;
let browser: TestBrowser | RawBrowser | undefined;

beforeEach(async () => {
  before = holdings();
  server = createServer((request, response) => {
    response.writeHead(request.url === '/' ? 200 : 404, { 'Content-Type': 'text/html' }).end(PAGE);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

afterEach(async () => {
  await browser?.close();
  server.close();
  server.closeAllConnections();
  await expectNothingLeft(before);
});

itWithChromium(
  'a browser shows pages apart from each other, tells what they do wrong, and leaves nothing',
  async () => {
    browser = await startBrowser();
    const light = await browser.open(url);
    const dark = await browser.open(url, { width: 320, height: 480, scheme: 'dark' });
    const colour = `getComputedStyle(document.querySelector('p')).color`;
    expect(await light.page.evaluate(colour)).toBe('rgb(1, 2, 3)');
    expect(await dark.page.evaluate(colour)).toBe('rgb(4, 5, 6)');

    const thrown = light.page.waitForEvent('pageerror');
    await light.page.evaluate(`sessionStorage.setItem('seen', 'light'); fetch('/gone')`);
    await light.page.evaluate(`setTimeout(() => { throw new Error('on purpose') })`);
    await thrown;
    expect(await dark.page.evaluate(`sessionStorage.getItem('seen')`)).toBeNull();
    expect(light.mistakes).toEqual([expect.stringContaining('on purpose')]);
    expect(dark.mistakes).toEqual([]);

    const path = await light.picture('a-page');
    expect((await readFile(path)).subarray(8, 12).toString()).toBe('WEBP');
    await browser.close();
    await browser.close();
    await expect(stat(path)).rejects.toThrow('ENOENT');
  },
);

itWithChromium('a raw browser hides the tabs behind the one in front', async () => {
  const started = await startRawBrowser();
  browser = started;
  const first = await started.openTab(url);
  const isSeen = (): Promise<unknown> => first.evaluate('document.visibilityState');
  const untilSeen = async (how: string): Promise<void> => {
    while ((await isSeen()) !== how) await nextLook(20);
  };
  await untilSeen('visible');
  await started.openTab('about:blank');
  await untilSeen('hidden');
  await first.show();
  await untilSeen('visible');
  await started.close();
});
