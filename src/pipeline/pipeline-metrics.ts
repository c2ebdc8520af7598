import type { PipelineFigures } from './pipeline-messages.js';
import { SlidingWindow } from './sliding-window.js';

/** Figures that come from elsewhere: from the ring, the recording and the drop counts. */
export type FiguresElsewhere = Pick<
  PipelineFigures,
  'bufferedFrames' | 'bufferedBytes' | 'bufferFill' | 'drops' | 'recording' | 'given' | 'focus' | 'sync'
>;

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

  figures(elsewhere: FiguresElsewhere): PipelineFigures {
    const nowMs = this.#nowMs;
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
}
