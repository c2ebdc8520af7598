import type { FileSystem } from '../../core/file-system.js';
import type { Log } from '../../core/log-level.js';
import { ProcessOwners } from '../../recording/avi/recording-owner.js';
import { LeftOpenTakes } from '../../recording/recovery/left-open-takes.js';

interface ThreadTakesDependencies {
  readonly fileSystem: FileSystem;
  readonly log: Log;
}

/**
 * The videos that a thread has open. If the thread dies, they are closed here. All threads' videos have the mark of
 * this process, so only the videos that this thread named are touched.
 */
export class ThreadTakes {
  readonly #open = new Set<string>();
  readonly #leftOpen: LeftOpenTakes;

  constructor({ fileSystem, log }: ThreadTakesDependencies) {
    this.#leftOpen = new LeftOpenTakes({ fileSystem, log, owners: new ProcessOwners(), sync: 'onCheckpoint' });
  }

  note(videoPath: string, isOpen: boolean): void {
    if (isOpen) this.#open.add(videoPath);
    else this.#open.delete(videoPath);
  }

  /**
   * Closes the open videos when `whenGone` resolves: then the thread is gone and nothing writes to them. Videos noted
   * after this call belong to the next thread. Resolves with the info files that were written, by the paths of their videos. Never
   * rejects.
   */
  async closeAll(whenGone: Promise<void>): Promise<ReadonlyMap<string, string>> {
    const paths = [...this.#open];
    this.#open.clear();
    const infoPaths = new Map<string, string>();
    if (paths.length === 0) return infoPaths;
    await whenGone;
    for (const path of paths) {
      const infoPath = await this.#leftOpen.closeOwn(path);
      if (infoPath !== null) infoPaths.set(path, infoPath);
    }
    return infoPaths;
  }
}
