import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from '@jest/globals';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { launchChromium } from '../../scripts/chromium.mjs';
import { CHROMIUM } from '../../scripts/readers.mjs';
import { isPresent } from './present-readers.js';
import { temporaryFolder } from './temporary-folder.js';

/** How a page is looked at. */
export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: 'light' | 'dark';
  readonly hasForcedColors?: boolean;
  readonly hasReducedMotion?: boolean;
  /** A phone: fingers instead of a mouse. */
  readonly isTouched?: boolean;
}

/** A page in a profile of its own: no other page shares its storage or its connections. */
export interface OpenPage {
  readonly page: Page;
  /** The raw protocol of the browser, for what Playwright hides. */
  readonly cdp: CDPSession;
  /** Exceptions, refused contents and errors on the console, as they came. Failed requests are none: recorders die in tests. */
  readonly mistakes: readonly string[];
  /**
   * Saves what is seen, as WebP, and returns the path: into the folder `CSI_CAMERAS_PICTURES` where it is set (`npm run
   * pictures`), else into one that goes with the browser.
   */
  picture(name: string): Promise<string>;
  close(): Promise<void>;
}

export interface TestBrowser {
  readonly browser: Browser;
  /** Opens an address and waits until it is loaded. Default: 1280x800, light. */
  open(url: string, look?: Look): Promise<OpenPage>;
  /** Ends the browser with all its processes and its files. May be called twice. */
  close(): Promise<void>;
}

const PICTURE_QUALITY = 70;
/** What a page of a recorder that is gone writes on the console by itself. */
const FAILED_REQUEST = /^Failed to load resource/;

/** `it` for what needs a real browser: where there is none the test is skipped and says so. */
export const itWithChromium: typeof it = isPresent(CHROMIUM) ? it : (it.skip as typeof it);

/** Starts the Chromium that is installed. Its profile and its home are folders of its own. */
export async function startBrowser(): Promise<TestBrowser> {
  const home = await temporaryFolder();
  const browser = await launchChromium(home.path);
  const pictures = process.env['CSI_CAMERAS_PICTURES'] ?? join(home.path, 'pictures');
  await mkdir(pictures, { recursive: true });
  return {
    browser,
    open: (url, look = {}) => openPage(browser, pictures, url, look),
    close: async () => {
      await browser.close();
      await home.remove();
    },
  };
}

async function openPage(browser: Browser, pictures: string, url: string, look: Look): Promise<OpenPage> {
  const context = await browser.newContext({
    viewport: { width: look.width ?? 1280, height: look.height ?? 800 },
    colorScheme: look.scheme ?? 'light',
    forcedColors: look.hasForcedColors === true ? 'active' : 'none',
    reducedMotion: look.hasReducedMotion === true ? 'reduce' : 'no-preference',
    hasTouch: look.isTouched === true,
  });
  const page = await context.newPage();
  const mistakes: string[] = [];
  page.on('pageerror', (error) => mistakes.push(error.stack ?? error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !FAILED_REQUEST.test(message.text())) mistakes.push(message.text());
  });
  const cdp = await context.newCDPSession(page);
  await page.goto(url);
  return {
    page,
    cdp,
    mistakes,
    picture: async (name) => {
      // Playwright itself knows no WebP, and a PNG of a camera's picture is six times as large.
      const { data } = await cdp.send('Page.captureScreenshot', { format: 'webp', quality: PICTURE_QUALITY });
      const path = join(pictures, `${name}.webp`);
      await writeFile(path, Buffer.from(data, 'base64'));
      return path;
    },
    close: () => context.close(),
  };
}
