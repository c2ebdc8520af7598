/**
 * Turns options into everything that a stream needs: the camera, its format, the pictures, the destination of the
 * bytes.
 */
import { ByteSink } from './byte-sink.js';
import { FrameComposer } from './picture/frame-composer.js';
import { MetadataWriter } from './metadata.js';
import { type Misbehaviours } from './misbehaviours.js';
import { openCamera } from './open-camera.js';
import { type ToolOptions } from './options/vid-options.js';
import { openFile } from './output.js';
import { Readings } from './readings.js';
import { type Settled } from './sensor/settle.js';
import { type StreamingDependencies } from './streaming.js';
import { openSync } from './sync/open-sync.js';
import { SyncedReadings } from './sync/synced-readings.js';
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
  if (options.codec !== 'mjpeg') throw new ToolError(`the virtual camera supports mjpeg only, not ${options.codec}`);
  const outputDescriptor = openOutput(options.output);
  const isFast = asked.has('rate');
  const { settled, look, title } = openCamera(options, asked, {
    width: options.width,
    height: options.height,
    fps: options.framerate,
    isStill: false,
  });
  const { width, height } = settled.format;
  const fps = rateOf(options, asked, settled);
  const isMono = settled.sensor.filter === 'MONO';
  const composer = new FrameComposer({ width, height, quality: options.quality, isMono, title, look });
  const hasMetadata = options.metadata !== '';
  const sink = new ByteSink(outputDescriptor, onBroken);
  const sync = openSync(options, asked, settled, { fps, shortestUs: shortestFrameUs(asked, settled) });
  const ownReadings = new Readings({ ...settled, fps }, look.detail);
  const readings = sync ? new SyncedReadings(ownReadings, sync) : ownReadings;
  return {
    stream: {
      fps,
      composer,
      sink,
      metadata: hasMetadata ? new MetadataWriter({ format: options.metadataFormat, readings }) : undefined,
      metadataTarget: metadataTarget(options),
      bufferCount: isFast ? Math.max(options.bufferCount, Math.ceil(fps * FAST_BUFFER_S)) : options.bufferCount,
      withheldFrames: Number(asked.get('withhold-frames') ?? 0),
      frames: options.frames,
      timeoutMs: options.timeoutMs,
      isUnlimited: asked.get('rate') === 'unlimited',
      sync,
    },
    sink,
    misbehaviours: asked,
    controlPath,
    timeoutMs: options.timeoutMs,
    isQuiet: options.verbose === 0,
    isColoured: asked.has('coloured-stderr'),
  };
}

/** Frames a second: the sensor's, or those that a misbehaviour gives whatever the sensor. */
function rateOf({ framerate }: ToolOptions, asked: Misbehaviours, { fps }: Settled): number {
  if (asked.has('give-rate')) return Number(asked.get('give-rate'));
  return asked.has('rate') ? Math.min(MAX_FRAMERATE, framerate) : fps;
}

/** The shortest frame that the sensor's mode and the exposure leave, microseconds. */
function shortestFrameUs(asked: Misbehaviours, { format, exposureTimeUs }: Settled): number {
  if (asked.has('rate')) return 1_000_000 / MAX_FRAMERATE;
  return Math.max(1_000_000 / format.mode.maxFps, exposureTimeUs);
}

/** `-` means stdout; an empty path discards the output. */
function openOutput(path: string): number {
  if (path === '-') return STDOUT;
  return openFile(path === '' ? '/dev/null' : path, 'failed to open output file');
}

function metadataTarget({ metadata, output }: ToolOptions): 'with-frames' | number {
  if (metadata === '' || (metadata === '-' && output === '-')) return 'with-frames';
  return metadata === '-' ? STDOUT : openFile(metadata, 'failed to open metadata file');
}
