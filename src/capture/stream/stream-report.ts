import { roundedFps } from '../../core/figures.js';
import type { Frame } from '../../core/frame.js';
import type { SourceListener } from '../camera-source.js';
import type { LeftOut } from '../rpicam-arguments.js';
import { SettingsCheck } from './settings-check.js';
import { formatOf, type CapturePlan } from './capture-plan.js';

/** By then exposure and rate have settled. */
const RATE_IS_CHECKED_AT_FRAME = 10;
const RATE_TOLERANCE = 0.02;
const US_PER_SECOND = 1_000_000;

/** What was requested, in the words of the report. */
export interface Asked {
  readonly tool: string;
  readonly plan: CapturePlan;
  /** What was left out because the tool does not know it. */
  readonly leftOut: LeftOut;
}

/**
 * Compares what the camera delivers with the request. It tells the listener the format, and each difference once: of
 * settings without effect each setting.
 */
export class StreamReport {
  #frames = 0;
  readonly #warned = new Set<string>();
  #settings: SettingsCheck | undefined;

  constructor(
    private readonly asked: Asked,
    private readonly listener: Pick<SourceListener, 'onFormat' | 'onWarning'>,
  ) {}

  /** Frames counted so far. */
  get frames(): number {
    return this.#frames;
  }

  /** Called for every frame, before the listener gets it. `sensorId`: as the tool told it; '' if it did not. */
  frame(frame: Frame, width: number, height: number, sensorId: string): void {
    this.#frames += 1;
    if (this.#frames === 1) this.#first(width, height, sensorId);
    if (this.#frames === RATE_IS_CHECKED_AT_FRAME) this.#rate(frame.times.frameDurationUs ?? 0);
    if (frame.times.sensorTimestampNs === 0n) this.#missingMetadata();
    this.#settings?.frame(frame.metadata);
  }

  /** Once for each `about`. */
  warn(code: string, message: string, about = code): void {
    if (this.#warned.has(about)) return;
    this.#warned.add(about);
    this.listener.onWarning(code, message);
  }

  #first(width: number, height: number, sensorId: string): void {
    const { tool, plan, leftOut } = this.asked;
    const { settings } = plan;
    const format = formatOf(plan, sensorId, width, height);
    this.listener.onFormat(format);
    this.#leftOut(tool, leftOut);
    const modes = format.mode ? [format.mode] : (plan.located.listed?.modes ?? []);
    const areas = modes.flatMap(({ crop }) => (crop === undefined ? [] : [crop]));
    this.#settings = new SettingsCheck(settings, { format, areas, leftOut: leftOut.settings }, (setting, message) => {
      this.warn('setting_without_effect', message, setting);
    });
    if (settings.width === 0) {
      const what = 'The modes of this camera could not be listed, so the widest view is not known.';
      this.warn(
        'view_unknown',
        `${what} ${tool} gives its default, ${width}x${height}. Set camera.width and camera.height.`,
      );
      return;
    }
    if (settings.width === width && settings.height === height) return;
    const asked = `${settings.width}x${settings.height}`;
    this.warn('stream_adjusted', `The camera gives ${width}x${height} instead of the requested ${asked}.`);
  }

  #leftOut(tool: string, { options, settings }: LeftOut): void {
    if (options.length === 0) return;
    const without = settings.length === 0 ? '' : ` Without effect are the settings ${settings.join(', ')}.`;
    this.warn('option_left_out', `Options that ${tool} does not know were left out: ${options.join(', ')}.${without}`);
  }

  #rate(frameDurationUs: number): void {
    if (frameDurationUs === 0) return;
    const { fps } = this.asked.plan.settings;
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
      'Frames come without metadata from the capture tool. They are recorded without sensor timestamps (sensor_timestamp_ns is 0).',
    );
  }
}
