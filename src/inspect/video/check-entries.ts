import { CHUNK_HEAD_BYTES } from '../../recording/avi/avi-layout.js';
import type { FramePlaces } from './frame-places.js';
import type { Segment } from './segments.js';
import type { VideoFindings } from './video-findings.js';

/** What is known of the file when its entries are held against it. */
export interface EntriesIn {
  readonly fileBytes: number;
  /** Empty where the sizes of the RIFFs do not hold. */
  readonly segments: readonly Segment[];
  /** Position of the first chunk. */
  readonly firstAt: number;
  /** Whether movi lists must reach to their last frame (in a file left open their sizes lag behind). */
  readonly isClosed: boolean;
  /** The file ends early, which is told already: frames behind its end are left out in silence. */
  readonly isCut: boolean;
}

/** V4: entries ascend, do not overlap, and lie in a movi list. Returns how many frames are in the file. */
export function checkEntries(places: FramePlaces, { isCut, ...file }: EntriesIn, findings: VideoFindings): number {
  const { dataAt, dataBytes, count } = places;
  const segments = file.isClosed ? file.segments : [];
  let segment = 0;
  let [lastEnd, lastButOneEnd] = [file.firstAt, file.firstAt];
  for (let index = 0; index < count; index += 1) {
    const start = (dataAt[index] ?? 0) - CHUNK_HEAD_BYTES;
    const bytes = dataBytes[index] ?? 0;
    const end = start + CHUNK_HEAD_BYTES + bytes + (bytes & 1);
    const frame = index + 1;
    if (isCut && start + CHUNK_HEAD_BYTES + bytes > file.fileBytes) return index;
    const isEmpty = bytes === 0;
    // The last pad byte is written with the next chunk, so a file may end before it.
    if (isEmpty || start + CHUNK_HEAD_BYTES + bytes > file.fileBytes) {
      findings.fail('V4', isEmpty ? 'it has no bytes by the index' : behindTheEnd(start, end, file.fileBytes), frame);
      continue;
    }
    if (start < lastEnd) {
      // The frame before is the one that is wrong where this one fits without it.
      const isLastWrong = index > 0 && start >= lastButOneEnd && !findings.isBlamed(index - 1);
      const message = `by the index it begins at byte ${start}, and the frame before ends at byte ${lastEnd}`;
      if (!isLastWrong) {
        findings.fail('V4', message, frame);
        continue;
      }
      findings.fail(
        'V4',
        `by the index it ends at byte ${lastEnd}, and the next frame begins at byte ${start}`,
        frame - 1,
      );
      lastEnd = lastButOneEnd;
    }
    while (segment < segments.length - 1 && start >= (segments[segment]?.end ?? 0)) segment += 1;
    const home = segments[segment];
    if (home !== undefined && (start < home.from || end > home.moviEnd)) {
      findings.fail('V4', `by the index it lies at bytes ${start} to ${end}, outside of every list of frames`, frame);
      continue;
    }
    [lastButOneEnd, lastEnd] = [lastEnd, end];
  }
  return count;
}

function behindTheEnd(start: number, end: number, fileBytes: number): string {
  return `by the index it lies at bytes ${start} to ${end}, and the file ends at byte ${fileBytes}`;
}
