import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../core/clock.js';
import { messageOf } from '../../core/errors.js';
import { openWithDesktop, type OpenOnDesktop } from './open-with-desktop.js';

/** What came of `show_window`. */
export type WindowShown =
  | { readonly isShown: true }
  /** A sentence for people. */
  | { readonly isShown: false; readonly why: string };

export interface MonitorWindowDependencies {
  /** Whether there is to be a page at all. */
  readonly isOn: () => boolean;
  /** The page's address, with the token as its fragment where there is one. `null`: nothing listens (yet). */
  readonly link: () => string | null;
  readonly clock: Clock;
  readonly env?: NodeJS.ProcessEnv;
  readonly open?: OpenOnDesktop;
}

/** How long the file with the link stays: a browser that is started on a busy Pi takes its time. */
const LINK_FILE_MS = 60_000;

/** Opens the monitor's page in this machine's browser. Nothing waits for the browser, and no failure of it is one of ours. */
export class MonitorWindow {
  readonly #dependencies: Required<MonitorWindowDependencies>;
  #opening: Promise<WindowShown> | null = null;
  /** The last file that was begun. */
  #making: Promise<unknown> = Promise.resolve();
  /** Folders of links, with what cancels their timers. */
  readonly #folders = new Map<string, () => void>();

  constructor(dependencies: MonitorWindowDependencies) {
    this.#dependencies = { env: process.env, open: openWithDesktop, ...dependencies };
  }

  /** Never rejects. Who asks while a window is being opened gets the same answer: a host that repeats itself gets one window. */
  async show(): Promise<WindowShown> {
    this.#opening ??= this.#show()
      .catch((thrown: unknown) => notShown(`The page could not be opened: ${messageOf(thrown)}`))
      .finally(() => {
        this.#opening = null;
      });
    return this.#opening;
  }

  /** Removes what is still there of links. Never rejects. */
  async end(): Promise<void> {
    await this.#making.catch(() => {}); // `show` has told it
    await Promise.all([...this.#folders.keys()].map((folder) => this.#remove(folder)));
  }

  async #show(): Promise<WindowShown> {
    const { isOn, link, env, open, clock } = this.#dependencies;
    const address = link();
    if (address === null) {
      return notShown(
        isOn()
          ? 'There is no page yet: the monitor starts, or a warning (monitor_failed) has said why it cannot.'
          : 'There is no page: the monitor is off. monitor.port, or --monitor, turns it on.',
      );
    }
    if ((env['DISPLAY'] ?? '') === '' && (env['WAYLAND_DISPLAY'] ?? '') === '') {
      const [withoutToken] = address.split('#');
      return notShown(
        `This process has no display (DISPLAY, WAYLAND_DISPLAY). Open ${withoutToken} in a browser yourself.`,
      );
    }
    const target = address.includes('#') ? await this.#make(address) : address;
    const failure = await open(target, env, clock);
    return failure === null ? { isShown: true } : notShown(failure);
  }

  async #make(address: string): Promise<string> {
    const making = this.#fileFor(address);
    this.#making = making;
    return making;
  }

  /** A file of this user alone that leads on to the link, because everybody can read the arguments of a process. */
  async #fileFor(link: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'csi-cameras-page-'));
    this.#folders.set(
      folder,
      this.#dependencies.clock.after(LINK_FILE_MS, () => void this.#remove(folder)),
    );
    // The process's umask may have taken something away from it.
    await chmod(folder, 0o700);
    const file = join(folder, 'monitor.html');
    await writeFile(file, pageLeadingTo(link), { mode: 0o600, flag: 'wx' });
    return file;
  }

  async #remove(folder: string): Promise<void> {
    this.#folders.get(folder)?.();
    // It is in the machine's temporary folder, and only this user can read it.
    await rm(folder, { recursive: true, force: true }).catch(() => {});
    this.#folders.delete(folder);
  }
}

function notShown(why: string): WindowShown {
  return { isShown: false, why };
}

function pageLeadingTo(link: string): string {
  const quoted = link.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
  return `<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url=${quoted}">
<title>CSI Cameras</title>
<a href="${quoted}">The cameras of this machine</a>
`;
}
