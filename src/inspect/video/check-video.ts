import type { FileHandle } from 'node:fs/promises';
import { readVideoIndex } from './video-index.js';
import type { VideoCheckOptions, VideoInspection } from './video-inspection.js';

/** Checks a video by itself. The handle stays the caller's. Rejects with `NotReadable`. */
export async function checkVideo(handle: FileHandle, _options: VideoCheckOptions): Promise<VideoInspection> {
  const index = await readVideoIndex(handle);
  const { state, fileBytes, count: frames, width, height, rate } = index;
  const rest = { bytesRead: 0, pixelFormat: null, largestFrame: 0, checked: [], findings: [] };
  return { state, fileBytes, frames, width, height, rate, index, ...rest };
}
