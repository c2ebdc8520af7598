import { roundedFps } from '../core/figures.js';
import type { Frame } from '../core/frame.js';
import { modelOfId } from './camera-list.js';
import type { CaptureSettings, SourceListener } from './camera-source.js';

/** By then exposure and rate have settled. */
const RATE_IS_CHECKED_AT_FRAME = 10;
const RATE_TOLERANCE = 0.02;
const US_PER_SECOND = 1_000_000;

/** What was requested, in the words of the report. */
export interface Asked {
  readonly tool: string;
  /** Index under which the camera is opened. */
  readonly index: number;
  readonly settings: CaptureSettings;
  /** Options that were left out because the tool does not know them. */
  readonly leftOut: ReadonlySet<string>;
}

/** Compares what the camera delivers with the request. It tells the listener the format, and each difference once. */
export class StreamReport {
  #frames = 0;
  readonly #warned = new Set<string>();

  constructor(
    private readonly asked: Asked,
    private readonly listener: Pick<SourceListener, 'onFormat' | 'onWarning'>,
  ) {}

  /** Frames counted so far. */
  get frames(): number {
    return this.#frames;
  }

  /** Called for every frame, before the listener gets it. `cameraId` is '' if unknown. */
  frame(frame: Frame, width: number, height: number, cameraId: string): void {
    this.#frames += 1;
    if (this.#frames === 1) this.#first(width, height, cameraId);
    if (this.#frames === RATE_IS_CHECKED_AT_FRAME) this.#rate(frame.times.frameDurationUs ?? 0);
    if (frame.times.sensorTimestampNs === 0n) this.#missingMetadata();
  }

  warn(code: string, message: string): void {
    if (this.#warned.has(code)) return;
    this.#warned.add(code);
    this.listener.onWarning(code, message);
  }

  #first(width: number, height: number, cameraId: string): void {
    const { tool, index, settings, leftOut } = this.asked;
    this.listener.onFormat({ index, cameraId, model: modelOfId(cameraId), width, height });
    if (leftOut.size > 0)
      this.warn('option_left_out', `Options that ${tool} does not know were left out: ${[...leftOut].join(', ')}.`);
    if (settings.width === 0 || (settings.width === width && settings.height === height)) return;
    const asked = `${settings.width}x${settings.height}`;
    this.warn('stream_adjusted', `The camera gives ${width}x${height} instead of the requested ${asked}.`);
  }

  #rate(frameDurationUs: number): void {
    if (frameDurationUs === 0) return;
    const { fps } = this.asked.settings;
    const given = US_PER_SECOND / frameDurationUs;
    if (Math.abs(given - fps) <= RATE_TOLERANCE * fps) return;
    this.warn(
      'rate_adjusted',
      `The camera gives ${roundedFps(given)} frames a second instead of the requested ${fps}.`,
    );
  }

  #missingMetadata(): void {
    if (this.#warned.has('metadata_missing')) return; // avoids building the text for every frame
    this.warn(
      'metadata_missing',
      'The capture tool gives no metadata. Frames are recorded without sensor timestamps (sensor_timestamp_ns is 0).',
    );
  }
}
