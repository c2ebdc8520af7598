import { roundedDioptres, roundedGain, roundedLux } from './figures.js';
import type { Extent, GivenExtents } from './given-settings.js';

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
