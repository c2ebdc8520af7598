import { isAbsolute, relative, resolve } from 'node:path';
import { CsiCamerasError, errorWithAdvice } from '../core/errors.js';

/** What a command does to the session. `begin` without a path: the data directory. */
export type SessionChange =
  { readonly kind: 'none' | 'end' } | { readonly kind: 'begin'; readonly path: string | undefined };

/** The session of one command. */
export interface SessionOfCommand {
  /** Absolute path, or `null` if no session directory is set. */
  readonly directory: string | null;
  /** Why the directory that the command names cannot be used: `invalid_session_dir` or `no_session_dir`. It changed nothing. */
  readonly error: CsiCamerasError | null;
}

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

  /** Where a command that arrives now would record: an absolute path, or `null` if no session directory is set. */
  get directory(): string | null {
    return this.#directory;
  }

  /**
   * Call it when a command arrives. Its session is that of its arrival, whenever its turn comes: cameras that are busy for
   * different times must not record into one another's sessions.
   */
  enter(change: SessionChange): SessionOfCommand {
    try {
      if (change.kind === 'begin')
        this.#directory = change.path === undefined ? this.#default() : this.#resolve(change.path);
      else if (change.kind === 'end') this.#directory = null;
      return { directory: this.#directory, error: null };
    } catch (thrown) {
      if (!(thrown instanceof CsiCamerasError)) throw thrown;
      return { directory: this.#directory, error: thrown };
    }
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
