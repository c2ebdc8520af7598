import { fileError } from '../core/errors.js';
import type { FileSystem } from '../core/file-system.js';
import { BLOCK_BYTES, readHeader } from './avi-layout.js';
import type { RecordingPaths, RecordingResult } from './recording-session.js';

/**
 * What a reader finds in a recording that nobody could close: the frames of its last commit. Reads, and changes nothing.
 * Rejects with `io_error` where the video cannot be read or is none of ours.
 */
export async function readLeftBehind(
  fileSystem: Pick<FileSystem, 'open'>,
  { videoPath }: RecordingPaths,
): Promise<Omit<RecordingResult, 'paths'>> {
  try {
    const handle = await fileSystem.open(videoPath, 'r');
    try {
      const header = Buffer.alloc(BLOCK_BYTES);
      await handle.read(header, 0, BLOCK_BYTES, 0);
      const { frames, rate } = readHeader(header);
      const { size } = await handle.stat();
      return { frames, durationS: (frames * rate.scale) / rate.rate, bytes: size };
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    throw fileError('read', videoPath, thrown);
  }
}
