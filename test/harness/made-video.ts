import type { Frame } from '../../src/core/frame.js';
import type { AviGeometry } from '../../src/recording/avi/avi-layout.js';
import type { RecordingOwners } from '../../src/recording/avi/recording-owner.js';
import { jpegFrames } from './jpeg-frames.js';
import { SMALL_GEOMETRY, pathsOf, recordingSession, requestIn } from './recordings.js';

/** A video that the recorder wrote. */
export interface MadeVideo {
  readonly path: string;
  readonly timingPath: string;
  readonly frames: readonly Frame[];
}

export interface MadeVideoOptions {
  readonly frames?: readonly Frame[];
  readonly geometry?: AviGeometry;
  /** Frames from one commit to the next. */
  readonly commitEach?: number;
  readonly owners?: RecordingOwners;
  /** Size of the frames, pixels. */
  readonly width?: number;
  readonly height?: number;
}

/** 1,500 frames of odd and even sizes: with the small layout three groups and three RIFFs. */
export function framesOfManyBorders(): Frame[] {
  return jpegFrames(1500, { padding: (number) => (number * 37) % 301 });
}

/** Records a video as the product does, with a layout in which a small file crosses every kind of border. */
export async function madeVideo(folder: string, options: MadeVideoOptions = {}): Promise<MadeVideo> {
  const { frames = framesOfManyBorders(), geometry = SMALL_GEOMETRY, commitEach = 50, owners } = options;
  const { width = 64, height = 48 } = options;
  const session = recordingSession({ geometry, ...(owners === undefined ? {} : { owners }) });
  const recording = session.begin(requestIn(folder, { width, height }));
  for (let from = 0; from < frames.length; from += commitEach) {
    await recording.append(frames.slice(from, from + commitEach));
    await recording.checkpoint();
  }
  const { videoPath, timingPath } = pathsOf((await recording.close()).paths);
  return { path: videoPath, timingPath, frames };
}

/** The bytes of a frame, in one piece. */
export function jpegOf(frame: Frame): Buffer {
  return Buffer.concat(frame.bytes);
}
