import type { Pair, Rectangle } from './camera-settings.js';

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
