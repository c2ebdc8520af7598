/**
 * Exposure and gain: what automatic exposure finds, and what the sensor makes of a wish. Exposure is counted in lines of
 * the sensor, gain in steps of its amplifier.
 */
import { type CameraControls, type Metering } from './controls.js';
import { type Sensor, type SensorMode } from './sensors.js';

/** Exposure time times gain at which the scene looks right, microseconds. */
export const SCENE_EXPOSURE_US = 3000;
/** Lines that a frame is longer than its exposure at least. */
const MARGIN_LINES = 4;
/** The sport profile prefers exposures up to this long, microseconds. */
const SHORT_EXPOSURE_US = 1000;
/** What libcamera documents for `ExposureValue`, stops. */
const MAX_EXPOSURE_VALUE = 8;
/** Light that is as near to the right one as this is right: the sensor's rounding is not seen in the picture. */
const ROUNDING = 0.02;
/** How the scene's brightness is judged, relative to the default: its middle is darker than its edges. */
const METERED: Readonly<Record<Metering, number>> = { centre: 1, spot: 1.4, average: 0.8, custom: 1 };

/** Microseconds that the sensor needs for one line. */
export function lineTimeUs({ maxFps, height }: SensorMode): number {
  return 1_000_000 / (maxFps * height);
}

/** Whole lines of the sensor, at least one. */
function toLines(exposureUs: number, mode: SensorMode): number {
  const line = lineTimeUs(mode);
  // A wish that is itself a whole number of microseconds of lines must not lose one by rounding.
  return Math.max(1, Math.floor((exposureUs + 0.5) / line)) * line;
}

export interface ExposureRequest {
  readonly sensor: Sensor;
  readonly mode: SensorMode;
  /** Length of a frame, microseconds; 0 for no limit. */
  readonly frameTimeUs: number;
  readonly controls: CameraControls;
  /** Stops by which automatic exposure is fooled: it aims as much too low. */
  readonly fooledByStops: number;
}

export interface Exposure {
  /** Whole microseconds. */
  readonly exposureTimeUs: number;
  readonly analogueGain: number;
  /** Light in the picture, relative to the right one: 0.5 is one stop too dark. */
  readonly relativeLight: number;
  /** libcamera's `AeState`: 0 both are fixed, 2 converged. */
  readonly aeState: number;
}

/** What the sensor exposes with. A fixed exposure may be longer than the frame time: the caller lowers the rate. */
export function expose({ sensor, mode, frameTimeUs, controls, fooledByStops }: ExposureRequest): Exposure {
  const isFixed = { exposure: controls.exposureTimeUs > 0, gain: controls.gain > 0 };
  const target = targetOf(controls, fooledByStops);
  const longestUs = frameTimeUs === 0 ? sensor.maxExposureUs : frameTimeUs - MARGIN_LINES * lineTimeUs(mode);
  const wantedUs = isFixed.exposure
    ? Math.min(controls.exposureTimeUs, sensor.maxExposureUs)
    : automaticExposureUs(target, controls, longestUs, sensor.minGain);
  const exposureUs = toLines(wantedUs, mode);
  const analogueGain = sensor.gainStep(
    Math.min(sensor.maxGain, Math.max(sensor.minGain, isFixed.gain ? controls.gain : target / exposureUs)),
  );
  const relative = (exposureUs * analogueGain) / SCENE_EXPOSURE_US;
  return {
    exposureTimeUs: Math.round(exposureUs),
    analogueGain,
    relativeLight: Math.abs(relative - 1) < ROUNDING ? 1 : relative,
    aeState: isFixed.exposure && isFixed.gain ? 0 : 2,
  };
}

/** Exposure times gain that automatic exposure aims at, microseconds. */
function targetOf({ exposureValue, metering }: CameraControls, fooledByStops: number): number {
  const stops = Math.min(MAX_EXPOSURE_VALUE, Math.max(-MAX_EXPOSURE_VALUE, exposureValue)) - fooledByStops;
  return SCENE_EXPOSURE_US * METERED[metering] * 2 ** stops;
}

function automaticExposureUs(target: number, controls: CameraControls, longestUs: number, minGain: number): number {
  if (controls.gain > 0) return Math.min(longestUs, target / Math.max(minGain, controls.gain));
  const profile = controls.exposureMode === 'short' ? SHORT_EXPOSURE_US : Number.POSITIVE_INFINITY;
  const exposureUs = Math.min(longestUs, profile, target / minGain);
  const { flickerPeriodUs } = controls;
  // Shorter than one period, nothing can be done against the flicker.
  if (flickerPeriodUs <= 0 || exposureUs < flickerPeriodUs) return exposureUs;
  return Math.floor(exposureUs / flickerPeriodUs) * flickerPeriodUs;
}

/** The exposure time of a frame that drifts, in whole lines, rounded to microseconds. */
export function driftedExposureUs(exposureUs: number, factor: number, mode: SensorMode, maxUs: number): number {
  return Math.round(toLines(Math.min(maxUs, exposureUs * factor), mode));
}

/** Frames a second: fewer than asked for where the exposure does not fit into a frame. */
export function rateWith(exposureUs: number, askedFps: number, mode: SensorMode): number {
  if (exposureUs <= 1_000_000 / askedFps) return askedFps;
  return 1_000_000 / (exposureUs + MARGIN_LINES * lineTimeUs(mode));
}
