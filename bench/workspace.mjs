// @ts-check
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** @type {Set<string>} */
const inUse = new Set();

/** Removes every workspace there is: for the end that nobody planned. A recording in memory would stay there. */
export function removeAllWorkspaces() {
  for (const path of inUse) rmSync(path, { recursive: true, force: true });
  inUse.clear();
}

/** A folder of the bench's own in a place that is measured; gone when the bench is. */
export class Workspace {
  #number = 0;

  /** @param {string} place an existing folder */
  constructor(place) {
    this.place = place;
    this.path = mkdtempSync(join(place, 'csi-cameras-bench-'));
    inUse.add(this.path);
  }

  /**
   * Calls with a new empty folder, which is removed afterwards with all that was recorded into it.
   *
   * @template T
   * @param {(folder: string) => Promise<T>} use
   * @returns {Promise<T>}
   */
  async within(use) {
    this.#number += 1;
    const folder = join(this.path, `run${this.#number}`);
    mkdirSync(folder);
    try {
      return await use(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  remove() {
    rmSync(this.path, { recursive: true, force: true });
    inUse.delete(this.path);
  }
}
