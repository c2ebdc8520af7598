import {
  AVIH_AT,
  BLOCK_BYTES,
  CHUNK_HEAD_BYTES,
  DMLH_AT,
  INDEX_ENTRY_BYTES,
  INDEX_HEAD_BYTES,
  INDX_AT,
  LIVE_INDEX_AT,
  LIVE_JUNK_AT,
  OWNER_AT,
  OWNER_BYTES,
  SLOTS_AT,
  SLOT_COUNT,
  STRF_AT,
  STRH_AT,
} from '../../recording/avi/avi-layout.js';
import type { VideoHeader } from './header.js';
import type { VideoFindings } from './video-findings.js';

/** What stands at the same place in the header block of every video; all bytes that are not named are zeros. */
const FIXED: readonly (readonly [at: number, value: string | number, bytes?: 1 | 2])[] = [
  [0, 'RIFF'],
  [8, 'AVI LIST'],
  [16, 4036],
  [20, 'hdrlavih'],
  [AVIH_AT - 4, 56],
  [AVIH_AT + 12, 0x30], // has an index, and it must be used
  [AVIH_AT + 24, 1], // streams
  [88, 'LIST'],
  [92, 3668],
  [96, 'strlstrh'],
  [STRH_AT - 4, 56],
  [STRH_AT, 'vidsMJPG'],
  [STRH_AT + 40, 0xffff_ffff], // quality: the driver's default
  [STRF_AT - 8, 'strf'],
  [STRF_AT - 4, 40],
  [STRF_AT, 40],
  [STRF_AT + 12, 1, 2], // planes
  [STRF_AT + 14, 24, 2], // bits a pixel
  [STRF_AT + 16, 'MJPG'],
  [INDX_AT - 8, 'indx'],
  [INDX_AT - 4, 3544],
  [INDX_AT, 4, 2], // 32-bit words a slot
  [INDX_AT + 8, '00dc'],
  [SLOTS_AT + 16 * SLOT_COUNT, 'LIST'],
  [SLOTS_AT + 16 * SLOT_COUNT + 4, 260],
  [SLOTS_AT + 16 * SLOT_COUNT + 8, 'odmldmlh'],
  [DMLH_AT - 4, 248],
  [OWNER_AT - 8, 'JUNK'],
  [OWNER_AT - 4, OWNER_BYTES],
  [LIVE_JUNK_AT, 'JUNK'],
  [LIVE_INDEX_AT, 'ix00'],
  [LIVE_INDEX_AT + 8, 2, 2], // 32-bit words an entry
  [LIVE_INDEX_AT + 11, 1, 1], // an index of chunks
  [LIVE_INDEX_AT + 16, '00dc'],
];

/** What differs from video to video, as position and length. Each is held against something else. */
const VARIABLE: readonly (readonly [at: number, bytes: number])[] = [
  [4, 4], // size of the RIFF
  [AVIH_AT, 4], // microseconds a frame
  [AVIH_AT + 16, 4], // frames of the first RIFF
  [AVIH_AT + 28, 12], // largest frame, width, height
  [STRH_AT + 20, 8], // scale and rate
  [STRH_AT + 32, 8], // frames, largest frame
  [STRH_AT + 52, 4], // width and height, 16 bits
  [STRF_AT + 4, 8], // width and height
  [STRF_AT + 20, 4], // bytes of a picture
  [INDX_AT + 4, 4], // slots
  [SLOTS_AT, 16 * SLOT_COUNT],
  [DMLH_AT, 4], // frames
  [OWNER_AT, OWNER_BYTES],
  [LIVE_JUNK_AT + 4, 4],
  [LIVE_INDEX_AT + 4, 4], // size of the live index
  [LIVE_INDEX_AT + 12, 4], // its entries
  [LIVE_INDEX_AT + 20, 8], // its base
];

const TEMPLATE = makeTemplate();

/** Holds the header block against itself: V1, and what of V3 and V11 it says twice. */
export function checkHeader(header: VideoHeader, findings: VideoFindings): void {
  const { block, rate } = header;
  const blank = Buffer.from(block);
  for (const [at, bytes] of VARIABLE) blank.fill(0, at, at + bytes);
  for (let at = 0; at < BLOCK_BYTES; at += 1) {
    if (blank[at] === TEMPLATE[at]) continue;
    findings.fail('V1', `byte ${at} of the header is ${block[at]}, and ${TEMPLATE[at]} in every video of ours`);
    break;
  }
  if (header.liveEntries === 0) findings.fail('V1', 'the size of the live index in the header makes no sense');
  if (rate.rate === 0 || rate.scale === 0) findings.fail('V1', `the header has a rate of ${rate.rate}/${rate.scale}`);
  else {
    const period = Math.min(Math.round((1_000_000 * rate.scale) / rate.rate), 0xffff_ffff);
    const told = block.readUInt32LE(AVIH_AT);
    if (told !== period) {
      findings.fail('V1', `the header has ${told} us a frame, and its rate ${rate.rate}/${rate.scale} makes ${period}`);
    }
  }
  if (!isSizeOneOf(header)) findings.fail('V1', "the header's sizes of the picture contradict each other");
  checkLiveHead(header, findings);
  const largest = block.readUInt32LE(AVIH_AT + 28);
  if (largest !== header.largestFrame) {
    findings.fail('V11', `the header has two largest frames: ${largest} and ${header.largestFrame} bytes`);
  }
}

/** Whether all places of the header have the same width and height. */
export function isSizeOneOf({ block, width, height }: VideoHeader): boolean {
  return (
    width > 0 &&
    height > 0 &&
    block.readUInt32LE(AVIH_AT + 32) === width &&
    block.readUInt32LE(AVIH_AT + 36) === height &&
    block.readUInt16LE(STRH_AT + 52) === Math.min(width, 0x7fff) &&
    block.readUInt16LE(STRH_AT + 54) === Math.min(height, 0x7fff) &&
    block.readUInt32LE(STRF_AT + 20) === width * height * 3
  );
}

/** The head of the live index stands in the header block, whether a slot names it or not. */
function checkLiveHead({ block, slots }: VideoHeader, findings: VideoFindings): void {
  const frames = block.readUInt32LE(LIVE_INDEX_AT + 12);
  const bytes = block.readUInt32LE(LIVE_INDEX_AT + 4);
  const isNamed = slots.some(({ offset }) => offset === LIVE_INDEX_AT);
  if (isNamed) return; // held against its slot
  if (frames !== 0) findings.fail('V3', `the live index has ${frames} frames, and no slot names it`);
  else if (bytes !== INDEX_HEAD_BYTES - CHUNK_HEAD_BYTES + INDEX_ENTRY_BYTES * frames) {
    findings.fail('V1', `the live index has ${bytes} bytes and no frames`);
  }
}

/** V3: one number of frames in strh, dmlh, the super index and each ix00. Returns that number, by most of them. */
export function checkCounts(header: VideoHeader, findings: VideoFindings): number | undefined {
  const { frames, framesOfDmlh, slots, slotsTold, block } = header;
  if (slotsTold > SLOT_COUNT) findings.fail('V3', `the super index has ${slotsTold} slots, and room for ${SLOT_COUNT}`);
  const unused = block.subarray(SLOTS_AT + 16 * slots.length, SLOTS_AT + 16 * SLOT_COUNT);
  if (unused.some((byte) => byte !== 0))
    findings.fail('V3', `there is something behind the ${slots.length} slots in use`);
  const named = slots.reduce((sum, slot) => sum + slot.frames, 0);
  if (frames === framesOfDmlh && frames === named) return frames;
  findings.fail('V3', `strh has ${frames} frames, dmlh ${framesOfDmlh}, the super index ${named}`);
  if (frames === framesOfDmlh || frames === named) return frames;
  return framesOfDmlh === named ? named : undefined;
}

function makeTemplate(): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  for (const [at, value, bytes = 4] of FIXED) {
    if (typeof value === 'string') block.write(value, at, 'latin1');
    else block.writeUIntLE(value, at, bytes);
  }
  return block;
}
