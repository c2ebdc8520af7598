import type { Pair, Rectangle } from './camera-settings.js';
import { roundedDioptres, roundedGain, roundedLux } from './figures.js';

/**
 * What a camera tells about the settings that it really uses, read from the metadata of its frames. It may differ from what
 * was asked. `null`: the camera or the tool does not tell it.
 */
export interface GivenSettings {
  readonly exposureTimeUs: number | null;
  /** Analogue times digital gain. */
  readonly gain: number | null;
  readonly colourGains: Pair | null;
  readonly lensPositionDioptres: number | null;
  /** Shares of the whole sensor. */
  readonly regionOfInterest: Rectangle | null;
  /** Frames a second, from the frame duration that the camera is set to. */
  readonly fps: number | null;
  /** Pixels of the stream. */
  readonly width: number | null;
  readonly height: number | null;
}

export const NOTHING_GIVEN: GivenSettings = {
  exposureTimeUs: null,
  gain: null,
  colourGains: null,
  lensPositionDioptres: null,
  regionOfInterest: null,
  fps: null,
  width: null,
  height: null,
};

/** Least and most. */
export type Extent = readonly [least: number, most: number];

/** What the recorded frames told, from the first to the last. `null`: no frame told it. */
export interface GivenExtents {
  readonly exposureTimeUs: Extent | null;
  readonly gain: Extent | null;
  readonly colourTemperatureK: Extent | null;
  readonly lensPositionDioptres: Extent | null;
  readonly lux: Extent | null;
}

export const NO_EXTENTS: GivenExtents = {
  exposureTimeUs: null,
  gain: null,
  colourTemperatureK: null,
  lensPositionDioptres: null,
  lux: null,
};

type Told = [least: number, most: number] | null;

/** What recorded frames told of the camera's settings, by the names and with the digits of statuses and info files. */
export function toldExtents(given: GivenExtents): {
  exposure_time_us: Told;
  gain: Told;
  colour_temperature_k: Told;
  lens_position_dioptres: Told;
  lux: Told;
} {
  return {
    exposure_time_us: told(given.exposureTimeUs, Math.round),
    gain: told(given.gain, roundedGain),
    colour_temperature_k: told(given.colourTemperatureK, Math.round),
    lens_position_dioptres: told(given.lensPositionDioptres, roundedDioptres),
    lux: told(given.lux, roundedLux),
  };
}

function told(extent: Extent | null, rounded: (value: number) => number): Told {
  return extent === null ? null : [rounded(extent[0]), rounded(extent[1])];
}

/** How a synchronised camera stands to its partners. `null`: the frame did not tell. */
export interface SyncFigure {
  /** Whether server and clients have met. */
  readonly isReady: boolean | null;
  /** From the frame until they meet, microseconds; negative afterwards. */
  readonly timerUs: number | null;
}

/** How sharp the picture is. Only figures of the same kind, of the same view, can be compared. Larger is sharper. */
export interface FocusFigure {
  readonly value: number;
  /** `FocusFoM`: libcamera's figure of merit. `frame_bytes`: the size of the JPEG, which grows with detail. */
  readonly kind: 'FocusFoM' | 'frame_bytes';
}
