import { messageOf } from '../../core/errors.js';
import type { FileSystem } from '../../core/file-system.js';
import { FramePairs, frameTimeNs, Spread } from '../../inspect/align/frame-pairs.js';
import { Origin, sensorTimes, TimesNotKnown } from './sensor-times.js';

/** How far apart the cameras of a recording were, from the timing files that were written. */

const SECOND_NS = 1_000_000_000;

/** A camera that was recorded. */
export interface RecordedCamera {
  readonly deviceId: string;
  /** Frames a second, for a recording that is too short to tell. */
  readonly fps: number;
  /** Of all its takes, in order. `null`: no path leads to the file any more. */
  readonly timingPaths: readonly (string | null)[];
}

/** Sensor times of one camera's frames minus those of their partners of another camera, ns. Positive: later. */
export interface Apart {
  readonly medianNs: number;
  /** Half of all offsets lie between them. */
  readonly quartilesNs: readonly [lower: number, upper: number];
  /** All offsets lie between them. They tell where a camera that was lost came back with another offset. */
  readonly extremesNs: readonly [least: number, most: number];
  /** Median and quartiles are exact to half of this. */
  readonly resolutionNs: number;
  readonly pairs: number;
  /** If time ran out: how much of the recording was compared. */
  readonly comparedNs: number | undefined;
}

export interface Offset {
  readonly deviceId: string;
  /** Text: why it is not known. */
  readonly apart: Apart | string;
  /** First frame minus first frame of the first camera. `undefined`: not known. */
  readonly beginsAfterNs: number | undefined;
}

/**
 * The offset of each camera from the first one. Never rejects. Where the signal aborts, what was read by then counts. Each
 * pair of cameras is one pass over their files, in the same memory for any length.
 */
export async function offsetsOf(
  [first, ...others]: readonly RecordedCamera[],
  signal: AbortSignal,
  fileSystem: Pick<FileSystem, 'open'>,
): Promise<readonly Offset[]> {
  if (first === undefined) return [];
  const compare = async (other: RecordedCamera): Promise<Offset> => {
    const origin = new Origin();
    const readers = [first, other].map((camera) => new TimesReader(camera, origin, signal, fileSystem));
    const [a, b] = readers as [TimesReader, TimesReader];
    const { deviceId } = other;
    const beginsAfter = (): number | undefined =>
      a.firstNs === undefined || b.firstNs === undefined ? undefined : b.firstNs - a.firstNs;
    try {
      const apart = await distance(a, b, signal);
      return { deviceId, apart, beginsAfterNs: beginsAfter() };
    } catch (thrown) {
      return { deviceId, apart: messageOf(thrown), beginsAfterNs: beginsAfter() };
    } finally {
      for (const reader of readers) reader.close();
    }
  };
  return Promise.all(others.map((other) => compare(other)));
}

async function distance(a: TimesReader, b: TimesReader, signal: AbortSignal): Promise<Apart | string> {
  await a.hasFrame();
  await b.hasFrame();
  const toleranceNs = Math.min(a.frameTimeNs, b.frameTimeNs) / 2;
  const spread = new Spread(toleranceNs);
  const pairs = new FramePairs(toleranceNs, (firstNs, otherNs) => {
    spread.add(otherNs - firstNs);
  });
  // To the last frame of one of them. Of the other, the frame after that may still be its partner.
  while ((a.isWithinBlock || (await a.hasFrame())) && (b.isWithinBlock || (await b.hasFrame()))) {
    if (a.nextNs <= b.nextNs) pairs.add(0, a.take());
    else pairs.add(1, b.take());
  }
  if (await a.hasFrame()) pairs.add(0, a.take());
  if (await b.hasFrame()) pairs.add(1, b.take());
  pairs.end();
  if (spread.count > 0) {
    return {
      medianNs: spread.quantile(0.5),
      quartilesNs: [spread.quantile(0.25), spread.quantile(0.75)],
      extremesNs: spread.extremes,
      resolutionNs: spread.resolution,
      pairs: spread.count,
      comparedNs: signal.aborted ? Math.max(a.lastNs, b.lastNs) : undefined,
    };
  }
  if (signal.aborted) return messageOf(signal.reason);
  if (a.lastNs < (b.firstNs ?? 0) || b.lastNs < (a.firstNs ?? 0)) return 'they did not record at the same time';
  return 'no two frames lie within half a frame time of each other';
}

/** The sensor times of a camera, one after another. */
class TimesReader {
  /** Of its first frame. */
  firstNs: number | undefined;
  /** Of the frame that was taken last. */
  lastNs = -Infinity;
  /** From frame to frame. */
  frameTimeNs: number;
  readonly #blocks: AsyncGenerator<readonly number[], void, undefined>;
  readonly #ended: Promise<undefined>;
  #block: readonly number[] = [];
  #at = 0;
  #hasEnded = false;

  constructor(
    private readonly camera: RecordedCamera,
    origin: Origin,
    private readonly signal: AbortSignal,
    fileSystem: Pick<FileSystem, 'open'>,
  ) {
    this.frameTimeNs = SECOND_NS / camera.fps;
    this.#blocks = sensorTimes(camera.timingPaths, origin, fileSystem);
    this.#ended = new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        resolve(undefined);
      });
    });
  }

  /** Whether there is a next frame without waiting for the disk. */
  get isWithinBlock(): boolean {
    return this.#at < this.#block.length;
  }

  get nextNs(): number {
    return this.#block[this.#at] ?? Number.NaN;
  }

  take(): number {
    this.lastNs = this.nextNs;
    this.#at += 1;
    return this.lastNs;
  }

  /** Whether there is a next frame. After the signal there is none. Rejects with why the times are not known. */
  async hasFrame(): Promise<boolean> {
    if (this.isWithinBlock) return true;
    if (this.#hasEnded || this.signal.aborted) return false;
    // A disk that does not answer holds up nobody.
    const read = await Promise.race([this.#next(), this.#ended]);
    this.#hasEnded = read === undefined || read.done === true;
    if (read === undefined || read.done === true) return false;
    [this.#block, this.#at] = [read.value, 0];
    if (this.firstNs === undefined) this.#begin();
    return true;
  }

  close(): void {
    void this.#blocks.return(undefined).catch(() => undefined); // nobody waits for it
  }

  #begin(): void {
    [this.firstNs] = this.#block;
    const measuredNs = frameTimeNs(this.#block);
    if (!Number.isNaN(measuredNs)) this.frameTimeNs = measuredNs;
  }

  async #next(): Promise<IteratorResult<readonly number[], void>> {
    try {
      return await this.#blocks.next();
    } catch (thrown) {
      if (thrown instanceof TimesNotKnown) throw new TimesNotKnown(`${this.camera.deviceId} ${thrown.message}`);
      throw thrown;
    }
  }
}
