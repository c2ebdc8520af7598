import type { Clock } from '../core/clock.js';
import { afterReads } from '../core/after-reads.js';
import { CsiCamerasError, errorWithAdvice } from '../core/errors.js';
import type { Frame } from '../core/frame.js';
import type { Log } from '../core/log-level.js';
import { TIMED_OUT, within } from '../core/within.js';
import { isSameCamera, selectedSensorId } from './listing/camera-list.js';
import type { CameraLookup, LocatedCamera } from './listing/camera-lookup.js';
import type { CameraStream, CaptureSettings, SourceListener } from './camera-source.js';
import { planCapture, type CapturePlan } from './capture-plan.js';
import { CaptureProcess } from './capture-process.js';
import type { SlabPool } from './frame-memory.js';
import { FrameParser } from './frame-parser.js';
import { FrameWatchdog } from './frame-watchdog.js';
import type { LeftoverProcesses } from './leftover-processes.js';
import { LineLimit } from './line-limit.js';
import { asksForMetadata, captureArguments, type OptionalOption } from './rpicam-arguments.js';
import {
  endedError,
  isComplaint,
  isEndFromOutside,
  silenceError,
  unknownOption,
  type CaptureFailure,
} from './rpicam-errors.js';
import { StderrTail } from './stderr-tail.js';
import { StreamReport } from './stream-report.js';
import type { ToolCommand } from './tool-process.js';

/** What a stream shares with its source and the source's other streams. */
export interface StreamDependencies {
  readonly clock: Clock;
  readonly log: Log;
  readonly pool: SlabPool;
  /** Options that the tool does not know. They are remembered, so a reconnection does not try them again. */
  readonly leftOut: Set<OptionalOption>;
  /** Notes on capture processes, for the next start in case this process is killed. */
  readonly leftovers: Pick<LeftoverProcesses, 'note'>;
  readonly lookup: Pick<CameraLookup, 'locateAnew' | 'confirm'>;
}

/** Which camera to open, and how. */
export interface StreamPlan {
  readonly command: ToolCommand;
  readonly located: LocatedCamera;
  /** As configured. */
  readonly settings: CaptureSettings;
}

/** Time between the request to end and SIGKILL. */
const GRACE_MS = 1000;
/** With a shorter limit, this much of it is reserved for the kernel to end a killed process. */
const KILL_MARGIN_MS = 250;
/** A process that survives SIGKILL for this long is stuck in the kernel. */
const STUCK_AFTER_MS = 5000;
/**
 * A service manager or a shell signals the module and the capture tool at the same time. A process that ends so shortly
 * before our own stop belongs to that stop; otherwise its end is told this much later.
 */
const HOLD_BACK_MS = 500;

const EXIT_TOOL_ERROR = 255;
/** Stderr lines that are older than the last frame by more than this did not stop the stream. */
const RELEVANT_BEFORE_FRAME_NS = 2_000_000_000n;
const LOGGED_LINES_BURST = 40;
const LOGGED_LINES_PER_SECOND = 0.5;

/** `reopening`: the process is replaced before its first frame. `ended`: by a signal; a stop may follow. */
type Phase = 'running' | 'reopening' | 'ended' | 'lost' | 'closing';

/** One opened camera: its process (replaced by a new one if an option must be left out), parser and watchdog. */
export class RpicamStream implements CameraStream {
  #phase: Phase = 'running';
  #process: CaptureProcess | undefined;
  #parser: FrameParser | undefined;
  #tail = new StderrTail();
  readonly #watchdog: FrameWatchdog;
  #capture: CapturePlan;
  #report: StreamReport;
  readonly #logLimit: LineLimit;
  #lastFrameNs = 0n;
  #sensorId = '';
  #isPaused = false;
  #mayReopen = true;
  /** Ends a listing that a close need not wait for. */
  readonly #abort = new AbortController();
  #cancelHeldLoss: () => void = () => {};
  #restart: Promise<void> | undefined;
  #closed: Promise<{ readonly portReleased: boolean }> | undefined;
  /** Resolves when all readable output was read. */
  #drained: Promise<void> = Promise.resolve();
  #onDrained: () => void = () => {};

  private constructor(
    private readonly plan: StreamPlan,
    private readonly listener: SourceListener,
    private readonly dependencies: StreamDependencies,
  ) {
    this.#watchdog = new FrameWatchdog(dependencies.clock, plan.settings, (silentMs) => {
      this.#lose(silenceError(this.#failure(), silentMs), 0);
    });
    this.#capture = planCapture(plan.located, plan.settings);
    this.#report = this.#newReport();
    this.#logLimit = new LineLimit(dependencies.clock, LOGGED_LINES_BURST, LOGGED_LINES_PER_SECOND);
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
    if (this.#phase !== 'running') return;
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

  close(limitMs: number): Promise<{ readonly portReleased: boolean }> {
    this.#closed ??= this.#close(limitMs);
    return this.#closed;
  }

  /** What was asked for may differ from start to start, and a report is about one of them. */
  #newReport(): StreamReport {
    const { plan, listener, dependencies } = this;
    const asked = { tool: plan.command.program, plan: this.#capture, leftOut: dependencies.leftOut };
    return new StreamReport(asked, listener);
  }

  async #startProcess(): Promise<void> {
    const { clock, pool, leftOut } = this.dependencies;
    const { command } = this.plan;
    const { located, settings, sensorMode } = this.#capture;
    this.#report = this.#newReport();
    this.#sensorId = '';
    const tail = new StderrTail((line) => {
      this.#onLine(line);
    });
    this.#tail = tail;
    const parser = new FrameParser(
      {
        onFrame: (frame, width, height) => {
          if (this.#parser === parser) this.#onFrame(frame, width, height);
        },
        onCorrupt: (byteCount) => {
          if (this.#parser === parser && this.#phase !== 'lost') this.listener.onCorrupt(byteCount);
        },
      },
      clock,
      { expectMetadata: asksForMetadata(leftOut) },
    );
    this.#parser = parser;
    this.#drained = new Promise((resolve) => {
      this.#onDrained = resolve;
    });
    const toolArguments = captureArguments(located.index, settings, leftOut, sensorMode);
    this.#process = await CaptureProcess.start(command, toolArguments, pool, clock, {
      onBytes: (slab, start, end) => {
        if (this.#phase !== 'lost' && this.#parser === parser) parser.push(slab, start, end, clock.monotonicNs());
      },
      onStderr: (chunk) => {
        tail.push(chunk, clock.monotonicNs());
      },
      onOver: () => {
        this.#onOver();
      },
    });
    this.dependencies.log('info', 'The capture process started.', {
      pid: this.#process.pid,
      tool: command.program,
      camera: located.index,
      size: settings.width === 0 ? 'default' : `${settings.width}x${settings.height}`,
    });
    this.#noteProcess(this.#process);
    this.#tellProcess(this.#process);
    if (this.#isPaused) this.#process.pause();
    if (this.#phase === 'closing')
      this.#process.end(0); // `close` was called during the start
    else this.#watchdog.start();
  }

  /** Nothing waits for the note; it serves only later starts. */
  #noteProcess({ pid, exited }: CaptureProcess): void {
    void this.dependencies.leftovers.note(pid).then(async (removeNote) => {
      await exited;
      await removeNote();
    });
  }

  #tellProcess({ pid, exited }: CaptureProcess): void {
    this.listener.onProcess?.(pid);
    void exited.then(() => {
      this.listener.onProcess?.(null);
    });
  }

  /** `undefined` once it has ended: the number may then be somebody else's. */
  get #pid(): number | undefined {
    return this.#process?.exit === undefined ? this.#process?.pid : undefined;
  }

  #onFrame(frame: Frame, width: number, height: number): void {
    this.#watchdog.frameArrived(frame.times.frameDurationUs ?? 0);
    this.#lastFrameNs = frame.times.arrivedMonotonicNs;
    this.#report.frame(frame, width, height, this.#sensorId);
    if (this.#report.frames === 1) this.#confirm();
    this.listener.onFrame(frame);
  }

  /** Nothing waits for it; it serves only later starts. */
  #confirm(): void {
    const { located } = this.#capture;
    void this.dependencies.lookup.confirm(this.plan.command, located, this.#sensorId !== '');
  }

  #onLine(line: string): void {
    const suppressed = this.#logLimit.pass();
    if (suppressed !== undefined) {
      const context = { pid: this.#pid, line, ...(suppressed === 0 ? {} : { suppressedLines: suppressed }) };
      this.dependencies.log(isComplaint(line) ? 'warn' : 'debug', 'The capture tool wrote to stderr.', context);
    }
    const sensorId = selectedSensorId(line);
    if (sensorId !== undefined) this.#checkCamera(sensorId);
  }

  /** Called when libcamera names the sensor it opened. Indices may have moved since the cameras were listed. */
  #checkCamera(sensorId: string): void {
    this.#sensorId = sensorId;
    const { located } = this.#capture;
    const { index, requiredId, listed, origin } = located;
    const expectedId = requiredId || (listed?.id ?? sensorId);
    if (isSameCamera(sensorId, expectedId)) return;
    if (requiredId !== '') {
      const what = `Camera ${index} is now ${sensorId}; expected ${requiredId}.`;
      this.#lose(errorWithAdvice('camera_not_found', what, { wanted: requiredId, opened: sensorId }), GRACE_MS);
      return;
    }
    if (origin === 'kept' && this.#mayReopen && this.#phase === 'running' && this.#report.frames === 0) {
      this.#restart = this.#reopen();
      return;
    }
    // The index is what was asked for. Only what the listing says of another camera must not be told of this one.
    this.#capture = { ...this.#capture, located: { ...located, listed: null }, mode: null };
    this.#report = this.#newReport();
  }

  /**
   * The kept listing is of another camera, so its view may be wrong for this one. No frame was delivered yet: the camera
   * is opened once more, by a new listing.
   */
  async #reopen(): Promise<void> {
    const stale = this.#process;
    const parser = this.#parser;
    this.#phase = 'reopening';
    this.#mayReopen = false;
    this.#watchdog.stop();
    this.#parser = undefined;
    parser?.finish(); // whatever it holds is dropped: nobody was told of this opening
    this.dependencies.log('info', 'Another camera is at this index than before. It is listed and opened again.', {
      camera: this.plan.located.index,
    });
    if (stale !== undefined) {
      stale.end(GRACE_MS);
      await within(this.dependencies.clock, STUCK_AFTER_MS, stale.exited);
      stale.release();
    }
    this.#onDrained();
    await this.#startAnew(async () => {
      const { command, located, settings } = this.plan;
      const anew = await this.dependencies.lookup.locateAnew(command, located.index, this.#abort.signal);
      this.#capture = planCapture(anew, settings);
    });
  }

  #onOver(): void {
    this.#tail.finish(this.dependencies.clock.monotonicNs());
    this.#parser?.finish();
    this.#onDrained();
    if (this.#phase !== 'running') return;
    const failure = this.#failure();
    const option = unknownOption(failure.lines);
    const { leftOut } = this.dependencies;
    const mayTryAgain = this.#report.frames === 0 && failure.exit?.code === EXIT_TOOL_ERROR;
    if (mayTryAgain && option !== undefined && !leftOut.has(option)) {
      leftOut.add(option);
      this.#restart = this.#tryAgain();
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

  async #tryAgain(): Promise<void> {
    this.#watchdog.stop();
    this.#process?.release();
    await this.#startAnew(() => Promise.resolve());
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
      this.#onDrained(); // nothing runs, so nothing more is read: a close need not wait
      this.#lose(error, 0);
    }
  }

  /** Waits whether the end belongs to a stop of ours. All output was read, so nothing else waits. */
  #holdBack(cause: CsiCamerasError): void {
    const { clock } = this.dependencies;
    const endedNs = clock.monotonicNs();
    this.#phase = 'ended';
    this.#watchdog.stop();
    this.dependencies.log('info', 'Somebody else ended the capture process.', { ...this.#process?.exit });
    this.#cancelHeldLoss = afterReads(clock, HOLD_BACK_MS, () => {
      this.#phase = 'running';
      this.#lose(cause, 0, endedNs);
    });
  }

  #failure(): CaptureFailure {
    const sinceNs = this.#report.frames === 0 ? 0n : this.#lastFrameNs - RELEVANT_BEFORE_FRAME_NS;
    return {
      tool: this.plan.command.program,
      lines: this.#tail.lines.filter((line) => line.readAtNs >= sinceNs).map((line) => line.text),
      exit: this.#process?.exit,
      frames: this.#report.frames,
    };
  }

  /** Reports the loss once, unless the end was requested. Then the process is ended, by force after `graceMs`. */
  #lose(cause: CsiCamerasError, graceMs: number, endedNs?: bigint): void {
    if (this.#phase !== 'running') return;
    this.#watchdog.stop();
    this.#parser?.finish(); // a frame that still waits for its metadata counts
    this.#phase = 'lost';
    this.listener.onLost(cause, endedNs);
    this.#process?.end(graceMs);
    const process = this.#process;
    if (process === undefined) return;
    const cancel = this.dependencies.clock.after(STUCK_AFTER_MS, () => {
      this.dependencies.log('error', 'The capture process could not be killed.', { pid: process.pid });
      process.release();
    });
    void process.exited.then(() => {
      cancel();
      process.release();
    });
  }

  async #close(limitMs: number): Promise<{ readonly portReleased: boolean }> {
    const wasRunning = this.#phase !== 'lost';
    if (wasRunning) this.#phase = 'closing';
    this.#cancelHeldLoss();
    this.#abort.abort(new Error('The camera is being closed.'));
    this.#watchdog.stop();
    // A process blocked on stdout does not react to SIGINT, so reading must go on.
    if (this.#isPaused) this.resume();
    if (wasRunning) this.#process?.end(Math.min(GRACE_MS, Math.max(limitMs - KILL_MARGIN_MS, limitMs / 2)));
    const portReleased = (await within(this.dependencies.clock, limitMs, this.#ended())) !== TIMED_OUT;
    if (!portReleased) {
      this.#process?.end(0);
      this.dependencies.log('error', 'The capture process did not end in time.', {
        pid: this.#pid,
        limitMs: Math.round(limitMs),
      });
    }
    this.#process?.release();
    this.#parser?.finish();
    return { portReleased };
  }

  async #ended(): Promise<void> {
    await this.#restart;
    await this.#process?.exited;
    if (this.#phase === 'closing') await this.#drained;
  }
}
