import type { PipelineFigures } from './pipeline-messages.js';
import { SlidingWindow } from './sliding-window.js';

/** Figures that come from elsewhere: from the ring, the recording and the drop counts. */
export type FiguresElsewhere = Pick<
  PipelineFigures,
  'bufferedFrames' | 'bufferedBytes' | 'bufferFill' | 'drops' | 'recording' | 'given' | 'focus' | 'sync'
>;

/** A camera that gave no frame for so long, and for so many frame times, gives none now, ms. */
const STILL_MS = 1_500;
const STILL_FRAME_TIMES = 5;

/**
 * Rates, jitter and latency of one run, by the frames' own time, in constant memory. Nothing is allocated per
 * frame. The figures are computed only when they are asked for.
 */
export class PipelineMetrics {
  readonly #captured = new SlidingWindow();
  readonly #written = new SlidingWindow();
  readonly #previewed = new SlidingWindow();
  #nowMs = 0;
  #framesDelivered = 0;
  /** When more frames were seen than before, by who asks for the figures, ns of the monotonic clock. */
  #grown = { frames: -1, ns: 0n };

  capture(timeMs: number): void {
    this.#nowMs = timeMs;
    this.#framesDelivered += 1;
    this.#captured.add(timeMs);
  }

  /** `latencyMs`: from the sensor's timestamp until the write returned. */
  write(timeMs: number, latencyMs: number): void {
    this.#written.add(timeMs, latencyMs);
  }

  preview(timeMs: number): void {
    this.#previewed.add(timeMs);
  }

  endRecording(): void {
    this.#written.clear();
  }

  endPreview(): void {
    this.#previewed.clear();
  }

  /** `nowNs`: monotonic clock. The frames' own time stands still with a camera that hangs, and its rate would with it. */
  figures(elsewhere: FiguresElsewhere, nowNs: bigint): PipelineFigures {
    // Nothing in the windows is of now.
    const nowMs = this.#isStill(nowNs) ? Number.POSITIVE_INFINITY : this.#nowMs;
    return {
      captureFps: this.#captured.rate(nowMs),
      recordFps: this.#written.rate(nowMs),
      previewFps: this.#previewed.rate(nowMs),
      framesDelivered: this.#framesDelivered,
      jitterMs: this.#captured.intervalDeviation(nowMs),
      latencyMs: this.#written.medianAndMax(nowMs),
      ...elsewhere,
    };
  }

  #isStill(nowNs: bigint): boolean {
    if (this.#framesDelivered !== this.#grown.frames) this.#grown = { frames: this.#framesDelivered, ns: nowNs };
    const frameTimeMs = 1_000 / this.#captured.rate(this.#nowMs);
    return Number(nowNs - this.#grown.ns) / 1e6 >= Math.max(STILL_MS, STILL_FRAME_TIMES * frameTimeMs);
  }
}
