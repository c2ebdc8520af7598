/** Failures before the first frame, in the order in which the real tool meets them. */
import { logLine, startFailureLines } from './messages.js';
import { type Misbehaviours } from './misbehaviours.js';
import { ALL_SENSORS, type Sensor, SENSORS } from './sensor/sensors.js';
import { say } from './output.js';
import { ToolError } from './tool-error.js';

/** The present cameras, as the misbehaviour `cameras` says. A missing camera shifts the indices of those after it. */
export function presentCameras(asked: Misbehaviours): readonly Sensor[] {
  if (asked.has('not-found') || asked.has('permission-denied')) return [];
  const wanted = asked.get('cameras');
  if (wanted === undefined) return SENSORS;
  return wanted.split('+').flatMap((index) => ALL_SENSORS[Number(index)] ?? []);
}

/** Prints the missing permission, if it is asked for, before any camera is looked for. */
export function sayPermissionDenied(asked: Misbehaviours, isColoured: boolean): void {
  if (!asked.has('permission-denied')) return;
  const text = 'Could not open any dma-buf provider';
  say(logLine('ERROR', 'DmaBufAllocator dma_buf_allocator.cpp:120', text, isColoured));
}

/** The camera at `index`. Throws a `ToolError` if it does not exist or another program holds it. */
export function acquireCamera(index: number, asked: Misbehaviours, isColoured: boolean): Sensor {
  sayPermissionDenied(asked, isColoured);
  const cameras = presentCameras(asked);
  if (cameras.length === 0) throw new ToolError('no cameras available');
  const sensor = cameras[index];
  if (!sensor) throw new ToolError('selected camera is not available');
  if (asked.get('in-use') === '') {
    const text = 'Pipeline handler in use by another process';
    say(logLine('INFO', 'Camera camera.cpp:1050', text, isColoured));
    throw new ToolError(`failed to acquire camera ${sensor.id}`);
  }
  const text = asked.get('fail-with');
  if (text !== undefined) throw new ToolError(text);
  return sensor;
}

/** Configures and starts the stream. Throws a `ToolError` if that fails. */
export function startCamera(asked: Misbehaviours, isColoured: boolean): void {
  const error = (origin: string, text: string): void => say(logLine('ERROR', origin, text, isColoured));
  if (asked.get('unsupported-mode') === '') throw new ToolError('failed to valid stream configurations');
  if (asked.has('unsupported-mode')) throw new ToolError('failed to configure streams');
  if (asked.has('in-use')) {
    error('V4L2 v4l2_videodevice.cpp:1100', '/dev/video4[16:cap]: Unable to set format: Device or resource busy');
    throw new ToolError('failed to configure streams');
  }
  if (asked.has('memory-failure')) {
    error('DmaBufAllocator dma_buf_allocator.cpp:148', 'dma-heap allocation failure for rpicam-apps0');
    throw new ToolError('failed to allocate capture buffers');
  }
  if (asked.get('start-failure') === 'remote') {
    error('V4L2 v4l2_subdevice.cpp:1300', "'imx296 10-001a': Unable to start streaming: Remote I/O error");
    throw new ToolError('failed to start camera');
  }
  if (asked.has('start-failure')) {
    say(startFailureLines(isColoured));
    throw new ToolError('failed to start camera');
  }
}
