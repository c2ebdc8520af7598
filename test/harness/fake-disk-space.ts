import type { DiskSpace, OpenFile } from '../../src/core/disk-space.js';
import { Barrier } from './fake-recording-session.js';

/** A disk that is as full as a test says. */
export class FakeDiskSpace implements DiskSpace {
  free = 1_000_000_000;
  /** Questions wait here while it is closed. */
  readonly barrier = new Barrier();
  error: Error | null = null;
  /** What is free on the disk of the open file; `undefined`: as much as at the path. `null`: no /proc. */
  freeOfOpen: number | null | undefined;
  /** The folders that were asked about. */
  readonly asked: string[] = [];

  async freeBytesOfOpen({ fd }: OpenFile): Promise<bigint | null> {
    const free = await this.freeBytes(`fd ${fd}`);
    if (this.freeOfOpen === undefined) return free;
    return this.freeOfOpen === null ? null : BigInt(this.freeOfOpen);
  }

  async freeBytes(folder: string): Promise<bigint> {
    this.asked.push(folder);
    await this.barrier.pass();
    if (this.error !== null) throw this.error;
    return BigInt(this.free);
  }
}
