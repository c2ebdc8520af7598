// @ts-check
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';

/** The Chromium that is installed, for tests and for long runs: with a profile of its own, and silent on the network. */

/** What Playwright does not give by itself. Nothing is fetched that nobody has asked for. */
export const CHROMIUM_FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** @param {string} home folder for all that it keeps; it is the caller's */
export function launchChromium(home) {
  return chromium.launch({
    executablePath: chromiumProgram(),
    args: CHROMIUM_FLAGS,
    env: chromiumHome(home),
    artifactsDir: home,
    // Whoever launched it ends it. A browser that answers signals by itself would keep Jest's workers from doing so.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}

/** The environment in which it keeps everything in that folder. @param {string} home */
export function chromiumHome(home) {
  return { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home };
}

/** @returns {string} path */
export function chromiumProgram() {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = folders.map((folder) => join(folder, 'chromium')).find((path) => existsSync(path));
  if (found === undefined) throw new Error('chromium is not in PATH.');
  return found;
}
