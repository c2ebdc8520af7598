import { CsiCamerasError, errorWithAdvice } from '../../core/errors.js';
import type { Frame } from '../../core/frame.js';
import { TIMED_OUT, within } from '../../core/within.js';
import type { CameraStream, SourceListener } from '../camera-source.js';
import { FrameWatchdog } from '../frame-watchdog.js';
import { selectedSensorId } from '../listing/camera-list.js';
import { endedError, isEndFromOutside, type CaptureFailure } from '../rpicam-errors.js';
import { CameraOpening } from './camera-opening.js';
import { HeldLoss } from './held-loss.js';
import type { StreamDependencies, StreamPlan } from './stream-dependencies.js';
import { StreamProcess, type StreamProcessListener } from './stream-process.js';
import { ToolLog } from './tool-log.js';

/** Time between the request to end and SIGKILL. */
const GRACE_MS = 1000;
/** With a shorter limit, this much of it is reserved for the kernel to end a killed process. */
const KILL_MARGIN_MS = 250;
/** A process that survives SIGKILL for this long is stuck in the kernel. */
const STUCK_AFTER_MS = 5000;

/** Wait before another attempt at a camera in use. Longer than a listing, so the second attempt meets none. */
const IN_USE_RETRY_MS = 400;

/** `reopening`: the process is replaced before its first frame. `ended`: by a signal; a stop may follow. */
type Phase = 'running' | 'reopening' | 'ended' | 'lost' | 'closing';

/**
 * One opened camera: what its process delivers, and what becomes of it. The process is replaced before its first frame if
 * an option must be left out, or if it opened another camera than the one that was listed.
 */
export class RpicamStream implements CameraStream {
  #phase: Phase = 'running';
  #process: StreamProcess | undefined;
  readonly #watchdog: FrameWatchdog;
  readonly #heldLoss: HeldLoss;
  readonly #toolLog: ToolLog;
  readonly #opening: CameraOpening;
  #isPaused = false;
  /** Ends a listing that a close need not wait for. */
  readonly #abort = new AbortController();
  #restart: Promise<void> | undefined;
  #closed: Promise<{ readonly portReleased: boolean }> | undefined;

  private constructor(
    private readonly plan: StreamPlan,
    private readonly listener: SourceListener,
    private readonly dependencies: StreamDependencies,
  ) {
    const { clock } = dependencies;
    const watched = {
      onTimeout: (silentMs: number): void => {
        this.#lose(this.#opening.silenceError(this.#failure(), silentMs), 0);
      },
      onSilence: (silentMs: number): void => {
        this.catchUp(); // what was read may wait for a read that does not come
        this.#opening.silence(silentMs);
      },
    };
    this.#watchdog = new FrameWatchdog(clock, plan.settings, watched, (callback) => {
      setImmediate(() => {
        this.catchUp();
        callback();
      });
    });
    this.#heldLoss = new HeldLoss(clock);
    this.#toolLog = new ToolLog(clock, dependencies.log);
    this.#opening = new CameraOpening(plan, listener, dependencies);
  }

  /** Resolves once the process runs. Rejects with a `CsiCamerasError`, or with the signal's reason if it is aborted. */
  static async open(
    plan: StreamPlan,
    listener: SourceListener,
    dependencies: StreamDependencies,
    signal: AbortSignal,
  ): Promise<RpicamStream> {
    signal.throwIfAborted();
    const stream = new RpicamStream(plan, listener, dependencies);
    await stream.#startProcess();
    if (signal.aborted) {
      stream.#process?.end(0);
      await stream.close(GRACE_MS);
      throw signal.reason;
    }
    return stream;
  }

  pause(): void {
    if (this.#phase !== 'running' && this.#phase !== 'reopening') return;
    this.#isPaused = true;
    this.#watchdog.pause();
    this.#process?.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#watchdog.resume();
    this.#process?.resume();
  }

  catchUp(frames = 0): void {
    this.#process?.catchUp(frames);
  }

  close(limitMs: number): Promise<{ readonly portReleased: boolean }> {
    this.#closed ??= this.#close(limitMs);
    return this.#closed;
  }

  async #startProcess(): Promise<void> {
    const { clock, log, pool } = this.dependencies;
    const { program, leadingArguments } = this.plan.command;
    const { toolArguments, hasMetadata, index, size } = this.#opening.begin();
    const { keepsMetadataText = false } = this.plan.settings;
    const process = new StreamProcess(this.#processListener(), clock, {
      expectMetadata: hasMetadata,
      keepsMetadataText,
    });
    this.#process = process;
    const { pid, exited } = await process.start(this.plan.command, toolArguments, pool);
    log('info', 'The capture process started.', { pid, tool: program, camera: index, size });
    this.#tellProcess(pid, exited);
    this.listener.onTool?.({ program, toolArguments: [...leadingArguments, ...toolArguments] });
    if (this.#isPaused) process.pause();
    if (this.#phase === 'closing')
      process.end(0); // `close` was called during the start
    else this.#watchdog.start(this.#opening.firstFrameLimitMs);
  }

  #processListener(): StreamProcessListener {
    return {
      onFrame: (frame, width, height) => {
        this.#onFrame(frame, width, height);
      },
      onCorrupt: (byteCount) => {
        this.listener.onCorrupt(byteCount);
      },
      onLine: (line) => {
        this.#onLine(line);
      },
      onOver: () => {
        this.#onOver();
      },
    };
  }

  /** Tells whoever must end the process if this thread or this module cannot. Nothing waits for the note. */
  #tellProcess(pid: number, exited: Promise<unknown>): void {
    this.listener.onProcess?.(pid);
    void exited.then(() => {
      this.listener.onProcess?.(null);
    });
    void this.dependencies.leftovers.note(pid).then(async (removeNote) => {
      await exited;
      await removeNote();
    });
  }

  #onFrame(frame: Frame, width: number, height: number): void {
    this.#watchdog.frameArrived(frame.times.frameDurationUs ?? 0);
    this.#opening.frame(frame, width, height);
    this.listener.onFrame(frame);
  }

  #onLine(line: string): void {
    this.#toolLog.line(line, this.#process?.pid);
    const sensorId = selectedSensorId(line);
    if (sensorId !== undefined) this.#checkCamera(sensorId);
  }

  /** Called when libcamera names the sensor it opened. */
  #checkCamera(sensorId: string): void {
    const verdict = this.#opening.sensor(sensorId);
    if (verdict instanceof CsiCamerasError) this.#lose(verdict, GRACE_MS);
    else if (verdict === 'outdated' && this.#phase === 'running') this.#restart = this.#reopen();
  }

  /**
   * The kept listing is of another camera, so its view may be wrong for this one. No frame was delivered yet: the camera
   * is opened once more, by a new listing.
   */
  async #reopen(): Promise<void> {
    const stale = this.#process;
    this.#phase = 'reopening';
    this.#watchdog.stop();
    stale?.leave(); // whatever it holds is dropped: nobody was told of this opening
    this.dependencies.log('info', 'Another camera is at this index than before. It is listed and opened again.', {
      camera: this.#opening.index,
    });
    if (stale !== undefined) {
      stale.end(GRACE_MS);
      await within(this.dependencies.clock, STUCK_AFTER_MS, stale.exited());
      stale.release();
    }
    await this.#startAnew(() => this.#opening.locateAnew(this.#abort.signal));
  }

  #onOver(): void {
    if (this.#phase !== 'running') return;
    const failure = this.#failure();
    if (this.#opening.leaveOutUnknown(failure)) {
      this.#restart = this.#tryAgain(0);
      return;
    }
    if (this.#opening.mayBecomeFree(failure)) {
      this.dependencies.log('info', 'The camera is in use. It is tried again.', { camera: this.#opening.index });
      this.#restart = this.#tryAgain(IN_USE_RETRY_MS);
      return;
    }
    if (isEndFromOutside(failure.exit)) {
      this.#holdBack(endedError(failure));
      return;
    }
    // A process that closed its stream but still runs delivers nothing more, so it is killed at once instead of after
    // a second.
    this.#lose(endedError(failure), failure.exit === undefined ? 0 : GRACE_MS);
  }

  async #tryAgain(afterMs: number): Promise<void> {
    this.#watchdog.stop();
    this.#process?.release();
    await this.#startAnew(() => this.#wait(afterMs));
  }

  async #wait(ms: number): Promise<void> {
    if (ms > 0) await this.dependencies.clock.sleep(ms, this.#abort.signal);
  }

  /** Starts another process, after what has to come first. A failure is a loss; a close meanwhile starts nothing. */
  async #startAnew(prepare: () => Promise<void>): Promise<void> {
    this.#process = undefined;
    try {
      await prepare();
      if (this.#phase === 'closing') return;
      this.#phase = 'running';
      await this.#startProcess();
    } catch (thrown) {
      const error =
        thrown instanceof CsiCamerasError
          ? thrown
          : errorWithAdvice('capture_failed', 'The capture tool could not be restarted.', {}, thrown);
      this.#process = undefined; // nothing runs, so nothing more is read: a close need not wait
      this.#lose(error, 0);
    }
  }

  /** Waits whether the end belongs to a stop of ours. All output was read, so nothing else waits. */
  #holdBack(cause: CsiCamerasError): void {
    this.#phase = 'ended';
    this.#watchdog.stop();
    this.dependencies.log('info', 'Somebody else ended the capture process.', { ...this.#process?.exit });
    this.#heldLoss.hold((endedNs) => {
      this.#phase = 'running';
      this.#lose(cause, 0, endedNs);
    });
  }

  #failure(): CaptureFailure {
    return this.#opening.failure(this.#process);
  }

  /** Reports the loss once, unless the end was requested. Then the process is ended, by force after `graceMs`. */
  #lose(cause: CsiCamerasError, graceMs: number, endedNs?: bigint): void {
    if (this.#phase !== 'running') return;
    const process = this.#process;
    this.#watchdog.stop();
    process?.finishFrames(); // a frame that still waits for its metadata counts
    this.#phase = 'lost';
    process?.leave();
    this.listener.onLost(cause, endedNs);
    if (process === undefined) return;
    process.end(graceMs);
    const cancel = this.dependencies.clock.after(STUCK_AFTER_MS, () => {
      this.dependencies.log('error', 'The capture process could not be killed.', { pid: process.pid });
      process.release();
    });
    void process.exited().then(() => {
      cancel();
      process.release();
    });
  }

  async #close(limitMs: number): Promise<{ readonly portReleased: boolean }> {
    const wasRunning = this.#phase !== 'lost';
    if (wasRunning) this.#phase = 'closing';
    this.#heldLoss.cancel();
    this.#abort.abort(new Error('The camera is being closed.'));
    this.#watchdog.stop();
    // A process blocked on stdout does not react to SIGINT, so reading must go on.
    if (this.#isPaused) this.resume();
    if (wasRunning) this.#process?.end(Math.min(GRACE_MS, Math.max(limitMs - KILL_MARGIN_MS, limitMs / 2)));
    const portReleased = (await within(this.dependencies.clock, limitMs, this.#ended())) !== TIMED_OUT;
    if (!portReleased) {
      this.#process?.end(0);
      this.dependencies.log('error', 'The capture process did not end in time.', {
        pid: this.#process?.pid,
        limitMs: Math.round(limitMs),
      });
    }
    this.#process?.release();
    this.#process?.finishFrames();
    return { portReleased };
  }

  async #ended(): Promise<void> {
    await this.#restart;
    await this.#process?.exited();
    if (this.#phase === 'closing') await this.#process?.drained();
  }
}
