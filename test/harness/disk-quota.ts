const BLOCK_BYTES = 4096;

/**
 * The blocks that files take of a small disk: a write into a hole or past the end takes blocks, one over written bytes
 * takes none, truncating and removing give them back. Positional writes only.
 */
export class DiskQuota {
  readonly #blocks = new Map<string, Set<number>>();
  #free = Number.POSITIVE_INFINITY;

  /** Blocks that are still free. */
  limitTo(blocks: number): void {
    this.#free = blocks;
  }

  /** How many of the bytes fit; their blocks are taken. */
  roomFor(path: string, position: number, bytes: number): number {
    const taken = this.#blocksOf(path);
    const end = position + bytes;
    for (let block = Math.floor(position / BLOCK_BYTES); block * BLOCK_BYTES < end; block += 1) {
      if (taken.has(block)) continue;
      if (this.#free < 1) return Math.max(0, block * BLOCK_BYTES - position);
      taken.add(block);
      this.#free -= 1;
    }
    return bytes;
  }

  truncate(path: string, bytes: number): void {
    const taken = this.#blocksOf(path);
    for (const block of taken) {
      if (block * BLOCK_BYTES < bytes) continue;
      taken.delete(block);
      this.#free += 1;
    }
  }

  #blocksOf(path: string): Set<number> {
    const known = this.#blocks.get(path);
    if (known !== undefined) return known;
    const blocks = new Set<number>();
    this.#blocks.set(path, blocks);
    return blocks;
  }
}
