import { syncRoleOf } from '../../core/camera-settings.js';
import type { CsiCamerasError } from '../../core/errors.js';
import type { Frame } from '../../core/frame.js';
import type { SourceListener } from '../camera-source.js';
import { checkSensor } from '../listing/sensor-check.js';
import { asksForMetadata, captureArguments, leftOutOf } from '../rpicam-arguments.js';
import { classify, silenceError, unknownOption, type CaptureFailure } from '../rpicam-errors.js';
import { planCapture, type CapturePlan } from './capture-plan.js';
import type { StreamProcess } from './stream-process.js';
import type { StreamDependencies, StreamPlan } from './stream-dependencies.js';
import { StreamReport } from './stream-report.js';
import { SyncWait } from './sync-wait.js';

const EXIT_TOOL_ERROR = 255;
/** Who lists the cameras holds each of them for some 100 ms: a host, a person, another module that starts now. */
const IN_USE_RETRIES = 2;
/** Stderr lines that are older than the last frame by more than this did not stop the stream. */
const RELEVANT_BEFORE_FRAME_NS = 2_000_000_000n;

/** How the next process is started. */
interface Start {
  readonly toolArguments: readonly string[];
  /** Whether metadata lines follow each frame. */
  readonly hasMetadata: boolean;
  readonly index: number;
  /** For the log. */
  readonly size: string;
}

/**
 * What a camera is asked for, and what it tells of itself until its first frames. It may have to be asked more than once: an
 * old tool does not know each option, and a kept listing may be of another camera. Nothing here starts or ends a process.
 */
export class CameraOpening {
  #capture: CapturePlan;
  #report: StreamReport;
  #wait: SyncWait;
  #lastFrameNs = 0n;
  /** As the process told it that was started last; '' if it told none. */
  #sensorId = '';
  #mayLocateAnew = true;
  #inUseRetries = 0;

  constructor(
    private readonly plan: StreamPlan,
    private readonly listener: SourceListener,
    private readonly dependencies: StreamDependencies,
  ) {
    this.#capture = planCapture(plan.located, plan.settings);
    this.#report = this.#newReport();
    this.#wait = this.#newWait();
  }

  get index(): number {
    return this.#capture.located.index;
  }

  /** Frames of the process that was started last. */
  get frames(): number {
    return this.#report.frames;
  }

  /** The longest silence before the first frame, ms. */
  get firstFrameLimitMs(): number {
    return this.#wait.limitMs;
  }

  /** Called before each start of a process. Throws `invalid_setting` for settings that no tool can be asked for. */
  begin(): Start {
    const { leftOut } = this.dependencies;
    const { located, settings, sensorMode } = this.#capture;
    this.#report = this.#newReport();
    this.#wait = this.#newWait();
    this.#sensorId = '';
    return {
      toolArguments: captureArguments(located.index, settings, leftOut, sensorMode),
      hasMetadata: asksForMetadata(leftOut),
      index: located.index,
      size: settings.width === 0 ? 'default' : `${settings.width}x${settings.height}`,
    };
  }

  /** Called for every frame, before the listener gets it. */
  frame(frame: Frame, width: number, height: number): void {
    this.#lastFrameNs = frame.times.arrivedMonotonicNs;
    this.#report.frame(frame, width, height, this.#sensorId);
    if (this.#report.frames === 1) this.#confirm();
  }

  /** The facts about a process that ended, or that gives no frames. `undefined`: none runs. */
  failure(process: Pick<StreamProcess, 'lines' | 'exit'> | undefined): CaptureFailure {
    const sinceNs = this.frames === 0 ? 0n : this.#lastFrameNs - RELEVANT_BEFORE_FRAME_NS;
    const lines = process?.lines ?? [];
    return {
      tool: this.plan.command.program,
      lines: lines.filter((line) => line.readAtNs >= sinceNs).map((line) => line.text),
      exit: process?.exit,
      frames: this.frames,
    };
  }

  /** Called while no frame comes, and the limit is not reached. */
  silence(silentMs: number): void {
    if (this.frames === 0) this.#wait.silence(silentMs);
  }

  /** The error for a silence that is too long. */
  silenceError(failure: CaptureFailure, silentMs: number): CsiCamerasError {
    return failure.frames === 0 ? this.#wait.error(failure, silentMs) : silenceError(failure, silentMs);
  }

  /**
   * Called when libcamera names the sensor that it opened. The error: it is not the one that was asked for. `outdated`: it is
   * not the one that a kept listing names, so the camera must be located anew before its first frame.
   */
  sensor(sensorId: string): 'accepted' | 'outdated' | CsiCamerasError {
    this.#sensorId = sensorId;
    const { located } = this.#capture;
    const check = checkSensor(located, sensorId);
    if (check.kind === 'expected') return 'accepted';
    if (check.kind === 'wrong') return check.error;
    // Stderr was read late, behind the first frame. All was told by then, and without the id it was not confirmed.
    if (this.frames > 0) return 'accepted';
    if (located.origin === 'kept' && this.#mayLocateAnew) return 'outdated';
    // The index is what was asked for. Only what the listing says of another camera must not be told of this one.
    this.#capture = { ...this.#capture, located: { ...located, listed: null }, mode: null };
    this.#report = this.#newReport();
    return 'accepted';
  }

  /** Lists the cameras once more, for the next start. It does without a listing if there is none. Rejects when aborted. */
  async locateAnew(signal: AbortSignal): Promise<void> {
    this.#mayLocateAnew = false;
    const located = await this.dependencies.lookup.locateAnew(this.plan.command, this.index, signal);
    this.#capture = planCapture(located, this.plan.settings);
  }

  /** Whether the next start may find the camera free, though this one found it in use. Each call is one attempt. */
  mayBecomeFree(failure: CaptureFailure): boolean {
    if (!isRefusal(failure) || classify(failure.lines)?.code !== 'camera_in_use') return false;
    this.#inUseRetries += 1;
    return this.#inUseRetries <= IN_USE_RETRIES;
  }

  /**
   * Leaves out the option that the tool did not know. Returns whether a start without it may help. Each option is left out
   * once, so an old tool is started as often as it does not know options (of those that came together: once), and ends each
   * time before it opens the camera. A source remembers them: a reconnection starts once.
   */
  leaveOutUnknown(failure: CaptureFailure): boolean {
    const { leftOut } = this.dependencies;
    const option = unknownOption(failure.lines);
    if (!isRefusal(failure) || option === undefined || leftOut.has(option)) return false;
    leftOut.add(option);
    return true;
  }

  /** What was asked for may differ from start to start, and a report is about one of them. */
  #newReport(): StreamReport {
    const { command, settings } = this.plan;
    const { leftOut } = this.dependencies;
    const { sensorMode } = this.#capture;
    // Without the option that names a mode, the tool takes the one that it prefers for the size.
    const isModeLost = sensorMode !== null && leftOut.has('--mode');
    const plan = isModeLost ? { ...this.#capture, mode: null } : this.#capture;
    const asked = { tool: command.program, plan, leftOut: leftOutOf(settings, leftOut, sensorMode) };
    return new StreamReport(asked, this.listener);
  }

  /** A tool that does not know the option gives its frames at once. */
  #newWait(): SyncWait {
    const { settings } = this.plan;
    const role = this.dependencies.leftOut.has('--sync') ? null : syncRoleOf(settings);
    return new SyncWait(role, settings, (code, message) => {
      this.listener.onWarning(code, message);
    });
  }

  /** Nothing waits for it; it serves only later starts. */
  #confirm(): void {
    void this.dependencies.lookup.confirm(this.plan.command, this.#capture.located, this.#sensorId !== '');
  }
}

/** Whether the tool gave up by itself before its first frame. */
function isRefusal({ frames, exit }: CaptureFailure): boolean {
  return frames === 0 && exit?.code === EXIT_TOOL_ERROR;
}
