import { NO_EXTENTS } from '../../core/given-settings.js';
import type { ErrorData } from '../../core/errors.js';
import { resultOf, type RecordingResult } from '../../recording/recording-session.js';
import {
  type CloseCommand,
  isNote,
  type Note,
  type PipelineEvent,
  type PipelineFigures,
  type RecordingOrder,
  type RecordingPart,
  type RecordingPaths,
  type RecordingSummary,
  type RunCommand,
  NO_COUNTS,
  type RunEvent,
  type StopReason,
  emptySummary,
} from '../pipeline-messages.js';

/** How a run ended whose thread died. */
export interface Death {
  readonly error: ErrorData;
  readonly portReleased: boolean;
  /** The content of its recording's files, or `null` if there are none or they cannot be read. */
  readonly left: Omit<RecordingResult, 'paths'> | null;
  /** Monotonic clock, nanoseconds. */
  readonly atNs: bigint;
}

/**
 * What is known of a run outside its thread, from its commands and events. It is enough to answer for the run when
 * the thread is dead. Every unanswered command gets its answer, in the same order as the pipeline itself would give.
 */
export class RunLedger {
  #recording: { readonly order: RecordingOrder; paths: RecordingPaths | null } | null = null;
  /** Finished parts of the recording, without the part that is being written. */
  #endedParts: RecordingPart[] = [];
  #stop: StopReason | null = null;
  #close: StopReason | null = null;
  /** From the last figures. */
  #counts = NO_COUNTS;
  #known: Omit<RecordingResult, 'paths'> = { frames: 0, durationS: 0, bytes: 0 };
  #framesDelivered = 0;
  readonly #snapshots = new Set<number>();
  #isOver = false;

  constructor(
    readonly run: number,
    private readonly deviceId: string,
  ) {}

  /** Whether the run's last event was sent. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The files of the recording in progress, or `null`. */
  get paths(): RecordingPaths | null {
    return this.#recording?.paths ?? null;
  }

  noteCommand(command: RunCommand | CloseCommand): void {
    switch (command.type) {
      case 'startRecording':
        this.#recording = { order: command.order, paths: null };
        return;
      case 'stopRecording':
        // A recording that has ended meanwhile needs no answer.
        if (this.#recording !== null) this.#stop ??= command.reason;
        return;
      case 'takeSnapshot':
        this.#snapshots.add(command.request);
        return;
      case 'close':
        this.noteClose(command.reason);
    }
  }

  noteClose(reason: StopReason): void {
    this.#close ??= reason;
  }

  noteEvent(event: PipelineEvent): void {
    if (isNote(event)) this.#readNote(event);
    else this.#readRunEvent(event);
  }

  #readRunEvent(event: RunEvent): void {
    switch (event.type) {
      case 'recordingStarted':
        if (this.#recording !== null) this.#recording.paths = event.paths;
        return;
      case 'recordingContinued':
        if (this.#recording === null) return;
        this.#recording.paths = event.paths;
        this.#endedParts.push(event.ended);
        return;
      case 'recordingFailed':
      case 'recordingStopped':
        this.#endRecording();
        return;
      case 'lost':
      case 'closed':
        this.#isOver = true;
        return;
      case 'recordingEnding': // its end follows; after a death, `lastWords` reports it
      case 'firstFrame': // answers an `open`; after a death, `lost` does
    }
  }

  #readNote(note: Note): void {
    if (note.type === 'snapshotTaken' || note.type === 'snapshotFailed') this.#snapshots.delete(note.request);
    if (note.type === 'figures') this.#readFigures(note.figures);
  }

  #readFigures({ framesDelivered, recording }: PipelineFigures): void {
    this.#framesDelivered = framesDelivered;
    if (recording === null) return;
    const { counts, durationS, bytes } = recording;
    this.#counts = counts;
    this.#known = { frames: counts.recorded, durationS, bytes };
  }

  /** The events that the dead thread still owed. Then the run is over. */
  lastWords(death: Death): readonly PipelineEvent[] {
    const { run } = this;
    const { error, portReleased } = death;
    const words: PipelineEvent[] = this.#wordsOnRecording(death);
    for (const request of this.#snapshots) words.push({ type: 'snapshotFailed', run, request, error });
    if (this.#close === null) words.push({ type: 'lost', run, error, portReleased });
    else words.push({ type: 'closed', run, portReleased });
    this.#isOver = true;
    return words;
  }

  #wordsOnRecording(death: Death): PipelineEvent[] {
    const { run } = this;
    const recording = this.#recording;
    const stopped = (summary: RecordingSummary): PipelineEvent => ({ type: 'recordingStopped', run, summary });
    if (recording === null) return [];
    const { order, paths } = recording;
    const { error } = death;
    if (paths === null && this.#stop !== null) return [stopped({ ...emptySummary(this.#stop), error })];
    if (paths === null) return [{ type: 'recordingFailed', run, error, isCameraLost: true }];
    const summary = this.#summaryOf(paths, death);
    const lost = summary.counts.dropped - this.#counts.dropped;
    if (lost <= 0) return [stopped(summary)];
    const drop = {
      reason: 'write_error' as const,
      monoNs: death.atNs,
      frameNumber: this.#framesDelivered,
      deviceId: this.deviceId,
      trial: order.trialNumber,
      count: lost,
    };
    return [{ type: 'drop', run, drop }, stopped(summary)];
  }

  /**
   * The file decides how many frames were recorded. The number of delivered frames comes from the last figures. Of the
   * frames after these figures, only those in the file are counted, because the others cannot be counted any more.
   */
  #summaryOf(paths: RecordingPaths, { error, left }: Death): RecordingSummary {
    const written = left === null ? this.#endedParts : [...this.#endedParts, { paths, ...left }];
    const held = written.length > 0 ? resultOf(written) : { paths, ...this.#known };
    const { skipped, missingAtSource, disordered } = this.#counts;
    const delivered = Math.max(this.#counts.delivered, held.frames + this.#counts.dropped + skipped);
    const dropped = delivered - held.frames - skipped;
    const said =
      left === null
        ? 'The recording could not be read; it is reported with the last figures known.'
        : `The recording holds its first ${held.frames} frames; newer frames (one second at most) are lost.`;
    return {
      ...held,
      infoPath: written[0]?.infoPath ?? null,
      counts: { delivered, recorded: held.frames, dropped, skipped, missingAtSource, disordered },
      reason: this.#stop ?? this.#close ?? 'device_error',
      error: { ...error, message: `${error.message} ${said}` },
      given: NO_EXTENTS, // the frames were seen by the dead thread alone
      isGivenUp: false,
    };
  }

  #endRecording(): void {
    this.#recording = null;
    this.#stop = null;
    this.#endedParts = [];
    this.#counts = NO_COUNTS;
    this.#known = { frames: 0, durationS: 0, bytes: 0 };
  }
}
