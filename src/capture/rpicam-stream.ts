import type { Clock } from '../core/clock.js';
import { errorWithAdvice, messageOf, CsiCamerasError } from '../core/errors.js';
import type { Frame } from '../core/frame.js';
import type { LogLevel } from '../core/log-level.js';
import { isSameCamera, modelOfId, selectedSensorId } from './camera-list.js';
import type { CameraStream, CaptureSettings, SourceListener } from './camera-source.js';
import { CaptureProcess } from './capture-process.js';
import type { SlabPool } from './frame-memory.js';
import { FrameParser } from './frame-parser.js';
import { FrameWatchdog } from './frame-watchdog.js';
import { LineLimit } from './line-limit.js';
import { asksForMetadata, captureArguments, type OptionalOption } from './rpicam-arguments.js';
import { endedError, isComplaint, silenceError, unknownOption, type CaptureFailure } from './rpicam-errors.js';
import { StderrTail } from './stderr-tail.js';
import type { ToolCommand } from './tool-process.js';

export type LogFunction = (level: LogLevel, message: string, context?: Readonly<Record<string, unknown>>) => void;

/** What a stream shares with the source it came from. */
export interface StreamSurroundings {
  readonly clock: Clock;
  readonly log: LogFunction;
  readonly pool: SlabPool;
  /** Options that the tool turned out not to know: remembered, so that a reconnection does not try them again. */
  readonly leftOut: Set<OptionalOption>;
}

/** Which camera is opened, and how. */
export interface StreamPlan {
  readonly command: ToolCommand;
  readonly index: number;
  /** libcamera's id where it was looked up: the camera that opens must be this one. Otherwise ''. */
  readonly cameraId: string;
  readonly settings: CaptureSettings;
}

/** From the request to SIGKILL. */
const GRACE_MS = 1000;
/** With a shorter limit, what is left of it for the kernel to end a killed process. */
const KILL_MARGIN_MS = 250;
/** A process that survived SIGKILL for so long is stuck in the kernel. */
const STUCK_AFTER_MS = 5000;

const EXIT_TOOL_ERROR = 255;
/** Lines of stderr older than the last frame by more than this have been survived. */
const RELEVANT_BEFORE_FRAME_NS = 2_000_000_000n;
const LOGGED_LINES_BURST = 40;
const LOGGED_LINES_PER_SECOND = 0.5;

/** By then exposure and rate have settled. */
const RATE_IS_CHECKED_AT_FRAME = 10;
const RATE_TOLERANCE = 0.02;
const US_PER_MS = 1000;
const US_PER_SECOND = 1_000_000;

type Phase = 'running' | 'lost' | 'closing';

/** One opened camera: its process (a new one where an option had to be left out), parser and watchdog. */
export class RpicamStream implements CameraStream {
  #phase: Phase = 'running';
  #process: CaptureProcess | undefined;
  #parser: FrameParser | undefined;
  #tail = new StderrTail();
  readonly #watchdog: FrameWatchdog;
  readonly #logLimit: LineLimit;
  #frames = 0;
  #lastFrameNs = 0n;
  #sensorId = '';
  readonly #warned = new Set<string>();
  #isPaused = false;
  #restart: Promise<void> | undefined;
  #closed: Promise<{ readonly portReleased: boolean }> | undefined;
  /** Resolves when everything that could be read was read. */
  #drained: Promise<void> = Promise.resolve();
  #onDrained: () => void = () => {};

  private constructor(
    private readonly plan: StreamPlan,
    private readonly listener: SourceListener,
    private readonly around: StreamSurroundings,
  ) {
    this.#watchdog = new FrameWatchdog(around.clock, plan.settings, (silentMs) => {
      this.#lose(silenceError(this.#failure(), silentMs), 0);
    });
    this.#logLimit = new LineLimit(around.clock, LOGGED_LINES_BURST, LOGGED_LINES_PER_SECOND);
  }

  /** Resolves once the process runs. Rejects with a `CsiCamerasError`, or with the signal's reason when it is aborted. */
  static async open(
    plan: StreamPlan,
    listener: SourceListener,
    around: StreamSurroundings,
    signal: AbortSignal,
  ): Promise<RpicamStream> {
    signal.throwIfAborted();
    const stream = new RpicamStream(plan, listener, around);
    await stream.#startProcess();
    if (signal.aborted) {
      stream.#process?.signal('SIGKILL');
      await stream.close(GRACE_MS);
      throw signal.reason;
    }
    return stream;
  }

  /** `undefined` once it has ended: the number may then be somebody else's. */
  get pid(): number | undefined {
    return this.#process?.exit === undefined ? this.#process?.pid : undefined;
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

  async #startProcess(): Promise<void> {
    const { clock, pool, leftOut } = this.around;
    const { command, index, settings } = this.plan;
    this.#tail = new StderrTail((line) => {
      this.#onLine(line);
    });
    const parser = new FrameParser(
      {
        onFrame: (frame, width, height) => {
          this.#onFrame(frame, width, height);
        },
        onCorrupt: (byteCount) => {
          if (this.#phase !== 'lost') this.listener.onCorrupt(byteCount);
        },
      },
      clock,
      { expectMetadata: asksForMetadata(leftOut) },
    );
    this.#parser = parser;
    this.#drained = new Promise((resolve) => {
      this.#onDrained = resolve;
    });
    this.#process = await CaptureProcess.start(command, captureArguments(index, settings, leftOut), pool, clock, {
      onBytes: (slab, start, end) => {
        if (this.#phase !== 'lost') parser.push(slab, start, end, clock.monotonicNs());
      },
      onStderr: (chunk) => {
        this.#tail.push(chunk, clock.monotonicNs());
      },
      onOver: () => {
        this.#onOver();
      },
    });
    this.around.log('info', 'Capture process started', {
      pid: this.#process.pid,
      tool: command.program,
      camera: index,
    });
    if (this.#isPaused) this.#process.pause();
    if (this.#phase === 'running') this.#watchdog.start();
  }

  #onFrame(frame: Frame, width: number, height: number): void {
    this.#watchdog.frameArrived();
    if (this.#frames === 0) this.#onFirstFrame(frame, width, height);
    this.#frames += 1;
    this.#lastFrameNs = frame.times.arrivedMonotonicNs;
    if (frame.times.sensorTimestampNs === 0n && !this.#warned.has('metadata_missing')) this.#warnOfMissingMetadata();
    if (this.#frames === RATE_IS_CHECKED_AT_FRAME) this.#checkRate(frame.times.frameDurationUs ?? 0);
    this.listener.onFrame(frame);
  }

  #onFirstFrame(frame: Frame, width: number, height: number): void {
    const { index, cameraId, settings, command } = this.plan;
    this.#allowFrameTime(frame.times.frameDurationUs ?? 0);
    const id = cameraId === '' ? this.#sensorId : cameraId;
    this.listener.onFormat({ index, cameraId: id, model: modelOfId(id), width, height });
    const { leftOut } = this.around;
    if (leftOut.size > 0) {
      this.#warn('option_left_out', `${command.program} does not know ${[...leftOut].join(', ')}: left out.`);
    }
    const isAsAsked = settings.width === 0 || (settings.width === width && settings.height === height);
    if (!isAsAsked) {
      const asked = `${settings.width}x${settings.height}`;
      this.#warn('stream_adjusted', `Asked for ${asked}, the camera gives ${width}x${height}.`);
    }
  }

  /** The first frames' rate may still move. */
  #checkRate(frameDurationUs: number): void {
    if (frameDurationUs === 0) return;
    this.#allowFrameTime(frameDurationUs);
    const { fps } = this.plan.settings;
    const given = US_PER_SECOND / frameDurationUs;
    if (Math.abs(given - fps) <= RATE_TOLERANCE * fps) return;
    this.#warn('rate_adjusted', `Asked for ${fps} frames a second, the camera gives ${given.toFixed(2)}.`);
  }

  #allowFrameTime(frameDurationUs: number): void {
    if (frameDurationUs > 0) this.#watchdog.allowFrameTime(frameDurationUs / US_PER_MS);
  }

  #warnOfMissingMetadata(): void {
    this.#warn(
      'metadata_missing',
      'The capture tool gives no metadata: frames are recorded without the time of their sensor (sensor_timestamp_ns is 0).',
    );
  }

  #warn(code: string, message: string): void {
    if (this.#warned.has(code)) return;
    this.#warned.add(code);
    this.listener.onWarning(code, message);
  }

  #onLine(line: string): void {
    const suppressed = this.#logLimit.pass();
    if (suppressed !== undefined) {
      const context = { pid: this.pid, line, ...(suppressed === 0 ? {} : { suppressedLines: suppressed }) };
      this.around.log(isComplaint(line) ? 'warn' : 'debug', 'Capture tool wrote', context);
    }
    const sensorId = selectedSensorId(line);
    if (sensorId !== undefined) this.#checkCamera(sensorId);
  }

  /** libcamera says which sensor it opened. Indices may have moved since the cameras were listed. */
  #checkCamera(sensorId: string): void {
    this.#sensorId = sensorId;
    const { cameraId, index } = this.plan;
    if (cameraId === '' || isSameCamera(sensorId, cameraId)) return;
    const what = `Camera ${index} is now ${sensorId}, not ${cameraId}.`;
    this.#lose(errorWithAdvice('camera_not_found', what, { wanted: cameraId, opened: sensorId }), GRACE_MS);
  }

  #onOver(): void {
    this.#tail.finish(this.around.clock.monotonicNs());
    this.#parser?.finish();
    this.#onDrained();
    if (this.#phase !== 'running') return;
    const failure = this.#failure();
    const option = unknownOption(failure.lines);
    const { leftOut } = this.around;
    const mayTryAgain = this.#frames === 0 && failure.exit?.code === EXIT_TOOL_ERROR;
    if (mayTryAgain && option !== undefined && !leftOut.has(option)) {
      leftOut.add(option);
      this.#restart = this.#tryAgain();
      return;
    }
    this.#lose(endedError(failure), GRACE_MS);
  }

  async #tryAgain(): Promise<void> {
    this.#watchdog.stop();
    this.#process?.release();
    this.#process = undefined;
    try {
      await this.#startProcess();
    } catch (thrown) {
      const error = thrown instanceof CsiCamerasError ? thrown : errorWithAdvice('capture_failed', messageOf(thrown));
      this.#lose(error, 0);
      return;
    }
    if (this.#phase === 'closing') this.#askToEnd(0);
  }

  #failure(): CaptureFailure {
    const sinceNs = this.#frames === 0 ? 0n : this.#lastFrameNs - RELEVANT_BEFORE_FRAME_NS;
    return {
      tool: this.plan.command.program,
      lines: this.#tail.lines.filter((line) => line.readAtNs >= sinceNs).map((line) => line.text),
      exit: this.#process?.exit,
      frames: this.#frames,
    };
  }

  /** Once, and not when the end was asked for. Then the process is ended, by force after `graceMs`. */
  #lose(cause: CsiCamerasError, graceMs: number): void {
    if (this.#phase !== 'running') return;
    this.#watchdog.stop();
    this.#parser?.finish(); // a frame that waits for its metadata still counts
    this.#phase = 'lost';
    this.listener.onLost(cause);
    this.#askToEnd(graceMs);
    const process = this.#process;
    if (process === undefined) return;
    const cancel = this.around.clock.after(STUCK_AFTER_MS, () => {
      this.around.log('error', 'The capture process could not be ended', { pid: process.pid });
      process.release();
    });
    void process.exited.then(() => {
      cancel();
      process.release();
    });
  }

  #askToEnd(graceMs: number): void {
    const process = this.#process;
    if (process === undefined || process.exit !== undefined) return;
    if (graceMs <= 0) {
      process.signal('SIGKILL');
      return;
    }
    process.signal('SIGINT');
    const cancel = this.around.clock.after(graceMs, () => {
      process.signal('SIGKILL');
    });
    void process.exited.then(cancel);
  }

  async #close(limitMs: number): Promise<{ readonly portReleased: boolean }> {
    const wasRunning = this.#phase === 'running';
    if (wasRunning) this.#phase = 'closing';
    this.#watchdog.stop();
    // SIGINT is not heard while stdout is blocked: go on reading.
    if (this.#isPaused) this.resume();
    if (wasRunning) this.#askToEnd(Math.min(GRACE_MS, Math.max(limitMs - KILL_MARGIN_MS, limitMs / 2)));
    const limit = new AbortController();
    const portReleased = await Promise.race([
      this.#ended().then(() => true),
      this.around.clock.sleep(limitMs, limit.signal).then(
        () => false,
        () => false, // aborted: the race is decided
      ),
    ]);
    limit.abort();
    if (!portReleased) {
      this.#askToEnd(0);
      this.around.log('error', 'The capture process could not be ended in time', { pid: this.pid, limitMs });
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
