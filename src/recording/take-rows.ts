import type { Frame, FrameTimes } from '../core/frame.js';
import type { FrameChecksums } from './checksums/frame-checksums.js';
import type { MetadataRow } from './metadata-columns.js';
import type { RowTimes, RowTimesFacts } from './info/row-times.js';
import type { RowFile, RowFileFacts } from './row-file.js';

type AnyRowFile = Omit<RowFile<never>, 'note'>;

/**
 * The rows of a take: its timing file and, where it is wanted, its metadata file. Both have the same rows at every
 * commit. A call fails if it fails for one of them. Calls do not overlap.
 *
 * The checksums of the frames, where they are wanted, keep step with the rows: they are noted, settled and forgotten with them.
 */
export class TakeRows {
  readonly #files: readonly AnyRowFile[];

  constructor(
    private readonly timing: RowFile<FrameTimes>,
    private readonly metadata: RowFile<MetadataRow> | null,
    private readonly times: RowTimes,
    readonly checksums: FrameChecksums | null = null,
  ) {
    this.#files = metadata === null ? [timing] : [timing, metadata];
  }

  /** What the files are when `finalize` is done. */
  get facts(): {
    readonly timing: RowFileFacts;
    readonly metadata: RowFileFacts | null;
    readonly times: RowTimesFacts;
  } {
    return { timing: this.timing.facts, metadata: this.metadata?.facts ?? null, times: this.times.facts };
  }

  /** Number of rows that are not settled yet. */
  get waitingRows(): number {
    return this.timing.waitingRows;
  }

  /** Adds a frame's rows. They wait for `flush`. The frame's bytes must still be there. */
  note(frame: Frame): void {
    const { times, metadata } = frame;
    this.timing.note(times);
    this.checksums?.note(frame);
    this.metadata?.note({ sensorTimestampNs: times.sensorTimestampNs, text: metadata?.text ?? '' });
  }

  /** Writes the waiting rows. Overwrites what an earlier attempt wrote of them. */
  async flush(): Promise<void> {
    for (const file of this.#files) await file.flush();
  }

  /** Syncs the files, so that written rows survive a power cut. */
  async sync(): Promise<void> {
    for (const file of this.#files) await file.sync();
  }

  /** Makes the flushed rows final, because their frames are committed. */
  settle(): void {
    for (const file of this.#files) file.settle();
    this.checksums?.settle();
  }

  /** Removes the newest rows, down to `rows`. Settled rows stay. */
  forgetAfter(rows: number): void {
    for (const file of this.#files) file.forgetAfter(rows);
    this.checksums?.forgetAfter(rows);
  }

  /** Cuts off rows that are not settled and closes the descriptors. `isDurable`: syncs before closing. */
  async finalize(isDurable: boolean): Promise<void> {
    await this.#each((file) => file.finalize(isDurable));
  }

  /** Closes the descriptors and leaves the files as they are. May be called twice. */
  async abandon(): Promise<void> {
    await this.#each((file) => file.abandon());
  }

  /** Does it to every file, also after a failure. Rejects with the first failure. */
  async #each(work: (file: AnyRowFile) => Promise<void>): Promise<void> {
    const failures: unknown[] = [];
    for (const file of this.#files) await work(file).catch((failure: unknown) => failures.push(failure));
    if (failures.length > 0) throw failures[0];
  }
}
