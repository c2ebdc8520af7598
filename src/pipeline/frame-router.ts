import type { Frame } from '../core/frame.js';
import type { DropReporter } from './drop-reporter.js';
import type { PipelineMetrics } from './pipeline-metrics.js';
import type { PreviewBranch } from './preview-branch.js';
import type { RecordingBranch } from './recorder/recording-branch.js';
import type { SnapshotBranch } from './snapshot-branch.js';
import { SourceGaps } from './source-gaps.js';

export interface Branches {
  readonly recording: Pick<RecordingBranch, 'offer' | 'miss'>;
  readonly preview: Pick<PreviewBranch, 'offer'>;
  readonly snapshots: Pick<SnapshotBranch, 'offer'>;
  readonly metrics: PipelineMetrics;
  readonly drops: DropReporter;
}

/**
 * Gives each frame of a run to the recording, the preview and the snapshots. It runs in the reader's turn, so
 * nothing here waits, copies or writes. A branch that keeps the frame retains it.
 */
export class FrameRouter {
  readonly #gaps = new SourceGaps();
  #originNs: bigint | null = null;
  #frameNumber = 0;

  constructor(private readonly branches: Branches) {}

  /** Frames since the camera was opened. */
  get frameNumber(): number {
    return this.#frameNumber;
  }

  route(frame: Frame): void {
    const { recording, preview, snapshots, metrics } = this.branches;
    this.#frameNumber += 1;
    const timeMs = this.timelineMs(frame.timelineNs);
    metrics.capture(timeMs);
    if (frame.times.sensorTimestampNs !== 0n) {
      const durationMs = (frame.times.frameDurationUs ?? 0) / 1_000;
      this.#reportMissing(this.#gaps.observe(timeMs, durationMs), frame.timelineNs);
    }
    recording.offer(frame, this.#frameNumber, timeMs);
    if (preview.offer(frame, timeMs)) metrics.preview(timeMs);
    snapshots.offer(frame);
  }

  /** Call at the end of the stream. Reports gaps that were only suspected so far. */
  settle(nowNs: bigint): void {
    this.#reportMissing(this.#gaps.settle(), nowNs);
  }

  /**
   * Turns a time of the monotonic clock into ms since the run's first frame. Gates and rates use this. The files
   * get the frame's own nanoseconds, which are never converted to a double.
   */
  timelineMs(monotonicNs: bigint): number {
    this.#originNs ??= monotonicNs;
    return Number(monotonicNs - this.#originNs) / 1_000_000;
  }

  #reportMissing(missing: number, monoNs: bigint): void {
    if (missing === 0) return;
    const { recording, drops } = this.branches;
    // A gap before the recording's first frame is not the recording's loss, although its trial has begun.
    if (recording.miss(missing)) drops.report('source_gap', this.#frameNumber, monoNs, missing);
    else drops.reportOutside('source_gap', this.#frameNumber, monoNs, missing);
  }
}
