/** The virtual cameras, how they are listed, and what they make of a request for a stream. */
import { rectangleText, type SensorRectangle } from './crop.js';
import { type Lens } from './focus.js';

export interface SensorMode {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Maximum frame rate, frames a second. */
  readonly maxFps: number;
  /** The part of the sensor that the mode shows. */
  readonly crop: SensorRectangle;
}

export interface Sensor {
  readonly model: string;
  /** libcamera's id, a device-tree path. */
  readonly id: string;
  /** Pixels of the whole sensor. */
  readonly width: number;
  readonly height: number;
  /** Colour filter: `MONO`, `RGGB`. */
  readonly filter: string;
  /** Pixel format of the modes, and its names on the media bus and in the front end. */
  readonly format: string;
  readonly busFormat: string;
  readonly frontEndFormat: string;
  readonly tuningFile: string;
  readonly modes: readonly SensorMode[];
  readonly minGain: number;
  readonly maxGain: number;
  /** The gain that the amplifier has for a wish within its range: it knows steps. */
  gainStep(gain: number): number;
  /** Microseconds. */
  readonly maxExposureUs: number;
  /** Only on a camera that can focus. */
  readonly lens?: Lens;
  /** Degrees Celsius, where the sensor tells it. */
  readonly temperatureC?: number;
}

const area = (x: number, y: number, width: number, height: number): SensorRectangle => ({ x, y, width, height });
/** Sony's amplifiers: most count in parts of `steps`, that of the imx296 in tenths of a decibel. */
const fractions =
  (steps: number) =>
  (gain: number): number =>
    steps / (steps - Math.trunc(steps - steps / gain));
const decibels = (gain: number): number => 10 ** (Math.trunc(200 * Math.log10(gain)) / 200);

/** The cameras that are there by default. */
export const SENSORS: readonly Sensor[] = [
  {
    model: 'imx296',
    id: '/base/axi/pcie@120000/rp1/i2c@88000/imx296@1a',
    width: 1456,
    height: 1088,
    filter: 'MONO',
    format: 'R10_CSI2P',
    busFormat: 'Y10_1X10',
    frontEndFormat: 'PC1M',
    tuningFile: 'imx296_mono.json',
    modes: [{ width: 1456, height: 1088, maxFps: 60.38, crop: area(0, 0, 1456, 1088) }],
    minGain: 1,
    maxGain: 10 ** (239 / 200),
    gainStep: decibels,
    maxExposureUs: 15_534_385,
  },
  {
    model: 'imx219',
    id: '/base/axi/pcie@120000/rp1/i2c@80000/imx219@10',
    width: 3280,
    height: 2464,
    filter: 'RGGB',
    format: 'SRGGB10_CSI2P',
    busFormat: 'SRGGB10_1X10',
    frontEndFormat: 'PC1R',
    tuningFile: 'imx219.json',
    modes: [
      { width: 640, height: 480, maxFps: 206.65, crop: area(1000, 752, 1280, 960) },
      { width: 1640, height: 1232, maxFps: 41.85, crop: area(0, 0, 3280, 2464) },
      { width: 1920, height: 1080, maxFps: 47.57, crop: area(680, 692, 1920, 1080) },
      { width: 3280, height: 2464, maxFps: 21.19, crop: area(0, 0, 3280, 2464) },
    ],
    minGain: 1,
    maxGain: 256 / 24,
    gainStep: fractions(256),
    maxExposureUs: 11_766_829,
  },
];

/** A camera that can focus. It is there only where it is asked for: few tests need a third camera. */
const IMX708: Sensor = {
  model: 'imx708',
  id: '/base/axi/pcie@120000/rp1/i2c@70000/imx708@1a',
  width: 4608,
  height: 2592,
  filter: 'RGGB',
  format: 'SRGGB10_CSI2P',
  busFormat: 'SRGGB10_1X10',
  frontEndFormat: 'PC1R',
  tuningFile: 'imx708.json',
  modes: [
    { width: 1536, height: 864, maxFps: 120.13, crop: area(768, 432, 3072, 1728) },
    { width: 2304, height: 1296, maxFps: 56.03, crop: area(0, 0, 4608, 2592) },
    { width: 4608, height: 2592, maxFps: 14.35, crop: area(0, 0, 4608, 2592) },
  ],
  minGain: 1024 / 912,
  maxGain: 16,
  gainStep: fractions(1024),
  maxExposureUs: 112_015_443,
  lens: { max: 15, default: 1 },
  temperatureC: 32,
};

/** All that the misbehaviour `cameras` can name, by its index. */
export const ALL_SENSORS: readonly Sensor[] = [...SENSORS, IMX708];

const HDR_WIDTH = 2304;
const HDR_FPS = 30;

/** The sensor in its own HDR mode, which only the imx708 has: smaller pictures, at 30 frames a second at most. */
export function withSensorHdr(sensor: Sensor): Sensor {
  if (sensor.model !== 'imx708') return sensor;
  const small = sensor.modes.filter(({ width }) => width <= HDR_WIDTH);
  const modes = small.map((mode) => ({ ...mode, maxFps: Math.min(HDR_FPS, mode.maxFps) }));
  const { width, height } = small.at(-1) ?? sensor;
  return { ...sensor, width, height, modes };
}

/** What `--list-cameras` prints. */
export function cameraListing(sensors: readonly Sensor[]): string {
  if (sensors.length === 0) return 'No cameras available!\n';
  const paragraphs = sensors.map((sensor, index) => {
    const { model, width, height, filter, id, format } = sensor;
    const modes = sensor.modes.map((mode) => {
      return `${mode.width}x${mode.height} [${mode.maxFps.toFixed(2)} fps - ${rectangleText(mode.crop)} crop]`;
    });
    const indent = ' '.repeat(`    Modes: '${format}' : `.length);
    const head = `${index} : ${model} [${width}x${height} 10-bit ${filter}] (${id})`;
    return `${head}\n    Modes: '${format}' : ${modes.join(`\n${indent}`)}\n\n`;
  });
  return `Available cameras\n-----------------\n${paragraphs.join('')}`;
}

export interface StreamRequest {
  /** Pixels; even, at least 16. */
  readonly width: number;
  readonly height: number;
  /** Frames a second, above 0. */
  readonly fps: number;
  /** Size of the sensor mode requested with `--mode`, pixels. */
  readonly mode?: { readonly width: number; readonly height: number } | undefined;
}

export interface StreamFormat {
  readonly mode: SensorMode;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** Whether the request was larger than the sensor. */
  readonly isAdjusted: boolean;
}

/**
 * What the camera gives for a request: the smallest mode that covers the size and reaches the rate; otherwise the
 * smallest that covers the size; otherwise the largest. It is never larger than the sensor, nor faster than the mode.
 */
export function chooseStream(sensor: Sensor, request: StreamRequest): StreamFormat {
  const width = Math.min(request.width, sensor.width);
  const height = Math.min(request.height, sensor.height);
  const wanted = request.mode ?? { width, height };
  const covering = sensor.modes.filter((one) => one.width >= wanted.width && one.height >= wanted.height);
  const fast = covering.find((one) => one.maxFps >= request.fps);
  const mode = (request.mode ? undefined : fast) ?? covering[0] ?? sensor.modes.at(-1);
  if (!mode) throw new Error(`${sensor.model} has no modes.`);
  return {
    mode,
    width,
    height,
    fps: Math.min(request.fps, mode.maxFps),
    isAdjusted: width < request.width || height < request.height,
  };
}
