import { isAbsolute, relative, resolve } from 'node:path';
import { errorWithAdvice } from '../core/errors.js';

/**
 * Holds the session directory and counts the trials, across sessions. It creates nothing: the directory is created with the
 * first frame of a recording.
 */
export class Session {
  #directory: string | null = null;
  #lastTrial = 0;

  /**
   * `dataDir`: parent of relative session directories, and the directory of a session that names none. `undefined`: both
   * are refused.
   */
  constructor(private readonly dataDir: string | undefined) {}

  /** Absolute path, or `null` if no session directory is set. */
  get directory(): string | null {
    return this.#directory;
  }

  /**
   * Sets the directory: `path`, or the data directory. Throws `invalid_session_dir`, or `no_session_dir` if there is
   * neither, and then changes nothing.
   */
  begin(path: string | undefined): string {
    this.#directory = path === undefined ? this.#default() : this.#resolve(path);
    return this.#directory;
  }

  end(): void {
    this.#directory = null;
  }

  /** Counts a trial and returns its number: the one that the host asked for, or the last one plus one. */
  countTrial(asked: number | undefined): number {
    this.#lastTrial = asked ?? this.#lastTrial + 1;
    return this.#lastTrial;
  }

  #default(): string {
    if (this.dataDir !== undefined) return resolve(this.dataDir);
    throw errorWithAdvice('no_session_dir', 'No session_dir was given, and there is no data directory to use instead.');
  }

  #resolve(path: string): string {
    if (isAbsolute(path)) return resolve(path);
    if (this.dataDir === undefined) {
      throw errorWithAdvice('invalid_session_dir', 'The session directory is not an absolute path.', { path });
    }
    const resolved = resolve(this.dataDir, path);
    const inside = relative(this.dataDir, resolved);
    if (inside === '..' || inside.startsWith('../')) {
      throw errorWithAdvice('invalid_session_dir', 'The session directory is outside the data directory.', { path });
    }
    return resolved;
  }
}
