import type { CameraSettings } from '../core/camera-settings.js';
import type { CsiCamerasError } from '../core/errors.js';
import type { Frame } from '../core/frame.js';

/**
 * Names a camera. An index alone is used as it is. If an id or a model is given, it is looked up and determines the
 * index.
 */
export interface CameraIdentity {
  /** Index in `--list-cameras`, from 0. */
  readonly index: number;
  /** libcamera's id or its stable end (`i2c@88000/imx296@1a`). */
  readonly stableId?: string;
  /** Sensor model, any case (`imx296`). */
  readonly hardwareModel?: string;
}

/** The settings requested from the camera. It may deliver something else: see `SourceFormat`. */
export interface CaptureSettings extends CameraSettings {
  /** Buffers that the camera may fill while nothing is read. */
  readonly bufferCount: number;
  /** The camera counts as lost after this long without a frame. Raised to five frame times if they are longer. */
  readonly frameTimeoutMs: number;
  /** The same limit for the first frame. */
  readonly firstFrameTimeoutMs: number;
  /** How long a client (`sync`) without a first frame waits for its server. */
  readonly syncTimeoutMs: number;
  /** Whether frames keep the text of their metadata (`FrameMetadata.text`). Default: no. */
  readonly keepsMetadataText?: boolean;
}

/** Which camera to open, and what to ask it for. */
export interface CaptureRequest {
  readonly camera: CameraIdentity;
  readonly settings: CaptureSettings;
}

/** The capture process that gives the frames. */
export interface UsedTool {
  readonly program: string;
  /** All of them, as they were given to the program. */
  readonly toolArguments: readonly string[];
}

/** What the stream really delivers, learnt from the first frames. */
export interface SourceFormat {
  /** Index under which the camera was opened. */
  readonly index: number;
  /** libcamera's id; '' if neither the stream nor the listing told it. */
  readonly cameraId: string;
  /** Sensor model (`imx296`); '' if neither the stream nor the listing told it. */
  readonly model: string;
  /** Pixels, from the SOF of the first frame. */
  readonly width: number;
  readonly height: number;
  /** The sensor mode behind the frames. Null or missing if it is not known. */
  readonly mode?: SensorMode | null;
  /** The view in words: `1456x1088, whole sensor`. Missing: only the size is known. */
  readonly view?: string;
  /** Pixels of the whole sensor. Null or missing if they are not known. */
  readonly sensor?: { readonly width: number; readonly height: number } | null;
}

/** x, y, width and height on the sensor, pixels of the whole sensor. */
export type Crop = readonly [x: number, y: number, width: number, height: number];

/** A sensor mode: what of the sensor is read, and how fast. */
export interface SensorMode {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Maximum frame rate, frames a second. */
  readonly maxFps: number;
  readonly crop: Crop;
}

/**
 * Receives what a stream delivers. Each method is called directly from the reader, so it must return at once and
 * never throw.
 */
export interface SourceListener {
  /** Called once, before the first frame. */
  onFormat(format: SourceFormat): void;
  /**
   * Called for every frame, in order. A listener that keeps the frame retains it; the source releases its own
   * reference on return.
   */
  onFrame(frame: Frame): void;
  /** Bytes that were not a JPEG were discarded (`corrupt`). Called once per stretch of garbage. */
  onCorrupt(byteCount: number): void;
  /**
   * Something that the operator should know (metadata missing, stream adjusted, an option left out); each code once,
   * `setting_without_effect` once for each setting, `sync_waiting` again and again while it is so.
   */
  onWarning(code: string, message: string): void;
  /**
   * A capture process started, or ended (`null`). For whoever must end it if this thread cannot: its pid is also that of
   * its process group.
   */
  onProcess?(pid: number | null): void;
  /** With what the process was started that the following frames come from. */
  onTool?(tool: UsedTool): void;
  /**
   * The stream ended without a request: process exit, end of stream or timeout. Called once, after the last frame.
   * `endedNs`: when it ended (monotonic clock, nanoseconds), if that was before this call.
   */
  onLost(error: CsiCamerasError, endedNs?: bigint): void;
}

/** One capture process from start to end. */
export interface CameraStream {
  /** Pauses and resumes reading. A source that can wait (a replay) loses nothing; a paused camera loses frames. */
  pause(): void;
  resume(): void;
  /**
   * Hands over the frames of everything that was read, and the next `frames` as soon as they were read. A source may otherwise
   * let frames wait for each other, for a tenth of a second. Missing: it never does.
   */
  catchUp?(frames?: number): void;
  /**
   * Asks the process to end (SIGINT), reads the remaining output, kills the process group after 1 s, and gives up
   * after `limitMs`. Frames that arrive meanwhile are still delivered. `portReleased` is false if the process could
   * not be ended. May be called twice: the second call gets the answer of the first. Never rejects.
   */
  close(limitMs: number): Promise<{ readonly portReleased: boolean }>;
}

/** A sensor mode as the capture tool lists it. Width and height are pixels. */
export interface CameraMode {
  /** Pixel format (`SRGGB10_CSI2P`). */
  readonly format: string;
  readonly width: number;
  readonly height: number;
  /** Maximum frame rate, frames a second; 0 if the tool does not list it. */
  readonly maxFps: number;
  /** Missing if the tool does not list it. */
  readonly crop?: Crop;
}

/** A connected camera as the capture tool lists it. */
export interface CameraInfo {
  readonly index: number;
  /** Sensor model (`imx296`). */
  readonly model: string;
  /** libcamera's id, a device-tree path. */
  readonly id: string;
  /** Pixels of the whole sensor. */
  readonly width: number;
  readonly height: number;
  readonly modes: readonly CameraMode[];
}

/** The source of frames. A host or a test may replace it. */
export interface CameraSource {
  /**
   * Starts a capture process and resolves once it runs. The listener hears whether frames arrive. Rejects with a
   * `CsiCamerasError` (`capture_tool_missing`, `camera_not_found`, ...) or, if `signal` is aborted, with its reason.
   * After a rejection nothing is left running.
   */
  open(request: CaptureRequest, listener: SourceListener, signal: AbortSignal): Promise<CameraStream>;
}
