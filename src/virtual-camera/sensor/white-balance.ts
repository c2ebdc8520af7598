/** White balance of a sensor with colours. */
import { type CameraControls, type WhiteBalance } from './controls.js';

export interface Colours {
  /** Kelvin. */
  readonly temperatureK: number;
  readonly red: number;
  readonly blue: number;
}

/** The light of the scene, and the gains that make its white white. */
export const SCENE_LIGHT: Colours = { temperatureK: 4512, red: 1.712, blue: 1.834 };
/** The hardware's limit. */
const MAX_GAIN = 15.99;
/** How red and blue follow the temperature: lamps are red, so their blue is raised. */
const RED_EXPONENT = 0.55;
const BLUE_EXPONENT = -0.6;

/** Temperatures that each mode considers, kelvin (the Raspberry Pi camera documentation). */
const TEMPERATURES: Readonly<Record<WhiteBalance, readonly [least: number, most: number]>> = {
  auto: [2500, 8000],
  incandescent: [2500, 3000],
  tungsten: [3000, 3500],
  fluorescent: [4000, 4700],
  indoor: [3000, 5000],
  daylight: [5500, 6500],
  cloudy: [7000, 8500],
  custom: [2500, 8000],
};

export function balance({ whiteBalance, colourGains }: CameraControls): Colours {
  const { temperatureK } = SCENE_LIGHT;
  if (colourGains) {
    const [red, blue] = colourGains.map((gain) => Math.min(MAX_GAIN, gain));
    return { temperatureK, red: red ?? 1, blue: blue ?? 1 };
  }
  const [least, most] = TEMPERATURES[whiteBalance];
  const assumedK = Math.min(most, Math.max(least, temperatureK));
  const ratio = assumedK / temperatureK;
  return {
    temperatureK: assumedK,
    red: SCENE_LIGHT.red * ratio ** RED_EXPONENT,
    blue: SCENE_LIGHT.blue * ratio ** BLUE_EXPONENT,
  };
}

/** The digital gain that keeps every colour's gain at 1 or more: libcamera raises all of them where one is below. */
export function digitalGainOf(colours: Colours | undefined): number {
  return colours ? 1 / Math.min(1, colours.red, colours.blue) : 1;
}
