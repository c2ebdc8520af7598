import {
  CHUNK_HEAD_BYTES,
  INDEX_ENTRY_BYTES,
  INDEX_HEAD_BYTES,
  LIVE_INDEX_AT,
} from '../../recording/avi/avi-layout.js';
import type { Slot, VideoHeader } from './header.js';
import { positionAt, readBytes } from './positional-read.js';

/** No ix00 of ours has more entries. It bounds the memory that a damaged header can ask for. */
const MAX_ENTRIES = 122_880;

/** The places of the frames of a video, one group (ix00) after the other. Frame k is index k - 1. */
export interface FramePlaces {
  readonly count: number;
  readonly dataAt: Float64Array;
  readonly dataBytes: Uint32Array;
  readonly groups: readonly Group[];
}

/** An ix00 that could be read. */
export interface Group {
  readonly slot: Slot;
  /** Index of its first frame. */
  readonly first: number;
}

/** What is wrong with a slot of the super index or with the ix00 that it names. */
export interface IndexTrouble {
  /** From 1. */
  readonly slot: number;
  /** `absent`: it lies behind the end of the file. */
  readonly kind: 'absent' | 'contradicts';
  readonly message: string;
}

/** Reads each ix00 that the super index names. What cannot be read is left out and told. */
export function readPlaces(
  fd: number,
  header: VideoHeader,
  fileBytes: number,
  onTrouble: (trouble: IndexTrouble) => void,
): FramePlaces {
  const isReadable = header.slots.map((slot, index) => {
    const trouble = troubleOf(slot, header, fileBytes);
    if (trouble !== undefined) onTrouble({ slot: index + 1, ...trouble });
    return trouble === undefined;
  });
  const readable = header.slots.filter((_, index) => isReadable[index]);
  const count = readable.reduce((sum, slot) => sum + slot.frames, 0);
  const dataAt = new Float64Array(count);
  const dataBytes = new Uint32Array(count);
  const groups: Group[] = [];
  let next = 0;
  for (const [index, slot] of header.slots.entries()) {
    if (!isReadable[index]) continue;
    const chunk = readIndex(fd, slot, header);
    const trouble = headTrouble(chunk, slot);
    if (trouble !== undefined) {
      onTrouble({ slot: index + 1, kind: 'contradicts', message: trouble });
      continue;
    }
    const base = positionAt(chunk, 20);
    groups.push({ slot, first: next });
    for (let at = INDEX_HEAD_BYTES; at < chunk.length; at += INDEX_ENTRY_BYTES) {
      dataAt[next] = base + chunk.readUInt32LE(at);
      dataBytes[next] = chunk.readUInt32LE(at + 4);
      next += 1;
    }
  }
  return { count: next, dataAt: dataAt.subarray(0, next), dataBytes: dataBytes.subarray(0, next), groups };
}

function troubleOf(slot: Slot, header: VideoHeader, fileBytes: number): Omit<IndexTrouble, 'slot'> | undefined {
  const { offset, bytes, frames } = slot;
  const isLive = offset === LIVE_INDEX_AT;
  if (bytes !== INDEX_HEAD_BYTES + INDEX_ENTRY_BYTES * frames) {
    return { kind: 'contradicts', message: `it gives its index ${bytes} bytes, which do not hold ${frames} frames` };
  }
  if (frames === 0 || frames > MAX_ENTRIES || (isLive && frames > header.liveEntries)) {
    return { kind: 'contradicts', message: `it gives its index ${frames} frames` };
  }
  if (!isLive && offset < header.moviAt + 12) {
    return { kind: 'contradicts', message: `it names an index at byte ${offset}, where there is none` };
  }
  if (offset + bytes > fileBytes) {
    return { kind: 'absent', message: `its index ends at byte ${offset + bytes}, and the file at byte ${fileBytes}` };
  }
  return undefined;
}

/** The head of the live index belongs to the header block, which may be a copy of the one in the file. */
function readIndex(fd: number, { offset, frames }: Slot, header: VideoHeader): Buffer {
  const chunk = readBytes(fd, offset, INDEX_HEAD_BYTES + INDEX_ENTRY_BYTES * frames);
  if (offset === LIVE_INDEX_AT) header.block.copy(chunk, 0, LIVE_INDEX_AT);
  return chunk;
}

/** What contradicts in the head of an ix00 (OpenDML's AVISTDINDEX). */
function headTrouble(chunk: Buffer, { offset, bytes, frames }: Slot): string | undefined {
  const id = chunk.toString('latin1', 0, 4);
  if (id !== 'ix00') return `at byte ${offset}, where it names an index, there is none`;
  const told = chunk.readUInt32LE(12);
  if (told !== frames) return `it gives its index ${frames} frames, and the index has ${told}`;
  const isAsMade =
    chunk.readUInt32LE(4) === bytes - CHUNK_HEAD_BYTES &&
    chunk.readUInt16LE(8) === 2 && // 32-bit words an entry
    chunk[10] === 0 &&
    chunk[11] === 1 && // an index of chunks
    chunk.toString('latin1', 16, 20) === '00dc' &&
    chunk.readUInt32LE(28) === 0;
  return isAsMade ? undefined : `the head of the index at byte ${offset} is not that of an index`;
}
