/** The two virtual cameras, how they are listed, and what they make of a request. */

export interface SensorMode {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Maximum frame rate, frames a second. */
  readonly maxFps: number;
  /** As the listing prints it. */
  readonly crop: string;
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
}

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
    modes: [{ width: 1456, height: 1088, maxFps: 60.38, crop: '(0, 0)/1456x1088' }],
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
      { width: 640, height: 480, maxFps: 206.65, crop: '(1000, 752)/1280x960' },
      { width: 1640, height: 1232, maxFps: 41.85, crop: '(0, 0)/3280x2464' },
      { width: 1920, height: 1080, maxFps: 47.57, crop: '(680, 692)/1920x1080' },
      { width: 3280, height: 2464, maxFps: 21.19, crop: '(0, 0)/3280x2464' },
    ],
  },
];

/** What `--list-cameras` prints. */
export function cameraListing(sensors: readonly Sensor[]): string {
  if (sensors.length === 0) return 'No cameras available!\n';
  const paragraphs = sensors.map((sensor, index) => {
    const { model, width, height, filter, id, format } = sensor;
    const modes = sensor.modes.map((mode) => {
      return `${mode.width}x${mode.height} [${mode.maxFps.toFixed(2)} fps - ${mode.crop} crop]`;
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
