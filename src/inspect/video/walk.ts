import { CHUNK_HEAD_BYTES, OLD_INDEX_ENTRY_BYTES } from '../../recording/avi/avi-layout.js';
import type { FramePlaces } from './frame-places.js';
import { readBytes, readInto } from './positional-read.js';
import type { Segment } from './segments.js';
import type { VideoFindings } from './video-findings.js';

const FRAME = '00dc';

/**
 * V6: a walk of all RIFFs from chunk to chunk finds the frames of the index and nothing beside but JUNK and the indexes that
 * the header names. Where the index has a frame the walk steps over it (V5 holds its head), so only what lies between
 * frames is read. `isClosed`: otherwise the walk ends behind the last frame, and a JUNK may still cover committed frames:
 * it is shrunk after the commit, or when the file is closed.
 */
export function walk(
  fd: number,
  places: FramePlaces,
  file: { readonly segments: readonly Segment[]; readonly bytes: number; readonly isClosed: boolean },
  findings: VideoFindings,
): void {
  const { dataAt, dataBytes, count } = places;
  const indexes = new Set(places.groups.map(({ slot }) => slot.offset));
  const between = new Between(fd, indexes, file.isClosed, findings);
  let index = 0;
  for (const [number, { from, end, moviEnd }] of file.segments.entries()) {
    const isLast = number === file.segments.length - 1;
    const segmentEnd = isLast && !file.isClosed ? file.bytes : end;
    let at = from;
    let isKnown = true; // false behind a frame that is to blame: where it ends is not known
    for (; index < count && (dataAt[index] ?? 0) < segmentEnd; index += 1) {
      if (findings.isBlamed(index)) {
        isKnown = false;
        continue;
      }
      const headAt = (dataAt[index] ?? 0) - CHUNK_HEAD_BYTES;
      if (isKnown && headAt !== at) between.check(at, headAt, index + 1);
      const bytes = dataBytes[index] ?? 0;
      at = headAt + CHUNK_HEAD_BYTES + bytes + (bytes & 1);
      isKnown = true;
    }
    if (isKnown && file.isClosed && at !== moviEnd) between.check(at, moviEnd, null);
  }
}

/** The chunks between two frames. */
class Between {
  readonly #head = Buffer.alloc(CHUNK_HEAD_BYTES);

  constructor(
    private readonly fd: number,
    private readonly indexes: ReadonlySet<number>,
    private readonly isClosed: boolean,
    private readonly findings: VideoFindings,
  ) {}

  /** `next`: the frame at `end`; `null`: the list ends there. */
  check(start: number, end: number, next: number | null): void {
    const behind = next === null ? 'behind the last frame of a RIFF' : `before frame ${next}`;
    for (let at = start; at < end;) {
      const isWhole = end - at >= CHUNK_HEAD_BYTES && readInto(this.fd, this.#head, at) === CHUNK_HEAD_BYTES;
      const id = isWhole ? this.#head.toString('latin1', 0, 4) : '';
      const bytes = isWhole ? this.#head.readUInt32LE(4) : 0;
      if (id === FRAME) this.findings.fail('V6', `at byte ${at}, ${behind}, is a frame that is in no index`);
      else if (id === 'ix00' && !this.indexes.has(at)) {
        this.findings.fail('V6', `at byte ${at}, ${behind}, is an index that the header does not name`);
      } else if (id !== 'JUNK' && id !== 'ix00') {
        this.findings.fail('V6', `at byte ${at}, ${behind}, are ${end - at} bytes that are no chunk`);
        return;
      }
      const chunkEnd = at + CHUNK_HEAD_BYTES + bytes + (bytes & 1);
      if (chunkEnd > end) {
        if (id === 'JUNK' && !this.isClosed) return;
        if (id === 'JUNK' && next !== null) {
          const told = `a JUNK at byte ${at} covers frames from ${next} on: players that use no index do not find them`;
          this.findings.fail('V6', told);
          return;
        }
        this.findings.fail(
          'V6',
          `the chunk ${id} at byte ${at}, ${behind}, ends at byte ${chunkEnd} instead of ${end}`,
        );
        return;
      }
      at = chunkEnd;
    }
  }
}

/** V7: idx1, the index of the first RIFF for older readers, has its frames. For closed files. */
export function checkOldIndex(
  fd: number,
  places: FramePlaces,
  { first, isOnly }: { readonly first: Segment; readonly isOnly: boolean },
  findings: VideoFindings,
): void {
  const { dataAt, dataBytes, count } = places;
  const { moviAt, moviEnd, end } = first;
  if (moviEnd === end && isOnly) {
    findings.note('V7', 'there is no idx1: the disk had no room for it; readers of AVI 1.0 find no frames');
    return;
  }
  const head = readBytes(fd, moviEnd, Math.min(CHUNK_HEAD_BYTES, end - moviEnd));
  const bytes = head.length < CHUNK_HEAD_BYTES ? -1 : head.readUInt32LE(4);
  if (head.toString('latin1', 0, 4) !== 'idx1' || bytes !== end - moviEnd - CHUNK_HEAD_BYTES) {
    findings.fail('V7', `there is no idx1 of ${end - moviEnd} bytes at byte ${moviEnd}`);
    return;
  }
  let expected = 0;
  while (expected < count && (dataAt[expected] ?? 0) < end) expected += 1;
  const entries = bytes / OLD_INDEX_ENTRY_BYTES;
  if (entries !== expected) {
    findings.fail('V7', `idx1 has ${entries} frames, and the first RIFF ${expected}`);
    return;
  }
  // Offsets count from the four characters `movi`.
  const origin = moviAt + CHUNK_HEAD_BYTES;
  // With small frames it has many megabytes, so it is read in pieces.
  const piece = Buffer.alloc(Math.min(entries, ENTRIES_A_PIECE) * OLD_INDEX_ENTRY_BYTES);
  for (let index = 0; index < entries; index += 1) {
    const at = (index % ENTRIES_A_PIECE) * OLD_INDEX_ENTRY_BYTES;
    if (at === 0) readInto(fd, piece, moviEnd + CHUNK_HEAD_BYTES + index * OLD_INDEX_ENTRY_BYTES);
    if (findings.isBlamed(index)) continue;
    const [offset, size] = [(dataAt[index] ?? 0) - CHUNK_HEAD_BYTES - origin, dataBytes[index] ?? 0];
    const isSame =
      piece.readUInt32LE(at) === FRAME_WORD &&
      piece.readUInt32LE(at + 4) === KEY_FRAME &&
      piece.readUInt32LE(at + 8) === offset &&
      piece.readUInt32LE(at + 12) === size;
    if (isSame) continue;
    const told = `${piece.readUInt32LE(at + 12)} bytes at ${origin + piece.readUInt32LE(at + 8)}`;
    findings.fail('V7', `the entry ${index + 1} of idx1 says ${told}, the index ${size} bytes at ${origin + offset}`);
  }
}

/** `00dc` as a number. */
export const FRAME_WORD = 0x6364_3030;
const KEY_FRAME = 0x10;
const ENTRIES_A_PIECE = 16_384;
