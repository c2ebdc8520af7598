import { isAbsolute, relative, resolve } from 'node:path';
import { errorWithAdvice } from '../core/errors.js';

/**
 * Holds the session directory and counts the trials, across sessions. It creates nothing: the directory is created with the
 * first frame of a recording.
 */
export class Session {
  #directory: string | null = null;
  #lastTrial = 0;

  /** `dataDir`: parent of relative session directories. `undefined`: they are refused. */
  constructor(private readonly dataDir: string | undefined) {}

  /** Absolute path, or `null` if no session directory is set. */
  get directory(): string | null {
    return this.#directory;
  }

  /** Sets the directory. Throws `invalid_session_dir` and then changes nothing. */
  begin(path: string): string {
    this.#directory = this.#resolve(path);
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
