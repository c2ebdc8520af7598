import { spawn } from 'node:child_process';
import type { Clock } from '../../core/clock.js';
import { errnoOf, messageOf } from '../../core/errors.js';
import { TIMED_OUT, within } from '../../core/within.js';

/** Opens an address or a file in the browser of the desktop. Resolves with `null`, or with a sentence that says why not. */
export type OpenOnDesktop = (target: string, env: NodeJS.ProcessEnv, clock: Clock) => Promise<string | null>;

/** Of xdg-utils. Raspberry Pi OS has it. */
const PROGRAM = 'xdg-open';
/** Where it is still there after this, it has become the browser itself, as it does on desktops that it does not know. */
const BELIEVED_AFTER_MS = 2000;
const NO_BROWSER = 3;

/** By `xdg-open`, which goes on by itself: the browser outlives this process, and Ctrl-C here does not reach it. */
export const openWithDesktop: OpenOnDesktop = async (target, env, clock) => {
  const child = spawn(PROGRAM, [target], { stdio: 'ignore', detached: true, shell: false, env, cwd: '/' });
  child.unref();
  const ended = new Promise<string | null>((resolve) => {
    child.once('error', (error) => {
      resolve(
        errnoOf(error) === 'ENOENT'
          ? `${PROGRAM} is missing (package xdg-utils), so no browser can be opened.`
          : `${PROGRAM} could not be started: ${messageOf(error)}`,
      );
    });
    child.once('exit', (code, signal) => {
      if (code === 0) resolve(null);
      else if (code === NO_BROWSER) resolve(`${PROGRAM} found no browser.`);
      else resolve(`${PROGRAM} failed (${code ?? signal}).`);
    });
  });
  const outcome = await within(clock, BELIEVED_AFTER_MS, ended);
  return outcome === TIMED_OUT ? null : outcome;
};
