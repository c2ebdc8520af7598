import type { Page } from 'playwright-core';
import type { OpenPage } from './browser.js';

/** What a person sees on the monitor's page. */
export interface Shown {
  /** `data-page` of the body. */
  readonly page: string;
  readonly title: string;
  readonly banner: { readonly kind: string; readonly text: string } | null;
  readonly summary: string;
  readonly cameras: readonly ShownCamera[];
  readonly events: string;
  /** All of it. */
  readonly text: string;
  /** Whether one has to scroll sideways. */
  readonly isTooWide: boolean;
}

export interface ShownCamera {
  readonly device: string;
  readonly face: string;
  readonly badge: string;
  readonly sentence: string;
  readonly advice: string;
  /** All text of its tile. */
  readonly text: string;
  /** `data-picture` of its frame. */
  readonly picture: string;
  readonly age: string;
}

/** Run by the browser, so it is text: tests have no DOM. Only what is visible counts. */
const SHOWN = `(() => {
  const text = (root, selector) => {
    const found = root.querySelector(selector);
    return found === null || !found.checkVisibility() ? '' : found.innerText.replaceAll(/\\s+/g, ' ').trim();
  };
  const banner = document.querySelector('#banner');
  return {
    page: document.body.dataset.page ?? '',
    title: document.title,
    banner: banner === null || !banner.checkVisibility() ? null : { kind: banner.dataset.kind ?? '', text: text(document, '#banner') },
    summary: text(document, '#summary'),
    cameras: [...document.querySelectorAll('main article.tile')].map((tile) => ({
      device: tile.dataset.device ?? '',
      face: tile.dataset.face ?? '',
      badge: text(tile, '.badge'),
      sentence: text(tile, '.sentence'),
      advice: text(tile, '.advice'),
      text: tile.innerText.replaceAll(/\\s+/g, ' ').trim(),
      picture: tile.querySelector('.frame')?.dataset.picture ?? '',
      age: text(tile, '.age'),
    })),
    events: text(document, '#events'),
    isTooWide: document.documentElement.scrollWidth > innerWidth,
    text: document.body.innerText.replaceAll(/\\s+/g, ' ').trim(),
  };
})()`;

const PATIENCE_MS = 20_000;
const LOOK_MS = 50;

export async function shownOn({ page }: { readonly page: Page }): Promise<Shown> {
  return page.evaluate<Shown>(SHOWN);
}

/**
 * Waits until the page shows what is asked for, and returns it with the time that it took, ms. Throws with what it shows
 * instead.
 */
export async function untilShown(
  { page }: Pick<OpenPage, 'page'>,
  what: string,
  isSo: (shown: Shown) => boolean,
  limitMs = PATIENCE_MS,
): Promise<{ readonly shown: Shown; readonly tookMs: number }> {
  const startMs = performance.now();
  for (;;) {
    const shown = await shownOn({ page });
    const tookMs = performance.now() - startMs;
    if (isSo(shown)) return { shown, tookMs };
    if (tookMs > limitMs) throw new Error(`Not ${what} within ${limitMs} ms. The page: ${JSON.stringify(shown)}`);
    await page.waitForTimeout(LOOK_MS);
  }
}

/** The tile of a camera. Throws where there is none. */
export function tileOf(shown: Shown, device = 'picam:0'): ShownCamera {
  const found = shown.cameras.find((camera) => camera.device === device);
  if (found === undefined) throw new Error(`There is no tile of ${device}: ${JSON.stringify(shown)}`);
  return found;
}

/** Waits until the camera's tile has this face, and returns the tile and the time that it took, ms. */
export async function untilFace(
  page: Pick<OpenPage, 'page'>,
  face: string,
  device = 'picam:0',
  limitMs = PATIENCE_MS,
): Promise<{ readonly tile: ShownCamera; readonly shown: Shown; readonly tookMs: number }> {
  const hasFace = ({ cameras }: Shown): boolean => cameras.some((one) => one.device === device && one.face === face);
  const { shown, tookMs } = await untilShown(page, `${device}: ${face}`, hasFace, limitMs);
  return { tile: tileOf(shown, device), shown, tookMs };
}
