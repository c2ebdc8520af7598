import { open } from 'node:fs/promises';

/** What a disk writes at once, bytes: a power cut leaves each block as it was or as it should be. */
export const DISK_BLOCK_BYTES = 4096;

/** What happened to a file, in the order in which the program did it. */
export type DiskOperation =
  | { readonly kind: 'write'; readonly file: string; readonly position: number; readonly bytes: Buffer }
  | { readonly kind: 'resize'; readonly file: string; readonly size: number }
  | { readonly kind: 'sync'; readonly file: string };

const NO_BLOCK = Buffer.alloc(DISK_BLOCK_BYTES);

/** A file's content and size, sparse: blocks that nobody wrote are zeros. Blocks are never changed, only replaced. */
export class FileImage {
  size = 0;
  readonly #blocks = new Map<number, Buffer>();

  clone(): FileImage {
    const copy = new FileImage();
    copy.size = this.size;
    for (const [index, bytes] of this.#blocks) copy.#blocks.set(index, bytes);
    return copy;
  }

  block(index: number): Buffer {
    return this.#blocks.get(index) ?? NO_BLOCK;
  }

  setBlock(index: number, bytes: Buffer): void {
    this.#blocks.set(index, bytes);
  }

  /** Returns the numbers of the blocks that changed. */
  apply(operation: DiskOperation): number[] {
    if (operation.kind === 'write') return this.#write(operation.position, operation.bytes);
    if (operation.kind === 'resize') return this.resize(operation.size);
    return [];
  }

  /** Returns the numbers of the blocks that were cut. */
  resize(size: number): number[] {
    const cut: number[] = [];
    for (const [index, bytes] of this.#blocks) {
      const start = index * DISK_BLOCK_BYTES;
      if (start + DISK_BLOCK_BYTES <= size) continue;
      cut.push(index);
      if (start >= size) {
        this.#blocks.delete(index);
        continue;
      }
      const kept = Buffer.from(bytes);
      kept.fill(0, size - start);
      this.#blocks.set(index, kept);
    }
    this.size = size;
    return cut;
  }

  /** `length` bytes from `position`; zeros beyond the end. */
  read(position: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    const end = position + length;
    for (let at = position; at < end;) {
      const index = Math.floor(at / DISK_BLOCK_BYTES);
      const from = at - index * DISK_BLOCK_BYTES;
      const part = this.block(index).subarray(from, Math.min(DISK_BLOCK_BYTES, from + end - at));
      part.copy(bytes, at - position);
      at += part.length;
    }
    return bytes;
  }

  /** Makes the file, with holes where nothing was written. */
  async writeTo(path: string): Promise<void> {
    const handle = await open(path, 'w');
    try {
      const indexes = [...this.#blocks.keys()].sort((a, b) => a - b);
      for (let next = 0; next < indexes.length;) {
        const first = indexes[next] ?? 0;
        const run: Buffer[] = [];
        while (indexes[next] === first + run.length && run.length < 512) {
          run.push(this.block(first + run.length));
          next += 1;
        }
        await handle.writev(run, first * DISK_BLOCK_BYTES);
      }
      await handle.truncate(this.size);
    } finally {
      await handle.close();
    }
  }

  #write(position: number, bytes: Buffer): number[] {
    const changed: number[] = [];
    for (let done = 0; done < bytes.length;) {
      const index = Math.floor((position + done) / DISK_BLOCK_BYTES);
      const from = position + done - index * DISK_BLOCK_BYTES;
      const part = bytes.subarray(done, done + DISK_BLOCK_BYTES - from);
      const block = Buffer.from(this.block(index));
      part.copy(block, from);
      this.#blocks.set(index, block);
      changed.push(index);
      done += part.length;
    }
    this.size = Math.max(this.size, position + bytes.length);
    return changed;
  }
}

/** Every file of a folder. */
export type DiskState = ReadonlyMap<string, FileImage>;

/** The files as the program sees them after the first `count` operations: what a killed process leaves. */
export function stateAfter(operations: readonly DiskOperation[], count: number): DiskState {
  const files = new Map<string, FileImage>();
  for (const operation of operations.slice(0, count)) imageIn(files, operation.file).apply(operation);
  return files;
}

export function imageIn(files: Map<string, FileImage>, file: string): FileImage {
  const known = files.get(file);
  if (known !== undefined) return known;
  const image = new FileImage();
  files.set(file, image);
  return image;
}
