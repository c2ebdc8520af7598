import type { FileHandle } from 'node:fs/promises';
import {
  AVIH_AT,
  type AviGeometry,
  BLOCK_BYTES,
  CHUNK_HEAD_BYTES,
  DEFAULT_GEOMETRY,
  HeaderBlock,
  type HeaderState,
  INDEX_ENTRY_BYTES,
  INDX_AT,
  type IndexSlot,
  LIVE_INDEX_AT,
  LIVE_JUNK_AT,
  OWNER_AT,
  OWNER_BYTES,
  SLOTS_AT,
  SLOT_COUNT,
  STRF_AT,
  STRH_AT,
  type VideoFormat,
  liveJunkBytes,
} from './avi-layout.js';

/** The content of a header block found in a file. */
export interface FoundHeader {
  readonly state: HeaderState;
  readonly format: VideoFormat;
  readonly geometry: AviGeometry;
  /** The mark of the process that writes the file. */
  readonly owner: Uint8Array;
}

/** Maximum length of the live index that a header may announce (`AviGeometry.liveEntries`). */
const MAX_LIVE_ENTRIES = 122_880;

/**
 * Reads a header block. Returns `undefined` if it is not a complete header block of this module. To check that, the
 * block is made again from the values read, and every byte must match.
 */
export function readHeaderBlock(block: Buffer): FoundHeader | undefined {
  if (block.length !== BLOCK_BYTES || block.toString('latin1', 0, 4) !== 'RIFF') return undefined;
  const liveEntries = liveEntriesOf(block);
  if (liveEntries === undefined) return undefined;
  const geometry = { ...DEFAULT_GEOMETRY, liveEntries };
  const slots = slotsOf(block);
  if (slots === undefined) return undefined;
  const isLiveNamed = slots.at(-1)?.offset === LIVE_INDEX_AT;
  const format = { width: block.readInt32LE(STRF_AT + 4), height: block.readInt32LE(STRF_AT + 8) };
  if (format.width < 1 || format.height < 1 || format.width * format.height * 3 >= 2 ** 32) return undefined;
  const state: HeaderState = {
    riffEnd: block.readUInt32LE(4) + CHUNK_HEAD_BYTES,
    frames: block.readUInt32LE(STRH_AT + 32),
    firstSegmentFrames: block.readUInt32LE(AVIH_AT + 16),
    rate: { scale: block.readUInt32LE(STRH_AT + 20), rate: block.readUInt32LE(STRH_AT + 24) },
    largestFrame: block.readUInt32LE(STRH_AT + 36),
    groups: isLiveNamed ? slots.slice(0, -1) : slots,
    live: { base: readPosition(block, LIVE_INDEX_AT + 20), frames: block.readUInt32LE(LIVE_INDEX_AT + 12) },
  };
  const owner = Buffer.from(block.subarray(OWNER_AT, OWNER_AT + OWNER_BYTES));
  const expected = new HeaderBlock(format, geometry);
  expected.own(owner);
  if (state.rate.rate === 0 || state.rate.scale === 0 || state.live.frames > liveEntries) return undefined;
  expected.describe(state);
  return expected.bytes.equals(block) ? { state, format, geometry, owner } : undefined;
}

/** Reads the header block of an open file. Resolves with `undefined` if it has none or is not a regular file. */
export async function readHeader(handle: FileHandle): Promise<FoundHeader | undefined> {
  if (!(await handle.stat()).isFile()) return undefined;
  const block = await readBlock(handle, 0);
  return block === undefined ? undefined : readHeaderBlock(block);
}

/** Reads a whole block. Resolves with `undefined` if the file ends before the block does. */
export async function readBlock(handle: FileHandle, position: number): Promise<Buffer | undefined> {
  const block = Buffer.alloc(BLOCK_BYTES);
  const { bytesRead } = await handle.read(block, 0, BLOCK_BYTES, position);
  return bytesRead === BLOCK_BYTES ? block : undefined;
}

/** Reads an unsigned 64-bit position. Positions in our files stay below 2^53. */
export function readPosition(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
}

/** The length of the live index by a header block, or `undefined` if the value makes no sense. */
export function liveEntriesOf(block: Buffer): number | undefined {
  const liveEntries = (block.readUInt32LE(LIVE_JUNK_AT + 4) - liveJunkBytes({ liveEntries: 0 })) / INDEX_ENTRY_BYTES;
  const isSensible = Number.isInteger(liveEntries) && liveEntries >= 1 && liveEntries <= MAX_LIVE_ENTRIES;
  return isSensible ? liveEntries : undefined;
}

function slotsOf(block: Buffer): IndexSlot[] | undefined {
  const count = block.readUInt32LE(INDX_AT + 4);
  if (count > SLOT_COUNT) return undefined;
  return Array.from({ length: count }, (_, index) => {
    const at = SLOTS_AT + 16 * index;
    return { offset: readPosition(block, at), frames: block.readUInt32LE(at + 12) };
  });
}
