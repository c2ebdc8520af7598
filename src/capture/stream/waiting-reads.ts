import type { Clock } from '../../core/clock.js';
import type { Slab } from '../frame-memory.js';

/**
 * How long a read waits for others, ns. The write that follows gathers frames for about as long, so nothing comes later to the disk.
 * Parsing six frames of a camera in one go costs a third less than one by one: the code and what it needs are in the CPU's cache then.
 */
const LONGEST_WAIT_NS = 90_000_000n;
/** Bytes that wait at most: what a source without a pace sends is parsed while it is in the CPU's cache. */
const MAX_BYTES = 2 * 1024 * 1024;

/** Bytes that were read: `start` inclusive, `end` exclusive in the slab, which is retained. */
interface WaitingRead {
  readonly slab: Slab;
  readonly start: number;
  readonly end: number;
  readonly atNs: bigint;
  readonly wallMs: number;
}

/** Takes bytes in the order in which they were read. `atNs`, `wallMs`: when that was, on the monotonic and the wall clock. */
export type UseRead = (slab: Slab, start: number, end: number, atNs: bigint, wallMs: number) => void;

/** Reads that wait to be parsed together, each with the time at which it was made. */
export class WaitingReads {
  #reads: WaitingRead[] = [];
  #byteLength = 0;

  constructor(
    private readonly use: UseRead,
    private readonly clock: Pick<Clock, 'monotonicNs' | 'wallMs'>,
  ) {}

  /** Adds a read of this moment. Uses it at once, with all that wait, if the first of them has waited long enough. */
  add(slab: Slab, start: number, end: number): void {
    const atNs = this.clock.monotonicNs();
    slab.retain();
    this.#reads.push({ slab, start, end, atNs, wallMs: this.clock.wallMs() });
    this.#byteLength += end - start;
    const firstNs = this.#reads[0]?.atNs ?? atNs;
    if (atNs - firstNs >= LONGEST_WAIT_NS || this.#byteLength >= MAX_BYTES) this.useAll();
  }

  /** Uses all reads that wait, each once: whoever uses one may call this again. */
  useAll(): void {
    const reads = this.#reads;
    this.#reads = [];
    this.#byteLength = 0;
    for (const { slab, start, end, atNs, wallMs } of reads) {
      this.use(slab, start, end, atNs, wallMs);
      slab.release();
    }
  }
}
