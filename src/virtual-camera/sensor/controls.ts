/** What a camera can be asked for, besides its format. How the tool is asked belongs to `../options/`. */

/** Shares of a whole. They may lie outside of it: nothing is checked here, as in the real tool. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export type Metering = 'centre' | 'spot' | 'average' | 'custom';
export type ExposureMode = 'normal' | 'short' | 'long' | 'custom';
export type WhiteBalance =
  'auto' | 'incandescent' | 'tungsten' | 'fluorescent' | 'indoor' | 'daylight' | 'cloudy' | 'custom';
export type Hdr = 'off' | 'auto' | 'sensor' | 'single-exp';
export type Denoise = 'auto' | 'off' | 'cdn_off' | 'cdn_fast' | 'cdn_hq';

export interface FocusControls {
  /** `default`: manual if a lens position is given, otherwise continuous. */
  readonly mode: 'default' | 'manual' | 'auto' | 'continuous';
  readonly range: 'normal' | 'macro' | 'full';
  readonly speed: 'normal' | 'fast';
  /** Shares of the picture. */
  readonly window: Region | undefined;
  /** Dioptres, or the camera's own default. */
  readonly lensPosition: number | 'default' | undefined;
}

export interface CameraControls {
  /** Microseconds; 0: automatic. */
  readonly exposureTimeUs: number;
  /** A factor; 0: automatic. */
  readonly gain: number;
  /** Stops that automatic exposure aims higher. */
  readonly exposureValue: number;
  readonly metering: Metering;
  readonly exposureMode: ExposureMode;
  /** Period of flickering light, microseconds; 0: no correction. */
  readonly flickerPeriodUs: number;
  readonly whiteBalance: WhiteBalance;
  /** Red and blue relative to green. */
  readonly colourGains: readonly [red: number, blue: number] | undefined;
  /** -1 to 1. */
  readonly brightness: number;
  /** 0 to 15.99; 1 is normal. So are saturation and sharpness. */
  readonly contrast: number;
  readonly saturation: number;
  readonly sharpness: number;
  readonly denoise: Denoise;
  readonly focus: FocusControls;
  /** Flips and rotation together. */
  readonly isMirrored: boolean;
  readonly isUpsideDown: boolean;
  readonly regionOfInterest: Region | undefined;
  readonly hdr: Hdr;
  /** '' for the sensor's own. */
  readonly tuningFile: string;
}

/** What the tool does if it is asked for nothing. */
export const NO_CONTROLS: CameraControls = {
  exposureTimeUs: 0,
  gain: 0,
  exposureValue: 0,
  metering: 'centre',
  exposureMode: 'normal',
  flickerPeriodUs: 0,
  whiteBalance: 'auto',
  colourGains: undefined,
  brightness: 0,
  contrast: 1,
  saturation: 1,
  sharpness: 1,
  denoise: 'auto',
  focus: { mode: 'default', range: 'normal', speed: 'normal', window: undefined, lensPosition: undefined },
  isMirrored: false,
  isUpsideDown: false,
  regionOfInterest: undefined,
  hdr: 'off',
  tuningFile: '',
};
