import { type RecordingCase, damaged } from './recording-case.js';
import type { TakeInMemory } from './take-in-memory.js';
import { type MappedFrame, scanOf, segmentOf } from './video-map.js';

/** Words of the header block. */
const RIFF_SIZE = 4;
const HDRL_SIZE = 16;
const CODEC = 188;
const WIDTH = 176;
const RATE = 132;
const LENGTH_OF_STREAM = 140;
const LARGEST_OF_STREAM = 144;
const LENGTH_OF_FILE = 3784;
const SLOT_COUNT = 224;

export const DAMAGED_VIDEOS: readonly RecordingCase[] = [
  damaged('whose video is empty', ['V1'], cutAt(0), { more: ['V23'] }),
  damaged('whose video is cut within its header', ['V1'], cutAt(2000), { more: ['V23'] }),
  damaged('whose video is cut behind its header block', ['V1'], cutAt(4096), { more: ['V23'] }),
  damaged('whose video is cut in the middle of a frame', ['V1'], (take) => cut(take, frame(take, 30).data + 100), {
    more: ['V23'],
  }),
  damaged('whose video is cut between two frames', ['V1'], (take) => cut(take, frame(take, 30).head), {
    more: ['V23'],
  }),
  damaged('whose video ends with its first RIFF', ['V3'], (take) => cut(take, take.map.riffs[0]?.end ?? 0), {
    more: ['V23'],
  }),
  damaged('whose video has lost its last byte', ['V1'], (take) => cut(take, video(take).length - 1), { more: ['V23'] }),
  damaged('whose video has one byte more', ['V8'], (take) => append(take, Buffer.alloc(1)), { more: ['V23'] }),
  damaged('whose video has a block of zeros more', ['V8'], (take) => append(take, Buffer.alloc(4096)), {
    more: ['V23'],
  }),
  damaged('whose first RIFF is two bytes longer by its size', ['V1'], (take) => add(take, RIFF_SIZE, 2)),
  damaged('whose header list is longer by a bit', ['V1'], (take) => flip(take, HDRL_SIZE, 4)),
  damaged('whose codec is another by a bit', ['V1'], (take) => flip(take, CODEC, 0)),
  damaged('whose header says no width', ['V1'], (take) => video(take).writeInt32LE(0, WIDTH)),
  damaged('whose header says two widths', ['V1'], (take) => add(take, WIDTH, 16)),
  damaged('whose header has another width than its pictures', ['V9'], widen),
  damaged('whose header says two rates', ['V1'], (take) => add(take, RATE, 3)),
  damaged('whose header has another rate', ['V19'], speedUp),
  damaged('whose stream has a frame more by its header', ['V3'], (take) => add(take, LENGTH_OF_STREAM, 1)),
  damaged('whose file has a frame less by its header', ['V3'], (take) => add(take, LENGTH_OF_FILE, -1)),
  damaged('whose largest frame is larger by the header', ['V11'], (take) => add(take, LARGEST_OF_STREAM, 2)),
  damaged('whose super index has a slot less', ['V3', 'V6', 'V11'], (take) => add(take, SLOT_COUNT, -1)),
  damaged('whose slot names a place without an index', ['V3'], (take) => add(take, slot(take, 1).at, 8)),
  damaged('whose slot has a frame more than its index', ['V3'], (take) => add(take, slot(take, 1).at + 12, 1)),
  damaged('whose index has a frame less than its slot', ['V3'], (take) => add(take, slot(take, 1).index + 12, -1)),
  damaged('whose index names a frame where there is none', ['V4'], (take) => add(take, frame(take, 20).entry, 2), {
    at: ['V4', 20],
  }),
  damaged(
    'whose index has a frame twice, and another never',
    ['V4', 'V6'],
    (take) => video(take).copyWithin(frame(take, 20).entry, frame(take, 19).entry, frame(take, 19).entry + 8),
    { at: ['V4', 19] },
  ),
  damaged(
    'whose index names a frame beyond the file',
    ['V4', 'V6'],
    (take) => video(take).writeUInt32LE(0x7000_0000, frame(take, 20).entry),
    { at: ['V4', 20] },
  ),
  damaged('whose index has another size of a frame', ['V5'], (take) => add(take, frame(take, 20).entry + 4, -2), {
    at: ['V5', 20],
  }),
  damaged('whose old index has another size of a frame', ['V7'], (take) => add(take, old(take, 3) + 12, -2)),
  damaged('whose old index has another place of a frame', ['V7'], (take) => add(take, old(take, 3) + 8, 2)),
  damaged('whose chunk has another name', ['V5'], (take) => video(take).write('01dc', frame(take, 7).head, 'latin1'), {
    at: ['V5', 7],
  }),
  damaged('whose chunk has another length', ['V5'], (take) => add(take, frame(take, 7).head + 4, 2), {
    at: ['V5', 7],
  }),
  damaged('with a frame that no index names', ['V6'], forgetLastFrame, { more: ['V21', 'V23'] }),
  damaged('with two frames in each other’s place', ['V20'], (take) => swapFrames(take, 8), { at: ['V20', 8] }),
  damaged('with the number of another frame in one', ['V20'], (take) => renumber(take, 9, 'frame=9 ', 'frame=8 '), {
    at: ['V20', 9],
  }),
  damaged(
    'with a picture that does not end',
    ['V9'],
    (take) => video(take).fill(0, end(frame(take, 9)) - 2, end(frame(take, 9))),
    { at: ['V9', 9] },
  ),
  damaged(
    'with a picture that does not begin',
    ['V9'],
    (take) => video(take).fill(0, frame(take, 9).data, frame(take, 9).data + 2),
    { at: ['V9', 9] },
  ),
  damaged(
    'with a picture that begins twice',
    ['V9'],
    (take) => video(take).writeUInt16BE(0xffd8, scanOf(video(take), frame(take, 9)) + 40),
    { at: ['V9', 9] },
  ),
  damaged(
    'with a picture of another height',
    ['V9'],
    (take) => add(take, segmentOf(video(take), frame(take, 9), 0xc0) + 6, 8),
    { at: ['V9', 9] },
  ),
  damaged('with a picture of another sampling', ['V9'], (take) => video(take).writeUInt8(0x11, sampling(take, 9)), {
    at: ['V9', 9],
  }),
  damaged('with zeros within its first picture', ['V10'], (take) => zeros(take, 1), {
    recorded: { large: true, frames: 12 },
    depth: 'decode',
    at: ['V10', 1],
  }),
  damaged('with zeros within its last picture', ['V10'], (take) => zeros(take, 12), {
    recorded: { large: true, frames: 12 },
    depth: 'decode',
    at: ['V10', 12],
  }),
  damaged('with zeros within any picture', ['V10'], (take) => zeros(take, 77), {
    recorded: { frames: 100, large: true },
    depth: 'decode',
    at: ['V10', 77],
  }),
  damaged('with a picture cut short', ['V10'], shortenPicture, {
    depth: 'decode',
    at: ['V10', 60],
  }),
  damaged('without its video', ['V25'], (take) => void (take.video = null), { more: ['V23'] }),
];

export function video({ video: bytes }: TakeInMemory): Buffer {
  if (bytes === null) throw new Error('It has no video.');
  return bytes;
}

/** `number` from 1. */
export function frame({ map }: TakeInMemory, number: number): MappedFrame {
  const found = map.frames[number - 1];
  if (found === undefined) throw new Error(`It has no frame ${number}.`);
  return found;
}

function slot({ map }: TakeInMemory, index: number) {
  const found = map.slots[index];
  if (found === undefined) throw new Error(`It has no slot ${index}.`);
  return found;
}

function old(take: TakeInMemory, number: number): number {
  const { oldEntry } = frame(take, number);
  if (oldEntry === null) throw new Error(`The old index has no frame ${number}.`);
  return oldEntry;
}

function end({ data, bytes }: MappedFrame): number {
  return data + bytes;
}

function cut(take: TakeInMemory, length: number): void {
  take.video = Buffer.from(video(take).subarray(0, length));
}

function cutAt(length: number): (take: TakeInMemory) => void {
  return (take) => cut(take, length);
}

function append(take: TakeInMemory, bytes: Buffer): void {
  take.video = Buffer.concat([video(take), bytes]);
}

function add(take: TakeInMemory, at: number, more: number): void {
  const bytes = video(take);
  bytes.writeUInt32LE(bytes.readUInt32LE(at) + more, at);
}

export function flip(take: TakeInMemory, at: number, bit: number): void {
  const bytes = video(take);
  bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << bit), at);
}

/** All numbers say a frame less, and so do the rows. The frame stays. */
function forgetLastFrame(take: TakeInMemory): void {
  const last = take.map.slots.length - 1;
  const { at, index } = slot(take, last);
  for (const number of [LENGTH_OF_STREAM, LENGTH_OF_FILE, at + 12, index + 12]) add(take, number, -1);
  // In the place of its entry is an empty chunk, which whoever walks steps over.
  video(take).write('JUNK\0\0\0\0', frame(take, take.map.frames.length).entry, 'latin1');
  add(take, at + 8, -8);
  add(take, index + 4, -8);
  take.setLines(take.lines.slice(0, -1));
}

/** The chunks of frames `number` and `number + 1`, with their entries. */
function swapFrames(take: TakeInMemory, number: number): void {
  const bytes = video(take);
  const [one, two] = [frame(take, number), frame(take, number + 1)];
  const chunks = Buffer.from(bytes.subarray(one.head, end(two) + (two.bytes & 1)));
  const border = two.head - one.head;
  Buffer.concat([chunks.subarray(border), chunks.subarray(0, border)]).copy(bytes, one.head);
  const shift = chunks.length - border - border;
  add(take, two.entry, shift);
  bytes.writeUInt32LE(two.bytes, one.entry + 4);
  bytes.writeUInt32LE(one.bytes, two.entry + 4);
  add(take, old(take, number + 1) + 8, shift);
  bytes.writeUInt32LE(two.bytes, old(take, number) + 12);
  bytes.writeUInt32LE(one.bytes, old(take, number + 1) + 12);
}

/** All places of the header that tell the width. */
function widen(take: TakeInMemory): void {
  const bytes = video(take);
  for (const at of [64, WIDTH]) add(take, at, 16);
  bytes.writeUInt16LE(bytes.readUInt16LE(160) + 16, 160);
  add(take, 192, 16 * 48 * 3);
}

/** All places of the header that tell the rate. */
function speedUp(take: TakeInMemory): void {
  const bytes = video(take);
  const rate = Math.floor(bytes.readUInt32LE(RATE) * 1.1);
  bytes.writeUInt32LE(rate, RATE);
  bytes.writeUInt32LE(Math.round((1e6 * bytes.readUInt32LE(RATE - 4)) / rate), 32);
}

function renumber(take: TakeInMemory, number: number, from: string, to: string): void {
  const at = video(take).indexOf(from, frame(take, number).data, 'latin1');
  video(take).write(to, at, 'latin1');
}

/** Sampling of the first component: with another one the picture has other blocks. */
function sampling(take: TakeInMemory, number: number): number {
  return segmentOf(video(take), frame(take, number), 0xc0) + 11;
}

function zeros(take: TakeInMemory, number: number): void {
  const at = scanOf(video(take), frame(take, number)) + 2000;
  video(take).fill(0, at, at + 4096);
}

/** The second half of the last picture's entropy code is gone, and a comment makes up for its length. */
function shortenPicture(take: TakeInMemory): void {
  const bytes = video(take);
  const last = frame(take, take.map.frames.length);
  const scan = scanOf(bytes, last);
  const middle = scan + Math.floor((end(last) - scan) / 2);
  const comment = Buffer.alloc(end(last) - 2 - middle, 0x20);
  comment.writeUInt16BE(0xfffe, 0);
  comment.writeUInt16BE(comment.length - 2, 2);
  const at = segmentOf(bytes, last, 0xc0);
  Buffer.concat([comment, bytes.subarray(at, middle)]).copy(bytes, at);
}
