import type { Clock } from '../../core/clock.js';
import type { DiskSpace } from '../../core/disk-space.js';
import { errorWithAdvice, fileError } from '../../core/errors.js';
import type { CsiCamerasError, ErrorData } from '../../core/errors.js';
import { TIMED_OUT, within } from '../../core/within.js';
import type { FoundPaths, Recording, Unreachable, Whereabouts } from '../../recording/recording-session.js';
import { removedError } from '../../recording/takes/whereabouts.js';
import type { DiskFigures, StopReason } from '../pipeline-messages.js';
import { DISK_CHECK_PERIOD_MS, DiskGuard } from './disk-guard.js';

/**
 * After this time a recording begins without an answer. A disk that is slow to answer may still write fast enough.
 */
const ADMISSION_LIMIT_MS = 1_000;
const MIB = 1024 * 1024;

export interface DiskWatchListener {
  /** The recording must end in good order. */
  onMustStop(reason: StopReason, error: CsiCamerasError): void;
  /** Sends a `warning` status to the host. */
  warn(code: 'disk_low_soon' | 'session_dir_moved', message: string): void;
  /** Writes to the log only. */
  onRemark(message: string, error: ErrorData | null): void;
}

export interface DiskWatchDependencies {
  readonly recording: Pick<Recording, 'bytes' | 'frames' | 'locate' | 'openVideo'>;
  /** Absolute path. It may not exist yet. */
  readonly sessionDir: string;
  readonly disk: DiskSpace;
  /** Bytes that must stay free; 0: there is no limit, and the free space is only told. */
  readonly minFreeBytes: number;
  readonly clock: Clock;
  readonly listener: DiskWatchListener;
}

/**
 * Checks one recording's disk once a second, beside the writes: the free space, and whether the files are still where
 * they were made. Only one check runs at a time. A disk that does not answer is not asked again and blocks nothing.
 */
export class DiskWatch {
  readonly #guard: DiskGuard;
  #isAsking = false;
  #isOver = false;
  /** A failing check and a place are reported once, not every second. */
  #hasFailed = false;
  #toldPlace = '';
  #foundPaths: FoundPaths | null = null;
  #space: DiskFigures | null = null;
  #cancel = (): void => undefined;

  constructor(private readonly dependencies: DiskWatchDependencies) {
    this.#guard = new DiskGuard(dependencies.minFreeBytes);
  }

  /** Of the take that was written at the last check, where its files were not where they were made; else `null`. */
  get foundPaths(): FoundPaths | null {
    return this.#foundPaths;
  }

  /** What the disk told at the last check that it answered. `null` before the first answer. */
  get space(): DiskFigures | null {
    return this.#space;
  }

  /** Why the recording must not begin, or `null`. Never rejects. Answers within about one second. */
  async refusal(): Promise<CsiCamerasError | null> {
    const { minFreeBytes, sessionDir, disk, clock, listener } = this.dependencies;
    if (minFreeBytes === 0) return null;
    try {
      const freeBytes = await within(clock, ADMISSION_LIMIT_MS, disk.freeBytes(sessionDir));
      if (freeBytes === TIMED_OUT) {
        listener.onRemark('The disk did not report its free space within 1 s; recording starts anyway.', null);
        return null;
      }
      if (freeBytes === null) return null;
      this.#noteSpace(freeBytes);
      return this.#guard.admits(freeBytes) ? null : this.#lowError(freeBytes, '');
    } catch (failure) {
      this.#noteFailure(failure);
      return null;
    }
  }

  start(): void {
    this.#guard.begin(this.dependencies.clock.monotonicNs());
    this.#cancel = this.dependencies.clock.every(DISK_CHECK_PERIOD_MS, () => {
      if (!this.#isAsking) void this.#check(); // never rejects
    });
  }

  /** A check that ends later changes nothing. May be called twice. */
  stop(): void {
    this.#isOver = true;
    this.#cancel();
  }

  async #check(): Promise<void> {
    this.#isAsking = true;
    try {
      await this.#checkPlace();
      if (!this.#isOver) await this.#checkSpace();
      this.#hasFailed = false;
    } catch (failure) {
      this.#noteFailure(failure);
    } finally {
      this.#isAsking = false;
    }
  }

  async #checkPlace(): Promise<void> {
    const { recording, listener } = this.dependencies;
    const whereabouts = await recording.locate();
    this.#foundPaths = whereabouts.paths ?? null;
    if (this.#isOver || whereabouts.kind === 'inPlace') return;
    if (whereabouts.kind === 'removed') {
      listener.onMustStop('io_error', removedError(whereabouts.path));
      return;
    }
    this.#tellPlace('The recording goes on, but', whereabouts);
  }

  /** The recording is over, and no path leads to one of its files. Told once, as during the recording. */
  tellUnreachable(file: Unreachable): void {
    this.#tellPlace('The recording has ended, but', file);
  }

  #tellPlace(sofar: string, whereabouts: Moved | Unreachable): void {
    const place = placeOf(whereabouts);
    if (place === this.#toldPlace) return;
    this.#toldPlace = place;
    this.dependencies.listener.warn('session_dir_moved', `${sofar} ${place}`);
  }

  async #checkSpace(): Promise<void> {
    const { recording, clock, listener, minFreeBytes } = this.dependencies;
    const freeBytes = await this.#freeBytes();
    if (this.#isOver || freeBytes === null) return;
    const verdict = this.#guard.judge(freeBytes, recording.bytes, clock.monotonicNs());
    this.#noteSpace(freeBytes);
    if (minFreeBytes === 0) return;
    if (verdict.kind === 'soon') listener.warn('disk_low_soon', this.#soonMessage(verdict.minutesLeft));
    if (verdict.kind === 'low') listener.onMustStop('disk_full', this.#lowError(freeBytes, ''));
    if (verdict.kind === 'nearlyLow') {
      const rate = ` At ${inMib(verdict.bytesPerS)} a second, the next check would be too late.`;
      listener.onMustStop('disk_full', this.#lowError(freeBytes, rate));
    }
  }

  #noteSpace(freeBytes: bigint): void {
    const toldNs = this.dependencies.clock.monotonicNs();
    this.#space = { freeBytes: Number(freeBytes), toldNs, ...this.#guard.rates };
  }

  /**
   * Asks the disk that holds the open video. Before there is one, and where the system has no /proc, it asks by the path.
   * `null`: no answer that counts.
   */
  async #freeBytes(): Promise<bigint | null> {
    const { sessionDir, recording, disk } = this.dependencies;
    const video = recording.openVideo;
    // One part has ended and the next is not made: where that will be is not known yet.
    if (video === null) return recording.frames === 0 ? disk.freeBytes(sessionDir) : null;
    const freeBytes = await disk.freeBytesOfOpen(video);
    // Its descriptor was closed meanwhile. The number may have been another file's when the disk was asked.
    if (recording.openVideo !== video) return null;
    return freeBytes ?? disk.freeBytes(sessionDir);
  }

  /** `why`: the reason if the limit is not reached yet; else ''. */
  #lowError(freeBytes: bigint, why: string): CsiCamerasError {
    const { sessionDir, minFreeBytes } = this.dependencies;
    return errorWithAdvice(
      'disk_low',
      `Only ${inMib(Number(freeBytes))} are free for ${sessionDir}, but ${inMib(minFreeBytes)} must stay free.${why}`,
      { operation: 'statfs', path: sessionDir, freeBytes: Number(freeBytes), minFreeBytes },
    );
  }

  #soonMessage(minutesLeft: number): string {
    const { sessionDir, minFreeBytes } = this.dependencies;
    const left = minutesLeft < 1 ? 'less than a minute' : `about ${Math.floor(minutesLeft)} min`;
    const limit = `only ${inMib(minFreeBytes)} will be free for ${sessionDir}`;
    return `At the present rate, ${limit} in ${left}, and the recording will end. Free some space.`;
  }

  #noteFailure(failure: unknown): void {
    if (this.#hasFailed || this.#isOver) return;
    this.#hasFailed = true;
    const error = fileError('stat', this.dependencies.sessionDir, failure).toData();
    this.dependencies.listener.onRemark(
      'A disk check failed; free space and moved files go unnoticed until one succeeds.',
      error,
    );
  }
}

type Moved = Extract<Whereabouts, { kind: 'moved' }>;

function placeOf(file: Moved | Unreachable): string {
  const { path } = file;
  if (file.kind === 'moved') return `${path} was moved; it is now ${file.to}.`;
  switch (file.why) {
    case 'unmounted':
      return `${path} is on a disk that is no longer mounted. No path leads to it.`;
    case 'mountedOver':
      return `${path} is on a disk that another one was mounted over. No path leads to it until that one is unmounted.`;
    case 'unknown':
      return `${path} is no longer there; the system does not report its new path.`;
  }
}

function inMib(bytes: number): string {
  return `${(bytes / MIB).toFixed(bytes < 10 * MIB ? 1 : 0)} MiB`;
}
