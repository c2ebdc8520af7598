import { join } from 'node:path';
import { jpegFrames, sensorTimestampOf, type JpegFrameOptions } from './jpeg-frames.js';
import { pathsOf, recordingSession, requestIn, SMALL_GEOMETRY } from './recordings.js';
import type { RecordingPaths } from '../../src/recording/recording-session.js';

/** One camera of a session for tests of what lays cameras side by side. Recorded by the product, without a camera. */
export interface MadeCamera {
  readonly index: number;
  readonly frames: number;
  readonly periodNs?: bigint;
  /** Sensor time of its frame 1, after that of the first camera. */
  readonly beginsAfterNs?: bigint;
  /** Frames that its sensor made and that are not in the video. */
  readonly isLost?: (number: number) => boolean;
  /** Times that its rows have instead of the true ones. */
  readonly times?: JpegFrameOptions['times'];
  readonly metadata?: JpegFrameOptions['metadata'];
  readonly trial?: number;
}

/** Records the camera and resolves with where its files are. The comment of each frame has its number and true time. */
export async function makeCamera(folder: string, camera: MadeCamera): Promise<RecordingPaths> {
  const { index, frames, isLost = () => false, trial = 1, metadata } = camera;
  const timeOf = trueTimes(camera);
  const made = jpegFrames(frames, {
    ...(metadata === undefined ? {} : { metadata }),
    times: (number) => ({
      sensorTimestampNs: timeOf(number),
      arrivedMonotonicNs: timeOf(number) + 41_000_123n,
      wallClockUs: 1_767_681_006_123_456n + timeOf(number) / 1000n,
      ...camera.times?.(number),
    }),
  }).filter((_, at) => !isLost(at + 1));
  const recording = recordingSession({ geometry: SMALL_GEOMETRY }).begin(
    requestIn(folder, {
      deviceId: `picam:${index}`,
      cameraLabel: `IMX296 Global_picam:${index}`,
      trialNumber: trial,
      writesMetadata: metadata !== undefined,
    }),
  );
  for (let from = 0; from < made.length; from += 200) {
    await recording.append(made.slice(from, from + 200));
    await recording.checkpoint();
  }
  return pathsOf((await recording.close()).paths);
}

/** Sensor time of a frame by its number. */
export function trueTimes({ periodNs, beginsAfterNs = 0n }: MadeCamera): (number: number) => bigint {
  return (number) => sensorTimestampOf(1) + beginsAfterNs + BigInt(number - 1) * (periodNs ?? 33_333_000n);
}

export const sessionIn = (folder: string): string => join(folder, 'session_20260106_081726');
