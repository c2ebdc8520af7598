import { fileError } from '../core/errors.js';
import type { FileSystem } from '../core/file-system.js';
import { readHeader } from './avi/avi-header-reader.js';
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
      const header = await readHeader(handle);
      if (header === undefined) throw new Error('The file begins with no header of a recording.');
      const { frames, rate } = header.state;
      const { size } = await handle.stat();
      return { frames, durationS: (frames * rate.scale) / rate.rate, bytes: size };
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    throw fileError('read', videoPath, thrown);
  }
}
