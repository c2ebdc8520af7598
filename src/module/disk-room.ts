import type { Clock } from '../core/clock.js';
import type { DiskSpace } from '../core/disk-space.js';
import { messageOf } from '../core/errors.js';
import type { Log } from '../core/log-level.js';
import type { DiskFigures } from '../pipeline/pipeline-messages.js';
import type { StatusReport } from '../protocol/statuses.js';

const PERIOD_MS = 2000;

/** A take that is under way. `disk`: what its pipeline's own watch was told last. */
export interface TakeOnDisk {
  readonly folder: string;
  readonly disk: DiskFigures | null;
}

export interface DiskRoomDependencies {
  readonly clock: Clock;
  readonly disk: DiskSpace;
  /** Bytes that must stay free. */
  readonly reserveBytes: number;
  /** Where a recording that starts now would go: an absolute path. `null`: nowhere. */
  readonly folder: () => string | null;
  readonly takes: () => readonly TakeOnDisk[];
  readonly log: Log;
}

/** What a disk told. */
interface Reading {
  readonly folder: string;
  readonly freeBytes: number;
  /** Monotonic clock. */
  readonly toldNs: bigint;
  /** How fast the disk fills. `null`: nothing records on it, or the rate is not known yet. */
  readonly bytesPerS: number | null;
}

/**
 * The free space, as part of `status()`. While nothing is recorded it asks the disk itself. During a recording the pipelines
 * ask, and this only adds up. At most one question of its own is open: a disk that hangs keeps one thread of Node's pool, and
 * its last answer grows old.
 */
export class DiskRoom {
  #reading: Reading | null = null;
  #isAsking = false;
  #hasFailed = false;
  #cancel = (): void => {};

  constructor(private readonly dependencies: DiskRoomDependencies) {}

  start(): void {
    const tick = (): void => {
      const ofTakes = this.#ofTakes();
      // Kept for the time after the recording, until the disk has answered again.
      if (ofTakes !== null) this.#reading = { ...ofTakes, bytesPerS: null };
      else if (!this.#isAsking && this.dependencies.takes().length === 0) void this.#ask(); // never rejects
    };
    tick();
    this.#cancel = this.dependencies.clock.every(PERIOD_MS, tick);
  }

  /** May be called twice. An answer that comes later is still taken. */
  stop(): void {
    this.#cancel();
  }

  describe(): StatusReport['disk'] {
    const reading = this.#ofTakes() ?? this.#ofPresentFolder();
    if (reading === null) return null;
    const { clock, reserveBytes } = this.dependencies;
    return {
      free_bytes: Math.min(reading.freeBytes, Number.MAX_SAFE_INTEGER),
      reserve_bytes: reserveBytes,
      seconds_left: this.#secondsLeft(reading),
      age_ms: Number((clock.monotonicNs() - reading.toldNs) / 1_000_000n),
    };
  }

  /** What is known of another disk says nothing of this one. */
  #ofPresentFolder(): Reading | null {
    const { folder, takes } = this.dependencies;
    const folders = [...takes().map((take) => take.folder), folder()];
    return this.#reading !== null && folders.includes(this.#reading.folder) ? this.#reading : null;
  }

  /** Of the recordings' disks the one that is full first. `null`: no watch has an answer. */
  #ofTakes(): Reading | null {
    const takes = this.dependencies.takes();
    let worst: Reading | null = null;
    for (const folder of new Set(takes.map((take) => take.folder))) {
      const reading = together(
        folder,
        takes.filter((take) => take.folder === folder),
      );
      if (reading !== null && (worst === null || this.#isSooner(reading, worst))) worst = reading;
    }
    return worst;
  }

  #isSooner(one: Reading, other: Reading): boolean {
    return (this.#secondsLeft(one) ?? Infinity) < (this.#secondsLeft(other) ?? Infinity);
  }

  #secondsLeft({ freeBytes, bytesPerS }: Reading): number | null {
    if (bytesPerS === null) return null;
    const leftBytes = Math.max(0, freeBytes - this.dependencies.reserveBytes);
    return Math.min(Math.floor(leftBytes / bytesPerS), Number.MAX_SAFE_INTEGER);
  }

  async #ask(): Promise<void> {
    const { clock, disk, log } = this.dependencies;
    const folder = this.dependencies.folder();
    if (folder === null) return;
    this.#isAsking = true;
    try {
      const freeBytes = await disk.freeBytes(folder);
      this.#hasFailed = false;
      this.#reading =
        freeBytes === null
          ? null
          : { folder, freeBytes: Number(freeBytes), toldNs: clock.monotonicNs(), bytesPerS: null };
    } catch (failure) {
      // The last answer grows old in sight of everybody. A recording has its own watch, which warns.
      if (!this.#hasFailed) log('debug', 'The free space is not known.', { folder, error: messageOf(failure) });
      this.#hasFailed = true;
    } finally {
      this.#isAsking = false;
    }
  }
}

/** Takes in one folder are on one disk: the newest answer holds, and their rates add up. */
function together(folder: string, takes: readonly TakeOnDisk[]): Reading | null {
  let newest: DiskFigures | null = null;
  let writtenPerS = 0;
  let lostPerS = 0;
  for (const { disk } of takes) {
    if (disk === null) continue;
    if (newest === null || disk.toldNs > newest.toldNs) newest = disk;
    writtenPerS += disk.writtenPerS;
    lostPerS = Math.max(lostPerS, disk.lostPerS);
  }
  if (newest === null) return null;
  const bytesPerS = Math.max(writtenPerS, lostPerS);
  return { folder, freeBytes: newest.freeBytes, toldNs: newest.toldNs, bytesPerS: bytesPerS > 0 ? bytesPerS : null };
}
