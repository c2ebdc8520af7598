import { MetadataWriter } from '../../../src/virtual-camera/metadata.js';
import { Readings } from '../../../src/virtual-camera/readings.js';
import { type CameraControls, NO_CONTROLS } from '../../../src/virtual-camera/sensor/controls.js';
import { ALL_SENSORS, chooseStream } from '../../../src/virtual-camera/sensor/sensors.js';
import { settle, type Settled } from '../../../src/virtual-camera/sensor/settle.js';

export interface Wish extends Partial<CameraControls> {
  readonly model?: 'imx296' | 'imx219' | 'imx708';
  readonly fps?: number;
  readonly width?: number;
  readonly height?: number;
  readonly fooledByStops?: number;
}

/** What a camera settles on; without a wish, that of the first one in its full size. */
export function settledOn({
  model = 'imx296',
  fps = 30,
  width,
  height,
  fooledByStops = 0,
  ...wish
}: Wish = {}): Settled {
  const sensor = ALL_SENSORS.find((one) => one.model === model);
  if (!sensor) throw new Error(`no ${model}`);
  const format = chooseStream(sensor, { width: width ?? sensor.width, height: height ?? sensor.height, fps });
  return settle({ sensor, format, controls: { ...NO_CONTROLS, ...wish }, isStill: false, fooledByStops });
}

/** A writer at any rate, whatever the sensor's. */
export function writerOf(format: 'txt' | 'json', fps: number, isMono: boolean): MetadataWriter {
  const settled = settledOn({ model: isMono ? 'imx296' : 'imx219' });
  return new MetadataWriter({ format, readings: new Readings({ ...settled, fps }) });
}
