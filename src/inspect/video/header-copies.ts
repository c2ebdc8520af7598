import {
  BLOCK_BYTES,
  COPIES,
  DEFAULT_GEOMETRY,
  INDEX_ENTRY_BYTES,
  LIVE_ENTRIES_AT,
} from '../../recording/avi/avi-layout.js';
import { checkCounts, checkHeader } from './check-header.js';
import { readPlaces } from './frame-places.js';
import { type VideoHeader, parseHeader } from './header.js';
import { readBytes } from './positional-read.js';
import { VideoFindings } from './video-findings.js';

/**
 * A power cut may leave the header block of a video half old and half new. Each commit writes a copy of its header first; the
 * next start puts it back. A copy has a checksum (FNV-1a, 32 bits, over all behind it) in place of `RIFF`, and the number of its
 * commit in place of `AVI `.
 */
const NUMBER_AT = 8;

/** Whether a header holds together with itself and, in a file that is not closed, with the indexes that it names. */
export function isSound(fd: number, header: VideoHeader, fileBytes: number): boolean {
  const findings = new VideoFindings();
  checkHeader(header, findings);
  checkCounts(header, findings);
  let isSoundSoFar = findings.conclude().length === 0;
  if (!isSoundSoFar || header.owner.every((byte) => byte === 0)) return isSoundSoFar;
  readPlaces(fd, header, fileBytes, () => {
    isSoundSoFar = false;
  });
  return isSoundSoFar;
}

/** The header that stands in for a torn one; `undefined`: there is none. */
export function copyInstead(fd: number, torn: VideoHeader): VideoHeader | undefined {
  const liveEntries = torn.liveEntries === 0 ? DEFAULT_GEOMETRY.liveEntries : torn.liveEntries;
  const from = LIVE_ENTRIES_AT + INDEX_ENTRY_BYTES * liveEntries;
  const copies: { readonly number: number; readonly header: VideoHeader }[] = [];
  for (let place = 0; place < COPIES; place += 1) {
    const block = readBytes(fd, from + BLOCK_BYTES * place, BLOCK_BYTES);
    if (block.length < BLOCK_BYTES || block.readUInt32LE(0) !== checksum(block)) continue;
    const number = block.readUInt32LE(NUMBER_AT);
    block.write('RIFF', 0, 'latin1');
    block.write('AVI ', NUMBER_AT, 'latin1');
    copies.push({ number, header: parseHeader(block) });
  }
  const [older, newer] = copies.sort((a, b) => a.number - b.number);
  if (older === undefined || newer === undefined) return older?.header;
  // The newer one's frames are surely on the disk only where its header was being written: the torn block tells of them.
  const told = Math.max(torn.frames, torn.framesOfDmlh);
  const isNewerDurable = newer.header.frames > older.header.frames && newer.header.frames <= told;
  return isNewerDurable ? newer.header : older.header;
}

function checksum(block: Buffer): number {
  let value = 0x811c_9dc5;
  for (let at = 4; at < BLOCK_BYTES; at += 1) value = Math.imul(value ^ (block[at] ?? 0), 0x0100_0193);
  return value >>> 0;
}
