import type { FileHandle } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FileSystem } from '../../src/core/file-system.js';

/**
 * A file system that knows what it is doing: calls under way and files open. With it a test on real files waits for the
 * disk by turns instead of by time, so that a clock turned by hand and a real disk go together.
 */
export class BusyFileSystem {
  readonly fileSystem: FileSystem;
  #underWay = 0;
  #begun = 0;
  #open = 0;

  constructor(real: FileSystem) {
    this.fileSystem = this.watched(real);
  }

  /** Files that were opened and not closed. */
  get open(): number {
    return this.#open;
  }

  /** Until nothing is under way and nothing new is begun. */
  async quiet(): Promise<void> {
    for (let still = 0; still < 6; still += 1) {
      const before = this.#begun;
      await nextTurn();
      if (this.#underWay > 0 || this.#begun !== before) still = -1;
    }
  }

  /** Whatever else reads files beside the file system: its calls count like the file system's own. */
  watched<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (_, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function' || typeof name !== 'string') return member;
        return (...args: unknown[]) => this.#call(name, () => Reflect.apply(member, target, args) as Promise<unknown>);
      },
    });
  }

  async #call(name: string, work: () => Promise<unknown>): Promise<unknown> {
    this.#underWay += 1;
    this.#begun += 1;
    try {
      const result = await work();
      if (name !== 'open') return result;
      this.#open += 1;
      return this.watched(result as FileHandle);
    } finally {
      if (name === 'close') this.#open -= 1;
      this.#underWay -= 1;
    }
  }
}
