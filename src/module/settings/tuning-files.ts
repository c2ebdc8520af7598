import type { Clock } from '../../core/clock.js';
import { errnoOf } from '../../core/errors.js';
import type { FileSystem } from '../../core/file-system.js';
import { TIMED_OUT, within } from '../../core/within.js';

/** A disk on a network that does not answer counts as one without the file. */
const LIMIT_MS = 1000;

/** Whether tuning files can be used, as it was when they were looked at last: the capture tool ignores a missing one in silence. */
export class TuningFiles {
  readonly #why = new Map<string, string>();

  constructor(
    private readonly fileSystem: Pick<FileSystem, 'stat'>,
    private readonly clock: Clock,
  ) {}

  /** Looks at these files. Never rejects. */
  async check(paths: Iterable<string | undefined>): Promise<void> {
    const given = [...paths].filter((path) => path !== undefined);
    await Promise.all(given.map((path) => this.#check(path)));
  }

  /** Why the file cannot be used, or `undefined` if it can. */
  whyUnusable(path: string): string | undefined {
    return this.#why.get(path);
  }

  async #check(path: string): Promise<void> {
    const why = await within(this.clock, LIMIT_MS, this.#look(path));
    if (why === undefined) this.#why.delete(path);
    else this.#why.set(path, why === TIMED_OUT ? 'its disk does not answer' : why);
  }

  async #look(path: string): Promise<string | undefined> {
    try {
      return (await this.fileSystem.stat(path)).isFile() ? undefined : 'it is not a file';
    } catch (thrown) {
      const errno = errnoOf(thrown) ?? 'unknown error';
      return errno === 'ENOENT' || errno === 'ENOTDIR' ? 'there is no such file' : `it cannot be reached (${errno})`;
    }
  }
}
