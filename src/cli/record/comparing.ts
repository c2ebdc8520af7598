import { systemClock } from '../../core/clock.js';
import { realFileSystem } from '../../core/file-system.js';
import type { ProgressLine } from '../progress.js';
import { stopSignal } from '../stop-signal.js';
import { offsetsOf, type Offset, type RecordedCamera } from './offsets.js';

/** A person waits for the summary. Twelve hours at 60 frames a second take two seconds, several on a slow card. */
const LIMIT_MS = 10_000;
/** After this long a wait needs a word. */
const UNNOTICED_MS = 1000;

/** The offsets of these cameras. A signal, such as Ctrl-C, ends the reading; the summary is printed all the same. */
export async function comparedCameras(
  cameras: readonly RecordedCamera[],
  line: ProgressLine,
): Promise<readonly Offset[]> {
  const limit = new AbortController();
  const stopped = stopSignal();
  void stopped.promise.then(() => {
    limit.abort(new Error('the comparison was stopped'));
  });
  const cancelNote = systemClock.after(UNNOTICED_MS, () => {
    line.note('The recording is complete. Comparing the times of the frames (Ctrl-C leaves it out) ...');
  });
  const cancelLimit = systemClock.after(LIMIT_MS, () => {
    limit.abort(new Error(`the timing files were not read within ${LIMIT_MS / 1000} s`));
  });
  try {
    return await offsetsOf(cameras, limit.signal, realFileSystem);
  } finally {
    cancelNote();
    cancelLimit();
    stopped.cancel();
  }
}
