import type { FrameRate } from './frame-rate.js';

/**
 * The bytes of an AVI 2.0 (OpenDML) file that stays playable after a crash: offsets, the header block, chunk heads.
 * No I/O and no state of a recording. `docs/recovery.md` describes what the layout guarantees.
 * Sources: "OpenDML AVI File Format Extensions" 1.02, Microsoft's "AVI RIFF File Reference".
 *
 * ```
 * header block   RIFF | avih | strh strf | indx: super index, 220 slots | odml/dmlh | JUNK: head of the live ix00
 * live index     the entries of the live ix00, inside that JUNK
 * header copies  two of 4 KiB, inside that JUNK (`header-copy.ts`)
 * LIST movi      00dc 00dc 00dc ... ix00 | cover (JUNK) over the uncommitted frames
 * idx1           of the first RIFF; then RIFF 'AVIX' LIST movi ..., each about 1 GB
 * ```
 */

/** A commit writes one block at once. Nothing else may lie in the same block of the disk. */
export const BLOCK_BYTES = 4096;
/** Four characters and a 32-bit size. */
export const CHUNK_HEAD_BYTES = 8;
export const INDEX_HEAD_BYTES = 32;
export const INDEX_ENTRY_BYTES = 8;
export const OLD_INDEX_ENTRY_BYTES = 16;
/** `LIST` size `movi`. */
export const LIST_HEAD_BYTES = 12;
/** `RIFF` size `AVIX` `LIST` size `movi`. */
export const SEGMENT_HEAD_BYTES = 24;
/** Slots of the super index. With this number the header list ends at the border of the header block. */
export const SLOT_COUNT = 220;

/** Positions of the live ix00: its head is in the header block, its entries follow the block. */
export const LIVE_INDEX_AT = 4064;
export const LIVE_ENTRIES_AT = LIVE_INDEX_AT + INDEX_HEAD_BYTES;

/** Positions of the data of the header block's chunks. */
export const AVIH_AT = 32;
export const STRH_AT = 108;
export const STRF_AT = 172;
export const INDX_AT = 220;
export const SLOTS_AT = 244;
export const DMLH_AT = 3784;
/**
 * Mark of the process that writes the file, in a JUNK: 16 bytes (`recording-owner.ts`), zeros if the file is closed.
 */
export const OWNER_AT = 4040;
export const OWNER_BYTES = 16;
export const LIVE_JUNK_AT = 4056;
/** Number of copies of the header block. */
export const COPIES = 2;

/** AVIF_HASINDEX and AVIF_MUSTUSEINDEX. Without the second one, ffmpeg and OpenCV scan past the index. */
const AVIH_FLAGS = 0x30;

/** Sizes that make up a layout. Tests shrink them; everything else uses `DEFAULT_GEOMETRY`. */
export interface AviGeometry {
  /** Entries of the live index: a multiple of 512, at most 122,880 (ffmpeg gives up on a longer JUNK in a header). */
  readonly liveEntries: number;
  /** Maximum distance of a group's frames from its base, bytes. It is limited because index entries are 32-bit. */
  readonly groupBytes: number;
  /** Maximum number of groups of a file, at most `SLOT_COUNT`. */
  readonly maxGroups: number;
  /** Maximum size of a RIFF, bytes: a multiple of the block. */
  readonly segmentBytes: number;
  /** Maximum frames of the first RIFF. Bounds the old index (idx1), which is kept in memory. */
  readonly firstSegmentFrames: number;
  /** The file is grown ahead in steps of this size, bytes. It is a multiple of the block. */
  readonly growthBytes: number;
}

/**
 * Enough for 7.2 million frames (33 hours at 60 fps) and 820 GB per file. Needs 1 MiB of memory for idx1 and 256
 * KiB for the live index. Making a sparse RIFF of 1 GiB at once would be simpler than growing, but FAT would
 * write all of it.
 */
export const DEFAULT_GEOMETRY: AviGeometry = {
  liveEntries: 32_768,
  groupBytes: 0xe000_0000,
  maxGroups: SLOT_COUNT,
  segmentBytes: 2 ** 30,
  firstSegmentFrames: 65_536,
  growthBytes: 64 * 2 ** 20,
};

/** Position of the first RIFF's `LIST movi`. */
export function firstMoviAt(geometry: AviGeometry): number {
  return headerCopyAt(geometry, 0) + COPIES * BLOCK_BYTES;
}

/** Position of a copy of the header block. `place`: 0 or 1. */
export function headerCopyAt({ liveEntries }: Pick<AviGeometry, 'liveEntries'>, place: number): number {
  return LIVE_ENTRIES_AT + INDEX_ENTRY_BYTES * liveEntries + BLOCK_BYTES * place;
}

/** Data bytes of the JUNK that holds the live ix00 and the copies of the header block. */
export function liveJunkBytes({ liveEntries }: Pick<AviGeometry, 'liveEntries'>): number {
  return indexBytes(liveEntries) + COPIES * BLOCK_BYTES;
}

/** Rounds up to a multiple of `unit`. */
export function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}

/** Size of a JPEG's chunk in the file: head, data and pad byte. */
export function chunkBytes(dataBytes: number): number {
  return CHUNK_HEAD_BYTES + dataBytes + (dataBytes & 1);
}

/** A slot of the super index. It names one ix00. */
export interface IndexSlot {
  readonly offset: number;
  readonly frames: number;
}

/** Everything in the header that changes from commit to commit. */
export interface HeaderState {
  /** End of the first RIFF, bytes from the start of the file. */
  readonly riffEnd: number;
  readonly frames: number;
  readonly firstSegmentFrames: number;
  readonly rate: FrameRate;
  /** Size of the largest frame, bytes. */
  readonly largestFrame: number;
  /** The groups whose ix00 is in a movi list. */
  readonly groups: readonly IndexSlot[];
  /** The group whose ix00 is the live one. 0 frames if there is none. */
  readonly live: { readonly base: number; readonly frames: number };
}

export interface VideoFormat {
  readonly width: number;
  readonly height: number;
}

/** The header block: everything that a reader needs, in one write. */
export class HeaderBlock {
  readonly bytes = Buffer.alloc(BLOCK_BYTES);

  constructor(format: VideoFormat, geometry: AviGeometry) {
    const { bytes } = this;
    putList(bytes, 0, 'RIFF', 0, 'AVI ');
    putList(bytes, 12, 'LIST', 4036, 'hdrl');

    putHead(bytes, 24, 'avih', 56);
    bytes.writeUInt32LE(AVIH_FLAGS, AVIH_AT + 12);
    bytes.writeUInt32LE(1, AVIH_AT + 24); // streams
    bytes.writeUInt32LE(format.width, AVIH_AT + 32);
    bytes.writeUInt32LE(format.height, AVIH_AT + 36);

    putList(bytes, 88, 'LIST', 3668, 'strl');
    putHead(bytes, 100, 'strh', 56);
    bytes.write('vidsMJPG', STRH_AT, 'latin1');
    bytes.writeInt32LE(-1, STRH_AT + 40); // quality: the driver's default
    bytes.writeUInt16LE(Math.min(format.width, 0x7fff), STRH_AT + 52);
    bytes.writeUInt16LE(Math.min(format.height, 0x7fff), STRH_AT + 54);

    putHead(bytes, 164, 'strf', 40); // BITMAPINFOHEADER
    bytes.writeUInt32LE(40, STRF_AT);
    bytes.writeInt32LE(format.width, STRF_AT + 4);
    bytes.writeInt32LE(format.height, STRF_AT + 8);
    bytes.writeUInt16LE(1, STRF_AT + 12); // planes
    bytes.writeUInt16LE(24, STRF_AT + 14); // bits a pixel
    bytes.write('MJPG', STRF_AT + 16, 'latin1');
    bytes.writeUInt32LE(format.width * format.height * 3, STRF_AT + 20);

    putHead(bytes, 212, 'indx', 3544);
    bytes.writeUInt16LE(4, INDX_AT); // 32-bit words a slot; sub-type and type 0: an index of indexes
    bytes.write('00dc', INDX_AT + 8, 'latin1');

    putList(bytes, 3764, 'LIST', 260, 'odml');
    putHead(bytes, 3776, 'dmlh', 248);
    putHead(bytes, OWNER_AT - CHUNK_HEAD_BYTES, 'JUNK', OWNER_BYTES);
    putHead(bytes, LIVE_JUNK_AT, 'JUNK', liveJunkBytes(geometry));
    putIndexHead(bytes, LIVE_INDEX_AT, 0, 0);
  }

  /** Sets the owner's mark. `undefined`: the file is closed. It takes effect with the next write of the block. */
  own(owner: Uint8Array | undefined): void {
    this.bytes.fill(0, OWNER_AT, OWNER_AT + OWNER_BYTES);
    if (owner !== undefined) this.bytes.set(owner, OWNER_AT);
  }

  /** Puts a state into the bytes. The next write of the block makes it the file's state. */
  describe(state: HeaderState): void {
    const { bytes } = this;
    bytes.writeUInt32LE(state.riffEnd - CHUNK_HEAD_BYTES, 4);

    const framePeriodUs = Math.round((1_000_000 * state.rate.scale) / state.rate.rate);
    bytes.writeUInt32LE(Math.min(framePeriodUs, 0xffff_ffff), AVIH_AT);
    bytes.writeUInt32LE(state.firstSegmentFrames, AVIH_AT + 16);
    bytes.writeUInt32LE(state.largestFrame, AVIH_AT + 28);
    bytes.writeUInt32LE(state.rate.scale, STRH_AT + 20);
    bytes.writeUInt32LE(state.rate.rate, STRH_AT + 24);
    bytes.writeUInt32LE(state.frames, STRH_AT + 32);
    bytes.writeUInt32LE(state.largestFrame, STRH_AT + 36);
    bytes.writeUInt32LE(state.frames, DMLH_AT);

    let slot = SLOTS_AT;
    for (const group of state.groups) slot = putSlot(bytes, slot, group);
    if (state.live.frames > 0) slot = putSlot(bytes, slot, { offset: LIVE_INDEX_AT, frames: state.live.frames });
    // mplayer takes a slot that names an empty ix00 for broken, so a live index without frames is not named.
    bytes.writeUInt32LE((slot - SLOTS_AT) / 16, INDX_AT + 4);
    bytes.fill(0, slot, SLOTS_AT + 16 * SLOT_COUNT);
    putIndexHead(bytes, LIVE_INDEX_AT, state.live.base, state.live.frames);
  }
}

/** Size of an ix00 including its head. */
export function indexBytes(frames: number): number {
  return INDEX_HEAD_BYTES + INDEX_ENTRY_BYTES * frames;
}

/** The head of an ix00; its entries follow. */
export function indexHead(base: number, frames: number): Buffer {
  const bytes = Buffer.alloc(INDEX_HEAD_BYTES);
  putIndexHead(bytes, 0, base, frames);
  return bytes;
}

/** The head of a chunk with the id `id` and `dataBytes` bytes of data. */
export function chunkHead(id: string, dataBytes: number): Buffer {
  const bytes = Buffer.alloc(CHUNK_HEAD_BYTES);
  putHead(bytes, 0, id, dataBytes);
  return bytes;
}

/** The head of a JUNK from `start` to `end`. The distance must be even and at least 8 bytes. */
export function cover(start: number, end: number): Buffer {
  return chunkHead('JUNK', end - start - CHUNK_HEAD_BYTES);
}

/** The head of a movi list from `start` to `end`. */
export function moviHead(start: number, end: number): Buffer {
  const bytes = Buffer.alloc(12);
  putList(bytes, 0, 'LIST', end - start - CHUNK_HEAD_BYTES, 'movi');
  return bytes;
}

/** The head of a further RIFF from `start` to `end`. Its movi list has the same end. */
export function segmentHead(start: number, end: number): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEAD_BYTES);
  putList(bytes, 0, 'RIFF', end - start - CHUNK_HEAD_BYTES, 'AVIX');
  putList(bytes, 12, 'LIST', end - start - 12 - CHUNK_HEAD_BYTES, 'movi');
  return bytes;
}

function putHead(bytes: Buffer, at: number, id: string, dataBytes: number): void {
  bytes.write(id, at, 4, 'latin1');
  bytes.writeUInt32LE(dataBytes, at + 4);
}

function putList(bytes: Buffer, at: number, id: string, dataBytes: number, type: string): void {
  putHead(bytes, at, id, dataBytes);
  bytes.write(type, at + 8, 4, 'latin1');
}

function putSlot(bytes: Buffer, at: number, slot: IndexSlot): number {
  putUInt64(bytes, at, slot.offset);
  bytes.writeUInt32LE(indexBytes(slot.frames), at + 8);
  bytes.writeUInt32LE(slot.frames, at + 12);
  return at + 16;
}

function putIndexHead(bytes: Buffer, at: number, base: number, frames: number): void {
  putHead(bytes, at, 'ix00', indexBytes(frames) - CHUNK_HEAD_BYTES);
  bytes.writeUInt16LE(2, at + 8); // 32-bit words an entry
  bytes.writeUInt8(0, at + 10);
  bytes.writeUInt8(1, at + 11); // an index of chunks
  bytes.writeUInt32LE(frames, at + 12);
  bytes.write('00dc', at + 16, 'latin1');
  putUInt64(bytes, at + 20, base);
  bytes.writeUInt32LE(0, at + 28);
}

/** Writes a file position. Positions stay below 2^53, so a double holds them exactly. */
function putUInt64(bytes: Buffer, at: number, value: number): void {
  bytes.writeUInt32LE(value % 2 ** 32, at);
  bytes.writeUInt32LE(Math.floor(value / 2 ** 32), at + 4);
}
