import type { FileHandle } from 'node:fs/promises';
import type { LeftOpenFile } from '../avi/avi-file.js';
import type { FoundHeader } from '../avi/avi-header-reader.js';
import { oldIndexBytes } from '../avi/avi-index.js';
import {
  BLOCK_BYTES,
  CHUNK_HEAD_BYTES,
  INDEX_ENTRY_BYTES,
  type IndexSlot,
  LIST_HEAD_BYTES,
  LIVE_ENTRIES_AT,
  SEGMENT_HEAD_BYTES,
  cover,
  firstMoviAt,
  indexBytes,
  moviHead,
  roundUp,
} from '../avi/avi-layout.js';
import { NotAsWritten, type Place, endOf, placesOf, readChunkHead, readExactly, readIndex } from '../avi/avi-reader.js';
import type { PlannedWrite, Segment } from '../avi/avi-space.js';

/**
 * Finds out how to close a video that was left open, from its header, its indexes and its chunk heads. Writes
 * nothing. A video that contradicts itself is a `NotAsWritten` and stays as it is.
 */

/** A video that is complete up to its end. Only the bytes after the end must be cut off. */
interface EndedVideo {
  readonly kind: 'ended';
  readonly fileBytes: number;
  readonly repairs: readonly PlannedWrite[];
}

interface OpenVideo {
  readonly kind: 'open';
  readonly file: LeftOpenFile;
}

/**
 * This many covers may still be in place after a power cut. Only those of the last two commits can be; the others are
 * checked as a precaution.
 */
const LAST_GAPS = 8;

/**
 * `fileBytes`: size of the file. The header must name at least one frame. Rejects with `NotAsWritten`, or with the
 * disk's error.
 */
export async function readLeftOpen(
  handle: FileHandle,
  header: FoundHeader,
  fileBytes: number,
): Promise<EndedVideo | OpenVideo> {
  const { state, geometry } = header;
  const { groups, live } = state;
  const named = groups.reduce((sum, group) => sum + group.frames, live.frames);
  if (named !== state.frames) throw new NotAsWritten('its header and its indexes name different numbers of frames');

  const liveEntries = await readExactly(handle, LIVE_ENTRIES_AT, INDEX_ENTRY_BYTES * live.frames);
  const livePlaces = placesOf(liveEntries, live.base);
  const lastGroup = groups.at(-1);
  const lastPlaces = lastGroup === undefined ? [] : await readIndex(handle, lastGroup, fileBytes);
  const inOrder = [...lastPlaces, ...livePlaces];
  const newest = inOrder.at(-1);
  if (newest === undefined) throw new NotAsWritten('its indexes are empty');
  await expectFrameAt(handle, newest);
  const committedEnd =
    live.frames === 0 && lastGroup !== undefined ? lastGroup.offset + indexBytes(lastGroup.frames) : endOf(newest);
  const segment = await segmentOf(handle, committedEnd, state.riffEnd, fileBytes);
  const chunksFrom = segment.start === 0 ? firstMoviAt(geometry) + LIST_HEAD_BYTES : segment.start + SEGMENT_HEAD_BYTES;
  const repairs = liftedCovers(lastPlaces, livePlaces, groups, { segment, chunksFrom });

  const endsAt = live.frames > 0 ? undefined : await endedAt(handle, segment, committedEnd, state.firstSegmentFrames);
  if (endsAt !== undefined && endsAt <= fileBytes) {
    const moviAt = firstMoviAt(geometry);
    const movi = { position: moviAt, parts: [moviHead(moviAt, committedEnd)] };
    return { kind: 'ended', fileBytes: endsAt, repairs: segment.start === 0 ? [...repairs, movi] : repairs };
  }
  const isFirst = segment.start === 0;
  const needed = committedEnd + 2 * BLOCK_BYTES + indexBytes(live.frames) + oldIndexBytes(state.firstSegmentFrames);
  const firstSegment = isFirst ? await firstSegmentPlaces(handle, header, fileBytes, livePlaces) : [];
  return {
    kind: 'open',
    file: {
      fileBytes,
      repairs,
      state: {
        header: state,
        segment: { start: segment.start, end: Math.max(segment.end, roundUp(needed, BLOCK_BYTES)) },
        committedEnd,
        liveEntries,
        firstSegment,
      },
    },
  };
}

/** The places of all frames of the first RIFF, for its old index. */
async function firstSegmentPlaces(
  handle: FileHandle,
  { state }: FoundHeader,
  fileBytes: number,
  livePlaces: readonly Place[],
): Promise<Place[]> {
  const places: Place[] = [];
  for (const group of state.groups) places.push(...(await readIndex(handle, group, fileBytes)));
  places.push(...livePlaces);
  if (places.length !== state.firstSegmentFrames)
    throw new NotAsWritten('its first RIFF does not hold as many frames as its header says');
  return places;
}

async function expectFrameAt(handle: FileHandle, { dataAt, dataBytes }: Place): Promise<void> {
  const head = await readChunkHead(handle, dataAt - CHUNK_HEAD_BYTES);
  if (head.id !== '00dc' || head.dataBytes !== dataBytes)
    throw new NotAsWritten('its newest frame is not where it should be');
}

/**
 * The RIFF that holds the end of the committed frames. It ends at the next RIFF's start or at the end of the file.
 */
async function segmentOf(
  handle: FileHandle,
  committedEnd: number,
  firstEnd: number,
  fileBytes: number,
): Promise<Segment> {
  let start = 0;
  let end = firstEnd;
  for (;;) {
    if (end + SEGMENT_HEAD_BYTES > fileBytes) break;
    const head = await readChunkHead(handle, end);
    if (head.id !== 'RIFF') break;
    if (committedEnd <= end) return { start, end };
    [start, end] = [end, end + CHUNK_HEAD_BYTES + head.dataBytes];
  }
  if (committedEnd > fileBytes || firstEnd > fileBytes)
    throw new NotAsWritten('the file is shorter than its header says');
  return { start, end: fileBytes };
}

/** Where the file ends if its last index is in place; `undefined` if the end must still be written. */
async function endedAt(
  handle: FileHandle,
  segment: Segment,
  committedEnd: number,
  firstSegmentFrames: number,
): Promise<number | undefined> {
  const { start } = segment;
  const head = await readChunkHead(handle, start);
  const riffEnd = start + CHUNK_HEAD_BYTES + head.dataBytes;
  if (start > 0) return riffEnd === committedEnd ? committedEnd : undefined;
  const end = committedEnd + oldIndexBytes(firstSegmentFrames);
  if (riffEnd !== end) return undefined;
  const oldIndex = await readChunkHead(handle, committedEnd);
  return oldIndex.id === 'idx1' && committedEnd + CHUNK_HEAD_BYTES + oldIndex.dataBytes === end ? end : undefined;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Writes that shrink each cover in front of the newest frames to the gap in which it lies. `groups`: all that are closed. */
function liftedCovers(
  lastPlaces: readonly Place[],
  livePlaces: readonly Place[],
  groups: readonly IndexSlot[],
  { segment, chunksFrom }: { readonly segment: Segment; readonly chunksFrom: number },
): PlannedWrite[] {
  const frames = (places: readonly Place[]): Range[] =>
    places.map((place) => ({ start: place.dataAt - CHUNK_HEAD_BYTES, end: endOf(place) }));
  const indexes = groups.slice(-2).map((group) => ({
    start: group.offset,
    end: group.offset + indexBytes(group.frames),
  }));
  const before = indexes.length === 2 ? indexes[0] : undefined;
  // What is in a RIFF before this one was settled before this one had a frame.
  const chunks = [before ?? [], frames(lastPlaces), indexes.at(-1) ?? [], frames(livePlaces)]
    .flat()
    .filter(({ start }) => start >= segment.start);
  // Then the first of these is the RIFF's first chunk.
  if (before === undefined || before.start < segment.start) chunks.unshift({ start: segment.start, end: chunksFrom });
  const writes: PlannedWrite[] = [];
  for (let index = chunks.length - 1; index > 0 && writes.length < LAST_GAPS; index -= 1) {
    const gap = { start: chunks[index - 1]?.end ?? 0, end: chunks[index]?.start ?? 0 };
    if (gap.end > gap.start) writes.push({ position: gap.start, parts: [cover(gap.start, gap.end)] });
  }
  return writes;
}
