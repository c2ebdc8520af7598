import type { FileHandle } from 'node:fs/promises';
import { type FoundHeader, liveEntriesOf, readBlock, readHeaderBlock } from './avi-header-reader.js';
import {
  type AviGeometry,
  BLOCK_BYTES,
  COPIES,
  DEFAULT_GEOMETRY,
  DMLH_AT,
  STRH_AT,
  headerCopyAt,
} from './avi-layout.js';
import type { PlannedWrite } from './avi-space.js';
import { fnv1a } from './fnv.js';

/**
 * Copies of the header block, in case a power cut leaves the block itself half old and half new. Before its sync, each
 * commit writes a copy of its coming header. The two places take turns, so the last commit's copy is not overwritten.
 * The last durable commit therefore always has a whole copy, even if the block and the newest copy are torn. A copy is
 * the block with a checksum in place of its first four characters and the commit's number in place of `AVI `.
 */

const CHECKSUM_AT = 0;
const NUMBER_AT = 8;

/** Makes a copy. `number`: the commit's number. */
export function headerCopy(block: Buffer, number: number): Buffer {
  const copy = Buffer.from(block);
  copy.writeUInt32LE(number, NUMBER_AT);
  copy.writeUInt32LE(checksum(copy), CHECKSUM_AT);
  return copy;
}

/** The write that clears the copies of a closed file. */
export function noCopies(geometry: Pick<AviGeometry, 'liveEntries'>): PlannedWrite {
  return { position: headerCopyAt(geometry, 0), parts: [Buffer.alloc(COPIES * BLOCK_BYTES)] };
}

/**
 * Reads the header of a video with a broken header block from its copies. Resolves with `undefined` if there is no
 * valid copy or the file is not such a video.
 */
export async function readHeaderCopy(handle: FileHandle): Promise<FoundHeader | undefined> {
  const block = await readBlock(handle, 0);
  if (block === undefined) return undefined;
  const liveEntries = liveEntriesOf(block) ?? DEFAULT_GEOMETRY.liveEntries;
  const copies: { readonly number: number; readonly header: FoundHeader }[] = [];
  for (let place = 0; place < COPIES; place += 1) {
    const copy = await readBlock(handle, headerCopyAt({ liveEntries }, place));
    if (copy === undefined || copy.readUInt32LE(CHECKSUM_AT) !== checksum(copy)) continue;
    const number = copy.readUInt32LE(NUMBER_AT);
    copy.write('RIFF', CHECKSUM_AT, 'latin1');
    copy.write('AVI ', NUMBER_AT, 'latin1');
    const header = readHeaderBlock(copy);
    if (header !== undefined) copies.push({ number, header });
  }
  copies.sort((a, b) => a.number - b.number);
  // The frames of the newer copy are durable only if its header was already being written, because the sync comes
  // before. The torn block then names its number of frames.
  const told = Math.max(block.readUInt32LE(STRH_AT + 32), block.readUInt32LE(DMLH_AT));
  const [older, newer] = copies;
  if (older === undefined || newer === undefined) return older?.header;
  const isNewerDurable = newer.header.state.frames > older.header.state.frames && newer.header.state.frames <= told;
  return isNewerDurable ? newer.header : older.header;
}

/** The checksum of everything except the checksum itself. */
function checksum(copy: Buffer): number {
  return fnv1a(copy.subarray(CHECKSUM_AT + 4, BLOCK_BYTES));
}
