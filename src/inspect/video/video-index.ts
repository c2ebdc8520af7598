import type { FileHandle } from 'node:fs/promises';
import { BLOCK_BYTES } from '../../recording/avi/avi-layout.js';
import { NotReadable } from '../not-readable.js';
import { type FramePlaces, readPlaces } from './frame-places.js';
import { type VideoHeader, isOurs, parseHeader } from './header.js';
import { readBytes } from './positional-read.js';
import { type WriterState, writerState } from './writer-state.js';

/** Where the frames of a video are, by its own indexes. Frame k of the video is index k - 1. */
export interface VideoIndex {
  readonly width: number;
  readonly height: number;
  /** Frames per second as rate / scale. */
  readonly rate: { readonly scale: number; readonly rate: number };
  readonly fileBytes: number;
  readonly state: WriterState;
  readonly count: number;
  /** Position of the JPEG's first byte in the file. */
  readonly dataAt: Float64Array;
  /** Length of the JPEG, bytes. */
  readonly dataBytes: Uint32Array;
}

/**
 * Reads the header and all indexes of a video: what a reader of frames needs. Proves nothing (`check-video.ts` does) but
 * that each frame lies in the file. Rejects with `NotReadable`. The handle stays the caller's.
 */
export async function readVideoIndex(handle: FileHandle): Promise<VideoIndex> {
  const fileBytes = (await handle.stat()).size;
  const header = parseHeader(headerBlock(handle.fd, fileBytes));
  const places = readPlaces(handle.fd, header, fileBytes, ({ slot, message }) => {
    throw new NotReadable('damaged', `Slot ${slot} of the super index is damaged: ${message}.`);
  });
  expectReadable(header, places, fileBytes);
  const state = await writerState(handle, header.owner);
  const { width, height, rate } = header;
  const { count, dataAt, dataBytes } = places;
  return { width, height, rate, fileBytes, state, count, dataAt, dataBytes };
}

/** The bytes of frame `k`, from 1: a whole JPEG. Rejects with `NotReadable`. */
export async function readFrame(handle: FileHandle, index: VideoIndex, k: number): Promise<Buffer> {
  const at = index.dataAt[k - 1];
  const length = index.dataBytes[k - 1];
  if (at === undefined || length === undefined) throw new RangeError(`There is no frame ${k} of ${index.count}.`);
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done, at + done);
    if (bytesRead === 0) throw new NotReadable('changed', `The file became shorter: frame ${k} is no longer in it.`);
    done += bytesRead;
  }
  return bytes;
}

/** The first 4,096 bytes of one of our videos. Throws `NotReadable` if it is none. */
function headerBlock(fd: number, fileBytes: number): Buffer {
  const block = readBytes(fd, 0, BLOCK_BYTES);
  if (block.length < BLOCK_BYTES) {
    throw new NotReadable('not_ours', `The file has ${fileBytes} bytes: too few for a recording of csi-cameras.`);
  }
  if (!isOurs(block)) throw new NotReadable('not_ours', 'The file is not a video that csi-cameras wrote.');
  return block;
}

function expectReadable(header: VideoHeader, places: FramePlaces, fileBytes: number): void {
  const { rate, width, height } = header;
  if (header.slotsTold !== header.slots.length || rate.rate === 0 || rate.scale === 0 || width === 0 || height === 0) {
    throw new NotReadable('damaged', 'The header of the video is damaged.');
  }
  for (let index = 0; index < places.count; index += 1) {
    const end = (places.dataAt[index] ?? 0) + (places.dataBytes[index] ?? 0);
    if (end > fileBytes) throw new NotReadable('damaged', `Frame ${index + 1} lies behind the end of the file.`);
  }
}
