import { CHUNK_HEAD_BYTES, SEGMENT_HEAD_BYTES } from '../../recording/avi/avi-layout.js';
import type { VideoHeader } from './header.js';
import { readBytes } from './positional-read.js';
import type { VideoFindings } from './video-findings.js';

/** A RIFF of the file with its movi list. Positions; ends are exclusive. */
export interface Segment {
  readonly start: number;
  readonly end: number;
  /** Position of `LIST movi`, and of the first chunk in it. */
  readonly moviAt: number;
  readonly from: number;
  readonly moviEnd: number;
}

export interface Segments {
  readonly list: readonly Segment[];
  /** Whether the sizes of all of them hold, so that it is known where which chunk has to be. */
  readonly areSound: boolean;
  /** Whether the file ends before it should. What is behind its end is then not told again. */
  readonly isCut: boolean;
}

/**
 * Finds all RIFFs: V1, their sizes and those of their lists lie in the file, and V8, the last one ends where the file ends.
 * `isClosed`: otherwise the file may be grown ahead, and sizes may lag behind what was committed. `lastFrameAt`: position of
 * the last frame by the indexes.
 */
export function readSegments(
  fd: number,
  header: VideoHeader,
  file: { readonly bytes: number; readonly isClosed: boolean; readonly lastFrameAt: number },
  findings: VideoFindings,
): Segments {
  const list: Segment[] = [];
  const unsound = (message: string, isCut = false): Segments => {
    findings.fail('V1', message);
    return { list, areSound: false, isCut };
  };
  if (header.liveEntries === 0) return { list, areSound: false, isCut: false }; // told with the header
  for (let start = 0; start < file.bytes;) {
    const isFirst = start === 0;
    if (!isFirst && !file.isClosed && start > file.lastFrameAt) break; // made for frames that were never committed
    const moviAt = isFirst ? header.moviAt : start + 12;
    const head = readBytes(fd, start, SEGMENT_HEAD_BYTES);
    const movi = readBytes(fd, moviAt, 12);
    if (!isFirst && (head.length < SEGMENT_HEAD_BYTES || head.toString('latin1', 0, 4) !== 'RIFF')) {
      if (!file.isClosed) break; // grown ahead
      if (file.lastFrameAt > start)
        return unsound(`there is no RIFF at byte ${start}, where the next one should begin`);
      findings.fail('V8', `the last RIFF ends at byte ${start}, and the file at byte ${file.bytes}`);
      break;
    }
    const end = isFirst ? header.riffEnd : start + CHUNK_HEAD_BYTES + head.readUInt32LE(4);
    if (end > file.bytes) return unsound(cutMessage(start, end, file.bytes), true);
    const isMovi =
      movi.length === 12 && movi.toString('latin1', 0, 4) === 'LIST' && movi.toString('latin1', 8) === 'movi';
    if (!isMovi || (!isFirst && head.toString('latin1', 8, 12) !== 'AVIX')) {
      return unsound(`the RIFF at byte ${start} has no list of frames`);
    }
    const moviEnd = moviAt + CHUNK_HEAD_BYTES + movi.readUInt32LE(4);
    const isInside = isFirst || !file.isClosed ? moviEnd <= Math.max(end, file.bytes) : moviEnd === end;
    if (!isInside || moviEnd < moviAt + 12 || (file.isClosed && moviEnd > end)) {
      return unsound(`the RIFF at byte ${start} ends at byte ${end}, and its list of frames at byte ${moviEnd}`);
    }
    list.push({ start, end, moviAt, from: moviAt + 12, moviEnd });
    start = end;
  }
  return { list, areSound: true, isCut: false };
}

function cutMessage(start: number, end: number, fileBytes: number): string {
  return `the RIFF at byte ${start} ends at byte ${end}, and the file at byte ${fileBytes}: ${end - fileBytes} bytes are gone`;
}
