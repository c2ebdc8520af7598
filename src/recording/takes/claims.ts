import type { FileHandle } from 'node:fs/promises';
import type { TakeHandles } from './whereabouts.js';

/** Who closes the descriptors of a take that is being made. Each is closed once, whatever fails. */
export class Claims {
  readonly #closings = new Map<FileHandle, () => Promise<void>>();

  constructor(handles: TakeHandles) {
    for (const handle of Object.values<FileHandle>({ ...handles })) this.#closings.set(handle, () => handle.close());
  }

  /** `file`: takes the descriptor over, and has closed it if it rejects. */
  async claim<T extends { abandon: () => Promise<void> }>(handle: FileHandle, file: Promise<T>): Promise<T> {
    this.#closings.delete(handle);
    const owner = await file;
    this.#closings.set(handle, () => owner.abandon());
    return owner;
  }

  /** Never rejects. */
  async closeAll(): Promise<void> {
    for (const close of this.#closings.values()) await close().catch(() => undefined);
  }
}
