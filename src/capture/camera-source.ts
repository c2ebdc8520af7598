import type { CsiCamerasError } from '../core/errors.js';
import type { Frame } from '../core/frame.js';

/** Which camera is meant. An index alone is taken as it is; an id or a model is looked up and the index follows it. */
export interface CameraIdentity {
  /** Index as `--list-cameras` counts, from 0. */
  readonly index: number;
  /** libcamera's id or its stable end (`i2c@88000/imx296@1a`). */
  readonly stableId?: string;
  /** Sensor model, any case (`imx296`). */
  readonly hardwareModel?: string;
}

/** What the camera is asked for. What it gives may differ: see `SourceFormat`. */
export interface CaptureSettings {
  /** Pixels; 0 with `height` 0 leaves the choice to the camera's tool. */
  readonly width: number;
  readonly height: number;
  /** Frames a second. */
  readonly fps: number;
  /** JPEG quality, 1 to 100. */
  readonly jpegQuality: number;
  /** Buffers that the camera may fill while nobody reads. */
  readonly bufferCount: number;
  /** No frame for this long is a lost camera; raised to five frame times where that is longer. */
  readonly frameTimeoutMs: number;
  /** The same for the first frame. */
  readonly firstFrameTimeoutMs: number;
}

export interface CaptureRequest {
  readonly camera: CameraIdentity;
  readonly settings: CaptureSettings;
}

/** What the stream really gives, learnt from the first frames. */
export interface SourceFormat {
  /** Index that the camera was opened under. */
  readonly index: number;
  /** libcamera's id, or '' where the tool did not say. */
  readonly cameraId: string;
  /** Sensor model (`imx296`), or '' where the tool did not say. */
  readonly model: string;
  /** Pixels, from the frame's SOF. */
  readonly width: number;
  readonly height: number;
}

/** What a stream says. Called in the reader's own turn: a listener returns at once and never throws. */
export interface SourceListener {
  /** Before the first frame, once. */
  onFormat(format: SourceFormat): void;
  /** Every frame, in order. The listener retains what it keeps; the source releases its own hold on return. */
  onFrame(frame: Frame): void;
  /** Bytes that were no JPEG were thrown away (`corrupt`), as one call per run of garbage. */
  onCorrupt(byteCount: number): void;
  /** Something a person should know, once each (metadata missing, stream adjusted, an option left out). */
  onWarning(code: string, message: string): void;
  /**
   * A capture process runs: for the one who must end it if this thread cannot. Its pid is that of its process group too.
   * `null`: it has ended.
   */
  onProcess?(pid: number | null): void;
  /** The stream is over and nobody asked for it: exit, end of stream or timeout. Once, after the last frame. */
  onLost(error: CsiCamerasError): void;
}

/** One capture process from start to end. */
export interface CameraStream {
  /** Stops and resumes reading: for a source that can wait (a replay). A camera cannot: its frames are lost. */
  pause(): void;
  resume(): void;
  /**
   * Asks the process to end (SIGINT), reads what still comes, kills its group after 1 s, gives up after `limitMs`.
   * Frames that arrive meanwhile are still delivered. `portReleased` is false when the process could not be ended.
   * May be called twice: the second call gets the first one's answer. Never rejects.
   */
  close(limitMs: number): Promise<{ readonly portReleased: boolean }>;
}

export interface CameraMode {
  /** Pixel format (`SRGGB10_CSI2P`). */
  readonly format: string;
  readonly width: number;
  readonly height: number;
  /** Frames a second at most. */
  readonly maxFps: number;
}

export interface CameraInfo {
  readonly index: number;
  /** Sensor model (`imx296`). */
  readonly model: string;
  /** libcamera's id, a device-tree path. */
  readonly id: string;
  /** Pixels of the full sensor. */
  readonly width: number;
  readonly height: number;
  readonly modes: readonly CameraMode[];
}

/** Where frames come from: the seam that a host or a test replaces. */
export interface CameraSource {
  /**
   * Starts a capture process. Resolves once it runs; whether it gives frames, the listener hears.
   * Rejects with a `CsiCamerasError` (`capture_tool_missing`, `camera_not_found`, ...) or, when `signal` is
   * aborted, with its reason; in both cases nothing is left running.
   */
  open(request: CaptureRequest, listener: SourceListener, signal: AbortSignal): Promise<CameraStream>;
}
