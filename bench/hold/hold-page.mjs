// @ts-check
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startRawChromium } from '../../scripts/raw-chromium.mjs';
import { CHROMIUM, missingText } from '../../scripts/readers.mjs';
import { camerasText, placedStep } from '../placed-step.mjs';
import { residentBytesOf } from '../process-figures.mjs';
import { table } from '../table.mjs';
import { MB } from '../units.mjs';
import { freePort } from '../free-port.mjs';
import { judgePage } from './page-judge.mjs';
import { JUDGEMENT_HEAD, judgementRows, sum } from './take-judge.mjs';
import { VirtualModule } from './virtual-module.mjs';

/** The monitor's page, open in a real Chromium for minutes, while cameras record. */

/** A frame of 640x480, bytes. */
const FRAME_BYTES = 40_000;
const SIZE = { width: 640, height: 480 };
const SAMPLE_S = 5;
const PROGRESS_S = 30;
const TRIAL = 1;
/** Run by the browser before the page's own scripts. A watch over its network would keep all pictures in its memory. */
const WATCH = `
  window.pictures = 0;
  window.mistakes = [];
  const decode = window.createImageBitmap;
  window.createImageBitmap = (...given) => {
    window.pictures += 1;
    return decode(...given);
  };
  addEventListener('error', ({ message }) => window.mistakes.push(message));
  addEventListener('unhandledrejection', ({ reason }) => window.mistakes.push(String(reason)));`;
/** Run by the browser. */
const FACES = `[...document.querySelectorAll('main article.tile')]
  .map((tile) => tile.dataset.face + ' ' + tile.querySelector('.frame')?.dataset.picture)`;

/**
 * @typedef {object} PageOptions
 * @property {number} cameras
 * @property {number} minutes
 * @property {number} fps
 * @property {{ width: number, height: number } | undefined} size
 */

/**
 * @param {PageOptions & { module: string, dir: string }} options
 * @param {{ progress: (line: string) => void, failed: (what: string) => void }} listener
 * @returns {import('../steps.mjs').Step[]}
 */
export function pageSteps({ module, dir, cameras, minutes, fps, size = SIZE }, { progress, failed }) {
  const seconds = minutes * 60;
  const title = `the page with ${camerasText(cameras)} at ${fps} fps for ${minutes} min`;
  return [
    placedStep(dir, { title, seconds: seconds + 10, bytes: cameras * seconds * fps * FRAME_BYTES }, (workspace) =>
      workspace.within(async (folder) => {
        const missing = missingText(CHROMIUM);
        if (missing !== undefined) throw new Error(missing);
        const hold = await holdPage(folder, { module, cameras, seconds, fps, size }, progress);
        const judgements = judgePage(hold);
        process.stdout.write(`\n## The monitor's page\n\n${table(JUDGEMENT_HEAD, judgementRows(judgements))}`);
        for (const mistake of hold.mistakes.slice(0, 5)) process.stdout.write(`\n${mistake}\n`);
        if (judgements.some(({ kept }) => kept === false)) failed(title);
      }),
    ),
  ];
}

/**
 * @param {string} folder
 * @param {{ module: string, cameras: number, seconds: number, fps: number, size: { width: number, height: number } }} settings
 * @param {(line: string) => void} progress
 * @returns {Promise<import('./page-judge.mjs').PageHold>}
 */
async function holdPage(folder, { cameras, seconds, ...settings }, progress) {
  const [session, home] = [join(folder, 'session_page'), join(folder, 'browser')];
  mkdirSync(session);
  mkdirSync(home);
  const port = await freePort();
  const devices = Array.from({ length: cameras }, (_, index) => `picam:${index}`);
  const args = ['--monitor', String(port)];
  const module = await VirtualModule.launch(join(folder, 'module'), devices, session, { ...settings, args });
  const browser = startRawChromium(home);
  try {
    await module.started(TRIAL);
    const tab = await browser.openTab(`http://127.0.0.1:${port}/`, WATCH);
    const openedMs = performance.now();
    /** @type {import('./page-judge.mjs').MemorySample[]} */
    const samples = [];
    for (let atS = 0; atS < seconds;) {
      await sleep(Math.min(SAMPLE_S, seconds - atS) * 1000);
      atS = (performance.now() - openedMs) / 1000;
      const sample = { atS, ...(await memoryOf(browser)) };
      samples.push(sample);
      if (samples.length % (PROGRESS_S / SAMPLE_S) !== 0) continue;
      progress(
        `  renderer ${sample.rendererMb.toFixed(0)} MB, ${Number(await tab.evaluate('pictures'))} pictures, ${Math.round(seconds - atS)} s left`,
      );
    }
    const faces = /** @type {string[]} */ (await tab.evaluate(FACES));
    const pictures = Number(await tab.evaluate('pictures'));
    const mistakes = /** @type {string[]} */ (await tab.evaluate('mistakes'));
    return { cameras, seconds, samples, pictures, mistakes, faces };
  } finally {
    await browser.close();
    await module.host.quit();
  }
}

/** @param {ReturnType<typeof startRawChromium>} browser */
async function memoryOf(browser) {
  const answer = await browser.send('SystemInfo.getProcessInfo');
  const processInfo = /** @type {{ type: string, id: number }[]} */ (answer['processInfo']);
  /** @param {string} type */
  const residentMb = (type) =>
    sum(processInfo.filter((one) => one.type === type).map(({ id }) => residentBytesOf(id))) / MB;
  return { rendererMb: residentMb('renderer'), browserMb: residentMb('browser') };
}
