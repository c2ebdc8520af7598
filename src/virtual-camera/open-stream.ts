/**
 * Turns options into everything that a stream needs: the camera, its format, the pictures, the destination of the
 * bytes.
 */
import { openSync } from 'node:fs';

import { ByteSink } from './byte-sink.js';
import { FrameComposer } from './frame-composer.js';
import { managerLines, streamLines } from './messages.js';
import { MetadataWriter } from './metadata.js';
import { type Misbehaviours } from './misbehaviours.js';
import { type ToolOptions } from './options.js';
import { chooseStream, type Sensor, type StreamFormat } from './sensors.js';
import { acquireCamera, presentCameras, startCamera } from './start-failures.js';
import { say } from './output.js';
import { type StreamingDependencies } from './streaming.js';
import { ToolError } from './tool-error.js';

const STDOUT = 1;
// Without the sensor's rate limit, frames for this many seconds may wait, because a timer is no finer than a
// millisecond.
const FAST_BUFFER_S = 0.1;
const MAX_FRAMERATE = 10_000;

/** Opens the camera as the real tool does, with its messages. Throws a `ToolError` if that fails. */
export function openStream(
  options: ToolOptions,
  asked: Misbehaviours,
  controlPath: string,
  onBroken: () => void,
): StreamingDependencies {
  const isColoured = asked.has('coloured-stderr');
  const isQuiet = options.verbose === 0;
  const inform = (text: string): void => {
    if (!isQuiet) say(text);
  };
  if (options.codec !== 'mjpeg') throw new ToolError(`the virtual camera supports mjpeg only, not ${options.codec}`);
  const outputDescriptor = openOutput(options.output);
  const sensor = acquireCamera(options.camera, asked, isColoured);
  inform(managerLines(presentCameras(asked), isColoured));
  const format = streamFormat(sensor, options, asked);
  inform(streamLines(asked.has('hide-sensor-id') ? { ...sensor, id: '' } : sensor, format, isColoured));
  startCamera(asked, isColoured);

  const { width, height, fps } = format;
  const isMono = sensor.filter === 'MONO';
  const title = `${sensor.model.toUpperCase()} CAMERA ${options.camera}`;
  const composer = new FrameComposer({ width, height, quality: options.quality, isMono, title });
  const hasMetadata = options.metadata !== '';
  const sink = new ByteSink(outputDescriptor, onBroken);
  const isFast = asked.has('rate');
  return {
    stream: {
      fps,
      composer,
      sink,
      metadata: hasMetadata ? new MetadataWriter({ format: options.metadataFormat, fps, isMono }) : undefined,
      metadataTarget: metadataTarget(options),
      bufferCount: isFast ? Math.max(options.bufferCount, Math.ceil(fps * FAST_BUFFER_S)) : options.bufferCount,
      withheldFrames: Number(asked.get('withhold-frames') ?? 0),
      frames: options.frames,
      timeoutMs: options.timeoutMs,
      isUnlimited: asked.get('rate') === 'unlimited',
    },
    sink,
    misbehaviours: asked,
    controlPath,
    timeoutMs: options.timeoutMs,
    isQuiet,
    isColoured,
  };
}

function streamFormat(sensor: Sensor, options: ToolOptions, asked: Misbehaviours): StreamFormat {
  const chosen = chooseStream(sensor, { ...options, fps: options.framerate });
  const [width, height] = (asked.get('give-size') ?? '').split('x').map(Number);
  return {
    ...chosen,
    ...(width && height ? { width, height } : {}),
    ...(asked.has('rate') ? { fps: Math.min(MAX_FRAMERATE, options.framerate) } : {}),
    ...(asked.has('give-rate') ? { fps: Number(asked.get('give-rate')) } : {}),
  };
}

/** `-` means stdout; an empty path discards the output. */
function openOutput(path: string): number {
  if (path === '-') return STDOUT;
  return openFile(path === '' ? '/dev/null' : path, 'failed to open output file');
}

function openFile(path: string, complaint: string): number {
  try {
    return openSync(path, 'w');
  } catch {
    throw new ToolError(`${complaint} ${path}`);
  }
}

function metadataTarget({ metadata, output }: ToolOptions): 'with-frames' | number {
  if (metadata === '' || (metadata === '-' && output === '-')) return 'with-frames';
  return metadata === '-' ? STDOUT : openFile(metadata, 'failed to open metadata file');
}
