import type { Clock } from '../core/clock.js';
import { errorWithAdvice } from '../core/errors.js';
import type { Log } from '../core/log-level.js';
import { findCamera, isIndexOnly, parseCameraList, requestedIndex } from './camera-list.js';
import type {
  CameraIdentity,
  CameraInfo,
  CameraSource,
  CameraStream,
  CaptureRequest,
  SourceListener,
} from './camera-source.js';
import { findTool } from './find-tool.js';
import { SlabPool } from './frame-memory.js';
import { LeftoverProcesses } from './leftover-processes.js';
import { captureArguments } from './rpicam-arguments.js';
import { classify, endedError } from './rpicam-errors.js';
import { RpicamStream, type StreamDependencies } from './rpicam-stream.js';
import type { ToolCommand } from './tool-process.js';
import { runTool, type ToolResult } from './tool-run.js';

const LIST_LIMIT_MS = 10_000;

export interface RpicamSourceDependencies {
  /**
   * The capture tool, followed by arguments that come before ours. If empty: `rpicam-vid` on PATH, otherwise
   * `libcamera-vid`.
   */
  readonly captureTool: readonly string[];
  readonly clock: Clock;
  /** Receives life-cycle steps and a limited number of the tool's stderr lines. */
  readonly log?: Log;
  /** Folder for notes on capture processes. Default: a private folder of this user. */
  readonly noteFolder?: string;
}

/** Opens CSI cameras through rpicam-apps. Each opened camera is one child process. */
export class RpicamSource implements CameraSource {
  readonly #captureTool: readonly string[];
  readonly #streamDependencies: StreamDependencies;
  readonly #leftovers: LeftoverProcesses;

  constructor(dependencies: RpicamSourceDependencies) {
    this.#captureTool = dependencies.captureTool;
    const { clock, log = () => {} } = dependencies;
    this.#leftovers = new LeftoverProcesses(clock, log, dependencies.noteFolder);
    this.#streamDependencies = {
      clock,
      log,
      leftovers: this.#leftovers,
      pool: new SlabPool(),
      leftOut: new Set(),
    };
  }

  async open(request: CaptureRequest, listener: SourceListener, signal: AbortSignal): Promise<CameraStream> {
    signal.throwIfAborted();
    const { camera, settings } = request;
    captureArguments(requestedIndex(camera), settings); // invalid values fail before anything starts
    const command = await findTool(this.#captureTool);
    // A leftover process may hold this camera.
    await this.#leftovers.endAll();
    signal.throwIfAborted();
    const { index, cameraId } = await this.#locate(command, camera, signal);
    return RpicamStream.open({ command, index, cameraId, settings }, listener, this.#streamDependencies, signal);
  }

  /**
   * The CSI cameras there are. Only people ask, so it is no part of `CameraSource`. Rejects with
   * `capture_tool_missing`, `permission_denied` or `capture_failed`, or with the signal's reason when it is aborted.
   */
  async list(signal: AbortSignal): Promise<readonly CameraInfo[]> {
    signal.throwIfAborted();
    return this.#list(await findTool(this.#captureTool), signal);
  }

  /** Without an id or a model nothing is looked up, which saves one call of the tool at the start. */
  async #locate(
    command: ToolCommand,
    identity: CameraIdentity,
    signal: AbortSignal,
  ): Promise<{ readonly index: number; readonly cameraId: string }> {
    if (isIndexOnly(identity)) return { index: requestedIndex(identity), cameraId: '' };
    const found = findCamera(await this.#list(command, signal), identity);
    return { index: found.index, cameraId: found.id };
  }

  async #list(command: ToolCommand, signal: AbortSignal): Promise<readonly CameraInfo[]> {
    const { clock } = this.#streamDependencies;
    const result = await runTool(command, ['--list-cameras'], { limitMs: LIST_LIMIT_MS, clock, signal });
    const cameras = parseCameraList(result.output);
    if (cameras.length === 0) throwWhatPreventsListing(command, result);
    return cameras;
  }
}

/** "No cameras available!" is an answer. A missing permission or a crash of the tool is not. */
function throwWhatPreventsListing({ program }: ToolCommand, { lines, exit }: ToolResult): void {
  const code = classify(lines)?.code;
  if (code === 'camera_not_found') return;
  if (exit.code === 0 && code !== 'permission_denied') return;
  const error = endedError({ tool: program, lines, exit, frames: 0 });
  if (error.code === 'permission_denied' || error.code === 'capture_tool_missing') throw error;
  throw errorWithAdvice('capture_failed', 'The cameras could not be listed.', error.context, error);
}
