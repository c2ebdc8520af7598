/** Opens the camera as the real tools do, with their messages, and works out what it gives for what is asked. */
import { type CommonOptions } from './options/common-options.js';
import { checkDenoise } from './options/control-options.js';
import { lookOf } from './look-of.js';
import { managerLines, streamLines } from './messages.js';
import { type Misbehaviours } from './misbehaviours.js';
import { say } from './output.js';
import { type Look } from './picture/look.js';
import { chooseStream, type Sensor, type StreamFormat, type StreamRequest, withSensorHdr } from './sensor/sensors.js';
import { settle, type Settled } from './sensor/settle.js';
import { acquireCamera, presentCameras, startCamera } from './start-failures.js';

/** Stops by which `dark` fools automatic exposure. */
const DARK_STOPS = '4';

export interface OpenedCamera {
  readonly settled: Settled;
  readonly look: Look;
  /** The camera's name in the picture. */
  readonly title: string;
}

export interface PictureRequest extends StreamRequest {
  readonly isStill: boolean;
}

/** `request`: a width and height of 0 are the whole sensor's. Throws a `ToolError` if the camera cannot be opened. */
export function openCamera(options: CommonOptions, asked: Misbehaviours, request: PictureRequest): OpenedCamera {
  const { controls } = options;
  const isColoured = asked.has('coloured-stderr');
  const inform = (text: string): void => {
    if (options.verbose > 0) say(text);
  };
  const found = acquireCamera(options.camera, asked, isColoured);
  const sensor = controls.hdr === 'sensor' || controls.hdr === 'auto' ? withSensorHdr(found) : found;
  inform(managerLines(presentCameras(asked), isColoured, controls.tuningFile));
  const format = formatOf(sensor, { ...request, mode: options.mode }, asked);
  checkDenoise(controls);
  inform(streamLines(asked.has('hide-sensor-id') ? { ...sensor, id: '' } : sensor, format, isColoured));
  startCamera(asked, isColoured);
  const fooledByStops = asked.has('dark') ? Number(asked.get('dark') || DARK_STOPS) : 0;
  const settled = settle({ sensor, format, controls, isStill: request.isStill, fooledByStops });
  return {
    settled,
    look: lookOf(settled, controls),
    title: `${sensor.model.toUpperCase()} CAMERA ${options.camera}`,
  };
}

function formatOf(sensor: Sensor, request: StreamRequest, asked: Misbehaviours): StreamFormat {
  const size = { width: request.width || sensor.width, height: request.height || sensor.height };
  const chosen = chooseStream(sensor, { ...request, ...size });
  const [width, height] = (asked.get('give-size') ?? '').split('x').map(Number);
  return width && height ? { ...chosen, width, height } : chosen;
}
