import type { Clock } from '../core/clock.js';
import type { Log } from '../core/log-level.js';
import { requestedIndex } from './listing/camera-list.js';
import { CameraLookup } from './listing/camera-lookup.js';
import type { CameraInfo, CameraSource, CameraStream, CaptureRequest, SourceListener } from './camera-source.js';
import { findTool } from './find-tool.js';
import { SlabPool } from './frame-memory.js';
import { LeftoverProcesses } from './leftover-processes.js';
import { captureArguments } from './rpicam-arguments.js';
import { RpicamStream } from './stream/rpicam-stream.js';
import type { StreamDependencies } from './stream/stream-dependencies.js';

export interface RpicamSourceDependencies {
  /**
   * The capture tool, followed by arguments that come before ours. If empty: `rpicam-vid` on PATH, otherwise
   * `libcamera-vid`.
   */
  readonly captureTool: readonly string[];
  readonly clock: Clock;
  /** Receives life-cycle steps and a limited number of the tool's stderr lines. */
  readonly log?: Log;
  /** Folder for notes on capture processes and for kept listings. Default: a private folder of this user. */
  readonly noteFolder?: string;
}

/** Opens CSI cameras through rpicam-apps. Each opened camera is one child process. */
export class RpicamSource implements CameraSource {
  readonly #captureTool: readonly string[];
  readonly #streamDependencies: StreamDependencies;
  readonly #leftovers: LeftoverProcesses;
  readonly #lookup: CameraLookup;

  constructor(dependencies: RpicamSourceDependencies) {
    this.#captureTool = dependencies.captureTool;
    const { clock, log = () => {} } = dependencies;
    this.#leftovers = new LeftoverProcesses(clock, log, dependencies.noteFolder);
    this.#lookup = new CameraLookup(clock, log, dependencies.noteFolder);
    this.#streamDependencies = {
      clock,
      log,
      lookup: this.#lookup,
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
    const located = await this.#lookup.locate(command, camera, signal);
    return RpicamStream.open({ command, located, settings }, listener, this.#streamDependencies, signal);
  }

  /**
   * The CSI cameras there are. Only people ask, so it is no part of `CameraSource`. Rejects with
   * `capture_tool_missing`, `permission_denied` or `capture_failed`, or with the signal's reason when it is aborted.
   */
  async list(signal: AbortSignal): Promise<readonly CameraInfo[]> {
    signal.throwIfAborted();
    return this.#lookup.list(await findTool(this.#captureTool), signal);
  }
}
