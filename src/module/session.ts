import { isAbsolute, relative, resolve } from 'node:path';
import { errorWithAdvice } from '../core/errors.js';

/** Where recordings go and how trials count on. The directory itself is made when a first frame comes. */
export class Session {
  #directory: string | null = null;
  #lastTrial = 0;

  /** `dataDir`: where relative session directories lie; `undefined`: they are refused. */
  constructor(private readonly dataDir: string | undefined) {}

  /** Absolute path, or `null` before `start_session`. */
  get directory(): string | null {
    return this.#directory;
  }

  /** Sets the directory. Throws `invalid_session_dir`; then nothing has changed. */
  begin(path: string): string {
    this.#directory = this.#resolve(path);
    return this.#directory;
  }

  end(): void {
    this.#directory = null;
  }

  /** The number of the trial to record: the host's, or the last one plus one. */
  nextTrial(asked: number | undefined): number {
    this.#lastTrial = asked ?? this.#lastTrial + 1;
    return this.#lastTrial;
  }

  #resolve(path: string): string {
    if (isAbsolute(path)) return resolve(path);
    if (this.dataDir === undefined) {
      throw errorWithAdvice('invalid_session_dir', 'The session directory is no absolute path.', { path });
    }
    const resolved = resolve(this.dataDir, path);
    const inside = relative(this.dataDir, resolved);
    if (inside === '..' || inside.startsWith('../')) {
      throw errorWithAdvice('invalid_session_dir', 'The session directory leaves the data directory.', { path });
    }
    return resolved;
  }
}
