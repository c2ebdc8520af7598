import type { Frame } from '../core/frame.js';
import type { DropReporter } from './drop-reporter.js';
import type { FrameFacts } from './frame-facts.js';
import { FrameTimeline } from './frame-timeline.js';
import type { PipelineMetrics } from './pipeline-metrics.js';
import type { PreviewDesk } from './preview/preview-desk.js';
import type { RecordingBranch } from './recorder/recording-branch.js';
import type { SnapshotBranch } from './snapshot-branch.js';
import { SourceGaps } from './source-gaps.js';

export interface Branches {
  readonly recording: Pick<RecordingBranch, 'offer' | 'miss' | 'noteDisorder'>;
  readonly preview: Pick<PreviewDesk, 'offer'>;
  readonly snapshots: Pick<SnapshotBranch, 'offer'>;
  readonly metrics: PipelineMetrics;
  readonly facts: FrameFacts;
  readonly drops: DropReporter;
}

/**
 * Gives each frame of a run to the recording, the preview and the snapshots. It runs in the reader's turn, so
 * nothing here waits or writes, and only the preview copies, while somebody looks. A branch that keeps the frame retains
 * it.
 */
export class FrameRouter {
  readonly #timeline = new FrameTimeline();
  readonly #gaps = new SourceGaps();
  #frameNumber = 0;
  /** The last frame whose timestamp is in order. A gap that is confirmed now lies before it. */
  #orderedNumber = 0;
  #orderedNs = 0n;

  constructor(private readonly branches: Branches) {}

  /** Frames since the camera was opened. */
  get frameNumber(): number {
    return this.#frameNumber;
  }

  route(frame: Frame): void {
    const { recording, preview, snapshots, metrics, facts } = this.branches;
    this.#frameNumber += 1;
    const isDisordered = this.#place(frame);
    const { timeMs } = this.#timeline;
    metrics.capture(timeMs);
    facts.note(frame);
    recording.offer(frame, this.#frameNumber, timeMs);
    if (isDisordered) recording.noteDisorder();
    snapshots.offer(frame);
    if (preview.offer(frame, this.#frameNumber, timeMs)) metrics.preview(timeMs);
  }

  /**
   * Call at the end of a recording. Reports gaps that were only suspected so far. `afterEndMs`: from the recording's end to the
   * newest frame. As many of the missing frames as fit into that time came after the end.
   */
  confirmGaps(afterEndMs: number): void {
    const missing = this.#gaps.confirm();
    const after = Math.min(missing, this.#gaps.framesIn(afterEndMs));
    this.#reportMissing(missing - after);
    if (after > 0) this.branches.drops.reportOutside('source_gap', this.#orderedNumber, this.#orderedNs, after);
  }

  /** Call at the end of the stream. Reports gaps that were only suspected so far. */
  settle(): void {
    this.#reportMissing(this.#gaps.settle());
  }

  /**
   * Turns a time of the monotonic clock into ms since the run's first frame. Gates and rates use this. The files
   * get the frame's own nanoseconds, which are never converted to a double.
   */
  timelineMs(monotonicNs: bigint): number {
    return this.#timeline.timelineMs(monotonicNs);
  }

  /** Gives the frame its time and looks for a gap before it. Returns whether its timestamp is out of order. */
  #place(frame: Frame): boolean {
    const gaps = this.#gaps;
    const durationMs = (frame.times.frameDurationUs ?? 0) / 1_000;
    const placing = this.#timeline.place(frame, gaps.expectedMs(durationMs));
    switch (placing) {
      case 'inOrder':
        this.#reportMissing(gaps.observe(this.#timeline.stepMs, durationMs));
        break;
      case 'restarted':
        gaps.restart(durationMs);
        break;
      case 'disordered':
      case 'unstamped':
        gaps.fill();
        return placing === 'disordered';
    }
    this.#orderedNumber = this.#frameNumber;
    this.#orderedNs = frame.timelineNs;
    return false;
  }

  #reportMissing(missing: number): void {
    if (missing === 0) return;
    const { recording, drops } = this.branches;
    // A gap before the recording's first frame is not the recording's loss, although its trial has begun.
    if (recording.miss(missing, this.#orderedNumber))
      drops.report('source_gap', this.#orderedNumber, this.#orderedNs, missing);
    else drops.reportOutside('source_gap', this.#orderedNumber, this.#orderedNs, missing);
  }
}
