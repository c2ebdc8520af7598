import { constants } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type PartialSettings, SETTING_NAMES, type SettingName } from '../../core/camera-settings.js';
import type { Clock } from '../../core/clock.js';
import { errnoOf, messageOf } from '../../core/errors.js';
import type { FileSystem } from '../../core/file-system.js';
import { makeFolders } from '../../core/make-folders.js';
import { processState } from '../../core/process-identity.js';
import { without } from './resolve-settings.js';
import { keptFileName, keptText, MAX_KEPT_BYTES, readKeptText, type KeptCamera, type KeptText } from './kept-file.js';

/**
 * The folder with one file a camera. A file is replaced as a whole, so that a reader finds the old one or the new one,
 * whoever is killed or writes at the same time. A file that cannot be used is renamed, never deleted.
 */

export type Warn = (code: string, message: string) => void;

type Found = KeptText | { readonly kind: 'missing' } | { readonly kind: 'unreadable'; readonly why: string };

/** More than any machine has cameras. */
const MAX_FILES = 64;
/** Files set aside, of each camera. */
const MAX_SET_ASIDE = 3;
const FILE = /^[a-z0-9_@.,-]+\.json$/;
const TEMPORARY = /^\.write-(\d+)-[0-9a-f]{16}$/;

/** The file itself is wrong. Any other failure of a disk may pass, so that the file is left as it is. */
const WRONG_FILE: Readonly<Partial<Record<string, string>>> = {
  ELOOP: 'it is a link',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  ENXIO: 'it is not a plain file',
};

export class KeptFolder {
  constructor(
    private readonly fileSystem: FileSystem,
    private readonly clock: Clock,
    readonly path: string,
  ) {}

  /**
   * What is kept. `unreadable`: names of files that the disk did not give, so that nobody knows what is in them. Files that
   * cannot be used are set aside with a warning. Rejects if the folder cannot be read.
   */
  async readAll(
    warn: Warn,
  ): Promise<{ readonly cameras: readonly KeptCamera[]; readonly unreadable: readonly string[] }> {
    const cameras: KeptCamera[] = [];
    const unreadable: string[] = [];
    for (const name of await this.#names()) {
      const found = await this.#read(name);
      if (found.kind === 'kept') {
        if (found.dropped.length > 0) this.#warnOfDropped(name, found.dropped, warn);
        cameras.push(found.camera);
      } else if (found.kind === 'unreadable') {
        unreadable.push(name);
        warn(
          'settings_unreadable',
          `${join(this.path, name)} could not be read (${found.why}). Its settings do not apply.`,
        );
      } else if (found.kind !== 'missing') await this.#setAsideWith(warn, name, found);
    }
    return { cameras, unreadable };
  }

  /**
   * Replaces the camera's file. Only the settings of these names change: another process may have changed others meanwhile.
   * Without a file, all are written. What was there and cannot be used is set aside before. Rejects if that fails.
   */
  async write(camera: KeptCamera, names: readonly SettingName[]): Promise<void> {
    const name = keptFileName(camera.cameraId);
    await makeFolders(this.fileSystem, this.path, 0o700);
    const there = await this.#read(name);
    if (there.kind === 'unreadable') throw new Error(`the file that is there could not be read (${there.why})`);
    if (there.kind === 'newer' || there.kind === 'corrupt') await this.#setAside(name, there.kind);
    if (there.kind === 'kept' && there.dropped.length > 0) await this.#setAside(name, 'corrupt');
    const settings = there.kind === 'kept' ? merged(there.camera.settings, camera.settings, names) : camera.settings;
    await this.#replace(name, keptText({ ...camera, settings }));
    await this.#removeLeftTemporaries();
  }

  /** Removes the camera's file. Resolves with whether there was one. */
  async remove(cameraId: string): Promise<boolean> {
    try {
      await this.fileSystem.unlink(join(this.path, keptFileName(cameraId)));
      return true;
    } catch (thrown) {
      if (errnoOf(thrown) === 'ENOENT') return false;
      throw thrown;
    }
  }

  async #names(): Promise<readonly string[]> {
    try {
      const names = await this.fileSystem.readdir(this.path);
      return names
        .filter((name) => FILE.test(name))
        .sort()
        .slice(0, MAX_FILES);
    } catch (thrown) {
      if (errnoOf(thrown) === 'ENOENT') return [];
      throw thrown;
    }
  }

  async #read(name: string): Promise<Found> {
    try {
      const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
      const file = await this.fileSystem.open(join(this.path, name), flags);
      try {
        const stat = await file.stat();
        if (!stat.isFile()) return { kind: 'corrupt', why: 'it is not a plain file' };
        if (stat.size > MAX_KEPT_BYTES) return { kind: 'corrupt', why: `it has more than ${MAX_KEPT_BYTES} bytes` };
        const bytes = Buffer.alloc(stat.size);
        const { bytesRead } = await file.read(bytes, 0, stat.size, 0);
        return readKeptText(bytes.toString('utf8', 0, bytesRead));
      } finally {
        await file.close();
      }
    } catch (thrown) {
      const errno = errnoOf(thrown) ?? '';
      if (errno === 'ENOENT') return { kind: 'missing' };
      const wrong = WRONG_FILE[errno];
      return wrong === undefined
        ? { kind: 'unreadable', why: errno === '' ? messageOf(thrown) : errno }
        : { kind: 'corrupt', why: wrong };
    }
  }

  async #replace(name: string, text: string): Promise<void> {
    const temporary = join(this.path, `.write-${process.pid}-${randomBytes(8).toString('hex')}`);
    try {
      const file = await this.fileSystem.open(temporary, 'wx', 0o600);
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await this.fileSystem.rename(temporary, join(this.path, name));
    } catch (thrown) {
      await this.fileSystem.unlink(temporary).catch(() => {}); // it was never made, or the next writer removes it
      throw thrown;
    }
    await this.#syncFolder();
  }

  /** So that the new name survives a power cut. Not every file system can do that; the file is whole without it. */
  async #syncFolder(): Promise<void> {
    try {
      const folder = await this.fileSystem.open(this.path, constants.O_RDONLY);
      try {
        await folder.sync();
      } finally {
        await folder.close();
      }
    } catch {
      // After a power cut the old file may be there again.
    }
  }

  async #setAsideWith(warn: Warn, name: string, found: { kind: 'corrupt' | 'newer'; why: string }): Promise<void> {
    const path = join(this.path, name);
    const why = `${path} cannot be used: ${found.why}. The camera's kept settings do not apply.`;
    try {
      warn('settings_set_aside', `${why} The file is now ${await this.#setAside(name, found.kind)}.`);
    } catch (thrown) {
      warn('settings_set_aside', `${why} It could not be renamed (${errnoOf(thrown) ?? messageOf(thrown)}).`);
    }
  }

  #warnOfDropped(name: string, dropped: readonly string[], warn: Warn): void {
    const rest = dropped.length > 5 ? `; and ${dropped.length - 5} more` : '';
    const which = `${dropped.slice(0, 5).join('; ')}${rest}`;
    warn(
      'settings_set_aside',
      `${join(this.path, name)} has settings that cannot be used: ${which}. The others apply.`,
    );
  }

  /** Resolves with the new name. Of a camera's files that were set aside, the last few stay. */
  async #setAside(name: string, kind: 'corrupt' | 'newer'): Promise<string> {
    const time = new Date(this.clock.wallMs()).toISOString().replaceAll(/[^0-9TZ]/g, '');
    const aside = `${name}.${kind}-${time}-${randomBytes(3).toString('hex')}`;
    await this.fileSystem.rename(join(this.path, name), join(this.path, aside));
    const names = await this.fileSystem.readdir(this.path);
    // A clock that was set back gives this one the oldest name.
    const before = names.filter((other) => other.startsWith(`${name}.${kind}-`) && other !== aside);
    for (const old of before.sort().slice(0, 1 - MAX_SET_ASIDE)) {
      await this.fileSystem.unlink(join(this.path, old)).catch(() => {}); // one more stays
    }
    return aside;
  }

  /** Temporary files of processes that were killed while they wrote. */
  async #removeLeftTemporaries(): Promise<void> {
    const names = await this.fileSystem.readdir(this.path).catch(() => []); // the next writer looks again
    for (const name of names) {
      const pid = TEMPORARY.exec(name)?.[1];
      if (pid === undefined || (await processState(Number(pid))) !== undefined) continue;
      await this.fileSystem.unlink(join(this.path, name)).catch(() => {}); // another process removed it
    }
  }
}

/** What is there, with the values of these names as `settings` has them, or without them. */
function merged(there: PartialSettings, settings: PartialSettings, names: readonly SettingName[]): PartialSettings {
  const others = SETTING_NAMES.filter((name) => !names.includes(name));
  return { ...without(there, ...names), ...without(settings, ...others) };
}
