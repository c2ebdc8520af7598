import {
  AVIH_AT,
  BLOCK_BYTES,
  CHUNK_HEAD_BYTES,
  COPIES,
  DMLH_AT,
  INDEX_ENTRY_BYTES,
  INDEX_HEAD_BYTES,
  INDX_AT,
  LIVE_ENTRIES_AT,
  LIVE_INDEX_AT,
  LIVE_JUNK_AT,
  OWNER_AT,
  OWNER_BYTES,
  SLOTS_AT,
  SLOT_COUNT,
  STRF_AT,
  STRH_AT,
} from '../../recording/avi/avi-layout.js';
import { positionAt } from './positional-read.js';

/** Reads the header block of a video. Only the layout's constants are the writer's; what they mean is read anew here. */

/** Marks that only this module's layout has at these places. */
const OWN_MARKS: readonly (readonly [at: number, mark: string])[] = [
  [INDX_AT - CHUNK_HEAD_BYTES, 'indx'],
  [DMLH_AT - CHUNK_HEAD_BYTES - 12, 'LIST'],
  [DMLH_AT - CHUNK_HEAD_BYTES, 'dmlh'],
  [OWNER_AT - CHUNK_HEAD_BYTES, 'JUNK'],
  [LIVE_JUNK_AT, 'JUNK'],
  [LIVE_INDEX_AT, 'ix00'],
];
/** With so many of them it is one of our videos, damaged or not. */
const ENOUGH_MARKS = 4;

/** The longest live index that a header may announce. */
const MAX_LIVE_ENTRIES = 122_880;

/** A slot of the super index, as it stands in the header. */
export interface Slot {
  readonly offset: number;
  /** Size of the ix00 that it names, with its head. */
  readonly bytes: number;
  readonly frames: number;
}

/** What stands in the header block, held against nothing. */
export interface VideoHeader {
  readonly block: Buffer;
  /** End of the first RIFF. */
  readonly riffEnd: number;
  readonly width: number;
  readonly height: number;
  readonly rate: { readonly scale: number; readonly rate: number };
  /** By strh. */
  readonly frames: number;
  /** By dmlh. */
  readonly framesOfDmlh: number;
  /** By avih: frames in the first RIFF. */
  readonly firstSegmentFrames: number;
  readonly largestFrame: number;
  /** At most `SLOT_COUNT`. */
  readonly slots: readonly Slot[];
  /** How many there are by the header. */
  readonly slotsTold: number;
  /** Entries that the live index has room for. */
  readonly liveEntries: number;
  /** Position of the first RIFF's `LIST movi`. */
  readonly moviAt: number;
  /** Mark of the process that writes the file; zeros: closed. */
  readonly owner: Buffer;
}

/** Whether a block begins one of our videos, damaged or not. */
export function isOurs(block: Buffer): boolean {
  const found = OWN_MARKS.filter(([at, mark]) => block.toString('latin1', at, at + 4) === mark);
  return found.length >= ENOUGH_MARKS;
}

/** `block`: the first 4,096 bytes of the file. */
export function parseHeader(block: Buffer): VideoHeader {
  const liveEntries = liveEntriesOf(block);
  const slotsTold = block.readUInt32LE(INDX_AT + 4);
  const slots = Array.from({ length: Math.min(slotsTold, SLOT_COUNT) }, (_, index): Slot => {
    const at = SLOTS_AT + 16 * index;
    return { offset: positionAt(block, at), bytes: block.readUInt32LE(at + 8), frames: block.readUInt32LE(at + 12) };
  });
  return {
    block,
    riffEnd: block.readUInt32LE(4) + CHUNK_HEAD_BYTES,
    width: block.readUInt32LE(STRF_AT + 4),
    height: block.readUInt32LE(STRF_AT + 8),
    rate: { scale: block.readUInt32LE(STRH_AT + 20), rate: block.readUInt32LE(STRH_AT + 24) },
    frames: block.readUInt32LE(STRH_AT + 32),
    framesOfDmlh: block.readUInt32LE(DMLH_AT),
    firstSegmentFrames: block.readUInt32LE(AVIH_AT + 16),
    largestFrame: block.readUInt32LE(STRH_AT + 36),
    slots,
    slotsTold,
    liveEntries,
    moviAt: LIVE_ENTRIES_AT + INDEX_ENTRY_BYTES * liveEntries + COPIES * BLOCK_BYTES,
    owner: block.subarray(OWNER_AT, OWNER_AT + OWNER_BYTES),
  };
}

/** Entries that the live index has room for, by the size of the JUNK around it; 0 where that makes no sense. */
function liveEntriesOf(block: Buffer): number {
  const junk = block.readUInt32LE(LIVE_JUNK_AT + 4);
  const entries = (junk - INDEX_HEAD_BYTES - COPIES * BLOCK_BYTES) / INDEX_ENTRY_BYTES;
  return Number.isInteger(entries) && entries >= 1 && entries <= MAX_LIVE_ENTRIES ? entries : 0;
}
