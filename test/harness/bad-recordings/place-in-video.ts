import { type VideoMap, scanOf, segmentOf } from './video-map.js';

/** What stands at a position of a closed video, in words. For tests that change any byte. */
export type Place =
  | 'header'
  | 'room of the live index'
  | 'copies of the header'
  | 'chunk head'
  | 'index'
  | 'old index'
  | 'no frame'
  | 'comment'
  | 'tables'
  | 'frame head'
  | 'entropy code'
  | 'padding';

const HEADER_BLOCK_BYTES = 4096;
const COPIES_BYTES = 2 * 4096;

/** `liveEntries`: of the video's layout. */
export function placeOf(video: Buffer, map: VideoMap, liveEntries: number, at: number): Place {
  if (at < HEADER_BLOCK_BYTES) return 'header';
  const copies = HEADER_BLOCK_BYTES + 8 * liveEntries;
  if (at < copies) return 'room of the live index';
  if (at < copies + COPIES_BYTES) return 'copies of the header';
  if (at >= map.idx1 && at < (map.riffs[0]?.end ?? 0)) return 'old index';
  if (map.slots.some(({ index, frames }) => at >= index && at < index + 32 + 8 * frames)) return 'index';
  const frame = map.frames.findLast(({ head }) => head <= at);
  if (frame === undefined || at > frame.data + frame.bytes) return 'no frame';
  if (at < frame.data) return 'chunk head';
  if (at === frame.data + frame.bytes) return (frame.bytes & 1) === 1 ? 'padding' : 'no frame';
  if (at >= scanOf(video, frame) && at < frame.data + frame.bytes - 2) return 'entropy code';
  const comment = segmentOf(video, frame, 0xfe);
  if (at >= comment + 4 && at < comment + 2 + video.readUInt16BE(comment + 2)) return 'comment';
  const isTable = [0xdb, 0xc4].some((marker) => isInSegments(video, frame.data, at, marker));
  return isTable ? 'tables' : 'frame head';
}

/** Whether the position is in the content of a segment of that kind. */
function isInSegments(video: Buffer, data: number, at: number, marker: number): boolean {
  for (let segment = data + 2; video[segment + 1] !== 0xda;) {
    const end = segment + 2 + video.readUInt16BE(segment + 2);
    if (video[segment + 1] === marker && at >= segment + 4 && at < end) return true;
    segment = end;
  }
  return false;
}
