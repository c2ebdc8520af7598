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
 * Copies of the header block, for a power cut that leaves the block itself half old and half new. Each commit writes the header
 * that it is about to write before its sync, to the place that the last commit's copy is not in: so of the last
 * durable commit there is always a whole copy, whatever became of the block and of a copy in the making.
 * A copy is the block with a checksum in place of its first four characters and its number in place of `AVI `.
 */

const CHECKSUM_AT = 0;
const NUMBER_AT = 8;

/** `number`: of the commit. */
export function headerCopy(block: Buffer, number: number): Buffer {
  const copy = Buffer.from(block);
  copy.writeUInt32LE(number, NUMBER_AT);
  copy.writeUInt32LE(checksum(copy), CHECKSUM_AT);
  return copy;
}

/** For a file that is closed: its copies are none any more. */
export function noCopies(geometry: Pick<AviGeometry, 'liveEntries'>): PlannedWrite {
  return { position: headerCopyAt(geometry, 0), parts: [Buffer.alloc(COPIES * BLOCK_BYTES)] };
}

/** The header of a video whose header block is broken, by its copies. `undefined` where there is none, or this is no such video. */
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
  // What a newer copy names is durable only if the block was being written for it: then the block tells of its frames.
  const told = Math.max(block.readUInt32LE(STRH_AT + 32), block.readUInt32LE(DMLH_AT));
  const [older, newer] = copies;
  if (older === undefined || newer === undefined) return older?.header;
  const isNewerDurable = newer.header.state.frames > older.header.state.frames && newer.header.state.frames <= told;
  return isNewerDurable ? newer.header : older.header;
}

/** Of everything but the checksum itself. */
function checksum(copy: Buffer): number {
  return fnv1a(copy.subarray(CHECKSUM_AT + 4, BLOCK_BYTES));
}
