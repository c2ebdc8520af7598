import { msUntil } from '../../core/deadline.js';
import { errorWithAdvice, type ErrorData, errorDataOf } from '../../core/errors.js';
import type { Frame } from '../../core/frame.js';
import { withResolve } from '../../core/within.js';
import type { RecordingPart, RecordingPaths, RecordingResult } from '../../recording/recording-session.js';
import type { PipelineFigures, RecordingSummary, StopReason } from '../pipeline-messages.js';
import { BackPressure } from './back-pressure.js';
import { DiskWatch } from './disk-watch.js';
import { FrameBatch, FrameRing } from './frame-ring.js';
import type { RecorderDependencies, RecorderOutcome } from './recorder-contract.js';
import { endOf, failedBy, toldToEnd } from './recorder-phase.js';
import type { RecorderPhase } from './recorder-phase.js';
import { RecordingAccount } from './recording-account.js';
import { TakeInfos } from './take-infos.js';
import { watchForStall } from './stall-watch.js';
import { WriteSchedule } from './write-schedule.js';

const DISORDERED =
  'The sensor timestamps are not in order: they stand still, run backwards or jump. All frames are kept as they came. The end of the recording tells how many timestamps it was.';

/**
 * One recording's loop: gate, ring, and one call to the disk at a time. The reader hands frames over with `offer`. The
 * loop writes what has gathered, commits by the clock, and ends when it is told to or when a write fails.
 */
export class Recorder {
  /** Resolves when the recording is over, or given up. Never rejects. */
  readonly outcome: Promise<RecorderOutcome>;
  readonly ring: FrameRing;
  readonly #batch = new FrameBatch();
  readonly #schedule: WriteSchedule;
  readonly #account: RecordingAccount;
  readonly #pressure: BackPressure;
  readonly #watch: DiskWatch;
  readonly #infos: TakeInfos;
  /** What the files hold, once they are final. */
  #final: RecordingResult | null = null;
  readonly #resolveOutcome: (outcome: RecorderOutcome) => void;
  #phase: RecorderPhase = { kind: 'accepting' };
  /** A frame was in the file, so that `onStarted` was called. It may be cut off again at the end. */
  #hasBegun = false;
  /** The number of disk calls that returned. While it grows, the disk is slow but not dead. */
  #progress = 0;
  #cancels: (() => void)[] = [];
  /** How the end was told, once it was. */
  #toldEnd: Pick<RecordingSummary, 'reason' | 'error'> | null = null;

  constructor(private readonly dependencies: RecorderDependencies) {
    this.ring = new FrameRing(dependencies.buffer);
    this.#schedule = new WriteSchedule(this.ring, dependencies.buffer);
    this.#account = new RecordingAccount(dependencies.listener);
    this.#pressure = new BackPressure(this.ring, dependencies.buffer.whenFull, (mustPause) => {
      dependencies.listener.onPressure(mustPause);
    });
    this.#watch = new DiskWatch({
      ...dependencies,
      listener: {
        ...dependencies.listener,
        onMustStop: (reason, error) => {
          if (!this.isAccepting) return;
          dependencies.listener.onEnding();
          this.#finish(reason, error.toData());
        },
      },
    });
    this.#infos = new TakeInfos({
      ...dependencies,
      accounts: this.#account.parts,
      health: () => ({
        temperature_c: null,
        free_bytes: this.#watch.space?.freeBytes ?? null,
        load: dependencies.loadLevel(),
      }),
    });
    const { promise, resolve } = withResolve<RecorderOutcome>();
    this.outcome = promise;
    this.#resolveOutcome = resolve;
  }

  /** `null` until the first frame is in the file. */
  get paths(): RecordingPaths | null {
    return this.#hasStarted ? this.dependencies.recording.paths : null;
  }

  /** Whether frames offered now belong to the recording. */
  get isAccepting(): boolean {
    return this.#phase.kind === 'accepting';
  }

  get #isOver(): boolean {
    return this.#phase.kind === 'over';
  }

  /** Whether a frame is in the file, so that `onStarted` was called. */
  get #hasStarted(): boolean {
    return this.#account.recorded > 0;
  }

  figures(): NonNullable<PipelineFigures['recording']> {
    const { counts, durationS } = this.#account;
    const { foundPaths, space: disk } = this.#watch;
    return { counts, bytes: this.dependencies.recording.bytes, durationS, foundPaths, disk };
  }

  start(): void {
    this.#cancels.push(
      this.dependencies.clock.every(this.dependencies.commitIntervalMs, () => {
        this.dependencies.listener.onCommitDue();
        this.#schedule.askForCommit();
      }),
    );
    this.#watch.start();
    void this.#run(); // never rejects: a failure ends in the outcome
  }

  /** Takes a frame of the stream; the reader calls it. `timeMs`: on the run's timeline. */
  offer(frame: Frame, frameNumber: number, timeMs: number): void {
    if (!this.isAccepting) return;
    this.#account.deliver(frameNumber);
    if (!this.dependencies.gate.passes(timeMs)) {
      this.#account.skip(frame, frameNumber);
      return;
    }
    this.#account.lose('buffer_full', this.ring.push(frame, frameNumber, timeMs));
    this.#schedule.noteFrame(timeMs);
    this.#pressure.update(this.isAccepting);
    if (this.#isWriteDue) this.#schedule.wake();
  }

  /** Notes that the camera lost frames before this one. Returns whether this recording misses them. */
  miss(frames: number, frameNumber: number): boolean {
    return this.isAccepting && this.#account.miss(frames, frameNumber);
  }

  /** Notes that the timestamp of the frame offered last is out of order. Warns once. */
  noteDisorder(): void {
    if (!this.isAccepting || this.#account.noteDisorder() > 1) return;
    this.dependencies.listener.warn('timestamps_disordered', DISORDERED);
  }

  /** The video ended with this part, and the next one is made. */
  continueAfter(part: RecordingPart): void {
    this.#infos.continueAfter(part);
  }

  /** Accepts no more frames, writes those that wait, then closes the files. The first reason counts. */
  finish(reason: StopReason): void {
    this.#finish(reason, null);
  }

  /** `outcome` resolves by then, whatever the disk does. Frames in a pending write stay pinned until it returns. */
  giveUpAt(untilNs: bigint): void {
    if (this.#isOver) return;
    const limitMs = msUntil(this.dependencies.clock, untilNs);
    this.#cancels.push(
      this.dependencies.clock.after(limitMs, () => {
        this.#giveUp(`The disk did not finish the recording within ${Math.round(limitMs)} ms.`);
      }),
    );
  }

  async #run(): Promise<void> {
    try {
      await this.#askAdmission();
      await this.#writeUntilFinished();
    } catch (thrown) {
      this.#fail(errorDataOf(thrown, 'io_error'));
    }
    const result = await this.#close();
    if (this.#isOver) {
      this.dependencies.listener.onRemark(
        `The disk responds again. The abandoned recording holds ${result.frames} frames.`,
        null,
      );
    }
    await this.#describe(result);
    this.#settle(this.#infos.withPaths(result), false);
  }

  /** Frames wait in the ring meanwhile, so a slow answer costs none. */
  async #askAdmission(): Promise<void> {
    if (this.dependencies.minFreeBytes === 0) return;
    const refusal = await this.#watch.refusal();
    if (refusal !== null) throw refusal;
  }

  async #writeUntilFinished(): Promise<void> {
    while (!this.#isOver) {
      if (this.#isWriteDue) await this.#write();
      else if (!this.isAccepting) return;
      else if (!this.#schedule.isCommitDue) {
        await this.#schedule.sleep();
        continue; // waiting frames are written before a commit that is due
      }
      if (this.#schedule.isCommitDue) await this.#commit();
    }
  }

  get #isWriteDue(): boolean {
    return this.#schedule.isWriteDue(this.isAccepting && this.#hasStarted);
  }

  async #write(): Promise<void> {
    const { recording } = this.dependencies;
    this.#schedule.claim(this.#batch);
    const framesBefore = recording.frames;
    try {
      await recording.append(this.#batch.frames);
      this.#noteWritten(this.#batch.frames.length);
      this.#infos.describeEnded();
    } catch (thrown) {
      this.#noteWritten(Math.min(this.#batch.frames.length, recording.frames - framesBefore));
      throw thrown;
    } finally {
      this.ring.release(this.#batch);
      this.#progress += 1;
      this.#pressure.update(this.isAccepting);
    }
  }

  #noteWritten(frames: number): void {
    if (this.#isOver) return; // the recording was given up, and the whole batch was counted as lost
    const wasStarted = this.#hasStarted;
    this.#account.settleBatch(this.#batch, frames);
    if (frames > 0) this.#infos.begin();
    const { paths } = this;
    if (wasStarted || paths === null) return;
    this.#hasBegun = true;
    this.dependencies.listener.onStarted(paths, this.#batch.frames[0]?.timelineNs ?? 0n);
    // A crash within the first interval would otherwise leave a file without a committed frame.
    this.#schedule.isCommitDue = true;
  }

  async #commit(): Promise<void> {
    this.#schedule.isCommitDue = false;
    if (!this.#hasStarted) return;
    await this.dependencies.recording.checkpoint();
    this.#progress += 1;
  }

  #finish(reason: StopReason, cause: ErrorData | null): void {
    const next = toldToEnd(this.#phase, reason, cause);
    if (next === this.#phase) return;
    this.#phase = next;
    this.#pressure.update(this.isAccepting);
    this.#schedule.wake();
    const giveUp = (seconds: number): void => {
      this.#giveUp(`The disk has not responded for ${seconds} s.`);
    };
    this.#cancels.push(watchForStall(this.dependencies.clock, () => this.#progress, giveUp));
  }

  /** Frames that wait are lost. */
  #fail(error: ErrorData): void {
    if (this.isAccepting) this.dependencies.listener.onEnding();
    this.#phase = failedBy(this.#phase, error);
    this.#pressure.update(this.isAccepting);
    this.#account.lose('write_error', this.ring.evictAll());
  }

  async #close(): Promise<RecordingResult> {
    try {
      const { failure, unreachable, ...result } = await this.dependencies.recording.close();
      if (unreachable !== undefined && !this.#isOver) this.#watch.tellUnreachable(unreachable);
      if (failure !== undefined) this.#fail(errorDataOf(failure, 'io_error'));
      return result;
    } catch (thrown) {
      this.#fail(errorDataOf(thrown, 'io_error'));
      return this.#resultSoFar();
    }
  }

  /** The info file tells what the files hold, also where the end was told without waiting for them. */
  async #describe(result: RecordingResult): Promise<void> {
    const end = endOf(this.#phase) ?? this.#toldEnd;
    if (end === null) return;
    if (!this.#isOver) {
      this.#final = result;
      this.#account.reconcile(result.frames);
    }
    await this.#infos.describeAll(result, end);
  }

  #resultSoFar(): RecordingResult {
    const { recorded, durationS } = this.#account;
    return { paths: this.paths, frames: recorded, durationS, bytes: this.dependencies.recording.bytes };
  }

  #giveUp(whatHappened: string): void {
    if (this.#isOver) return;
    if (this.#final !== null) {
      this.#infos.giveUp();
      this.#settle(this.#infos.withPaths(this.#final), false);
      return;
    }
    this.#fail(errorWithAdvice('io_error', whatHappened).toData());
    this.#account.abandon(this.#batch);
    this.#infos.endTold();
    this.#settle(this.#resultSoFar(), true);
    this.#schedule.wake();
  }

  #settle(result: RecordingResult, isGivenUp: boolean): void {
    const end = endOf(this.#phase);
    if (end === null) return;
    this.#toldEnd = end;
    this.#phase = { kind: 'over' };
    this.#watch.stop();
    for (const cancel of this.#cancels) cancel();
    this.#cancels = [];
    if (isGivenUp) this.#account.reconcile(result.frames);
    const { counts, given } = this.#account;
    const summary = { ...result, ...end, counts, given, isGivenUp };
    this.#resolveOutcome({ summary, hasStarted: this.#hasBegun });
  }
}
