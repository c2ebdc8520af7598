import type { FileHandle } from 'node:fs/promises';
import { fileError } from '../../core/errors.js';
import type { FileSystem } from '../../core/file-system.js';
import { readHeader, readPosition } from './avi-header-reader.js';
import {
  CHUNK_HEAD_BYTES,
  INDEX_ENTRY_BYTES,
  type IndexSlot,
  LIVE_INDEX_AT,
  indexBytes,
  indexHead,
} from './avi-layout.js';

/**
 * Reads a video as this module writes it: chunk heads, indexes, the places of frames. Changes nothing. Repairs are in
 * `recovery/`.
 */

/** The file differs from what this module writes. */
export class NotAsWritten extends Error {
  override readonly name = 'NotAsWritten';
}

/** Where a frame's data is in the file. */
export interface Place {
  readonly dataAt: number;
  readonly dataBytes: number;
}

/**
 * What a reader finds in a recording that could not be closed: the frames of its last commit.
 * Rejects with `io_error` if the video cannot be read or was not written by this module.
 */
export async function readLeftBehind(
  fileSystem: Pick<FileSystem, 'open'>,
  videoPath: string,
): Promise<{ readonly frames: number; readonly durationS: number; readonly bytes: number }> {
  try {
    const handle = await fileSystem.open(videoPath, 'r');
    try {
      const header = await readHeader(handle);
      if (header === undefined) throw new Error('The file does not begin with the header of a recording.');
      const { frames, rate } = header.state;
      const { size } = await handle.stat();
      return { frames, durationS: (frames * rate.scale) / rate.rate, bytes: size };
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    throw fileError('read', videoPath, thrown);
  }
}

/** Reads the places of the frames of an index in the middle of the file. */
export async function readIndex(handle: FileHandle, slot: IndexSlot, fileBytes: number): Promise<Place[]> {
  const size = indexBytes(slot.frames);
  if (slot.offset < LIVE_INDEX_AT || slot.offset + size > fileBytes)
    throw new NotAsWritten('an index lies outside the file');
  const chunk = await readExactly(handle, slot.offset, size);
  const base = readPosition(chunk, 20);
  const head = indexHead(base, slot.frames);
  if (!chunk.subarray(0, head.length).equals(head)) throw new NotAsWritten('an index is not where the header says');
  return placesOf(chunk.subarray(head.length), base);
}

/** The places of the frames that index entries name. `base`: position from which the offsets count. */
export function placesOf(entries: Buffer, base: number): Place[] {
  const places: Place[] = [];
  let end = 0;
  for (let at = 0; at < entries.length; at += INDEX_ENTRY_BYTES) {
    const place = { dataAt: base + entries.readUInt32LE(at), dataBytes: entries.readUInt32LE(at + 4) };
    if (place.dataAt < end + CHUNK_HEAD_BYTES) throw new NotAsWritten('the frames of an index are not in order');
    places.push(place);
    end = endOf(place);
  }
  return places;
}

/** Position after a frame and its pad byte. */
export function endOf({ dataAt, dataBytes }: Place): number {
  return dataAt + dataBytes + (dataBytes & 1);
}

/** Reads id and length of the chunk at a position. After the end of the file the id is not that of any chunk. */
export async function readChunkHead(handle: FileHandle, position: number): Promise<{ id: string; dataBytes: number }> {
  const bytes = Buffer.alloc(CHUNK_HEAD_BYTES);
  await handle.read(bytes, 0, CHUNK_HEAD_BYTES, position); // short at the end of the file: zeros are not a chunk
  return { id: bytes.toString('latin1', 0, 4), dataBytes: bytes.readUInt32LE(4) };
}

/** Reads `length` bytes from a position. Throws `NotAsWritten` if the file ends before. */
export async function readExactly(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = await readAt(handle, position, length);
  if (bytes.length < length) throw new NotAsWritten('the file ends within an index');
  return bytes;
}

/** Reads `length` bytes from a position, or fewer at the end of the file. */
export async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) return bytes.subarray(0, done);
    done += bytesRead;
  }
  return bytes;
}
