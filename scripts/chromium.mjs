// @ts-check
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';

/** The Chromium that is installed, for tests and for long runs: with a profile of its own, and silent on the network. */

/** What Playwright does not give by itself. Nothing is fetched that nobody has asked for. */
const FLAGS = [
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
    executablePath: programPath('chromium'),
    args: FLAGS,
    env: { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home },
    artifactsDir: home,
    // Whoever launched it ends it. A browser that answers signals by itself would keep Jest's workers from doing so.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}

/** @param {string} name */
function programPath(name) {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${name} is not in PATH.`);
  return found;
}
