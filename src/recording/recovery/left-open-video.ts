import type { FileHandle } from 'node:fs/promises';
import type { LeftOpenFile } from '../avi/avi-file.js';
import type { FoundHeader } from '../avi/avi-header-reader.js';
import { oldIndexBytes } from '../avi/avi-index.js';
import {
  BLOCK_BYTES,
  CHUNK_HEAD_BYTES,
  INDEX_ENTRY_BYTES,
  type IndexSlot,
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
 * What a video that was left open needs to be closed, by its header, its indexes and the heads of its chunks. Writes nothing.
 * A video that does not agree with itself is a `NotAsWritten` and stays as it is.
 */

/** Everything up to its end is in place already: only what lies behind must go. */
interface EndedVideo {
  readonly kind: 'ended';
  readonly fileBytes: number;
  readonly repairs: readonly PlannedWrite[];
}

interface OpenVideo {
  readonly kind: 'open';
  readonly file: LeftOpenFile;
}

/** Covers behind the last so many commits may not have been lifted when the power went: two can, the rest is caution. */
const LAST_GAPS = 8;

/** `fileBytes`: its size. Rejects with `NotAsWritten`, or with what the disk says. The header names at least one frame. */
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
  const repairs = liftedCovers(lastPlaces, livePlaces, lastGroup, segment);

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

/** All frames of the first RIFF, for its old index. */
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

/** The RIFF that holds the end of what is committed; its end: the next RIFF's start, or the end of the file. */
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

/** Where a file that needs no other end ends; `undefined` where it needs one. Its last index is in place. */
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

/** Covers between the newest frames, each cut to the gap that it stands in. */
function liftedCovers(
  lastPlaces: readonly Place[],
  livePlaces: readonly Place[],
  lastGroup: IndexSlot | undefined,
  segment: Segment,
): PlannedWrite[] {
  const chunks = [...lastPlaces, ...livePlaces].map((place) => ({
    start: place.dataAt - CHUNK_HEAD_BYTES,
    end: endOf(place),
  }));
  if (lastGroup !== undefined) {
    const index = { start: lastGroup.offset, end: lastGroup.offset + indexBytes(lastGroup.frames) };
    chunks.splice(lastPlaces.length, 0, index);
  }
  const writes: PlannedWrite[] = [];
  for (let index = chunks.length - 1; index > 0 && writes.length < LAST_GAPS; index -= 1) {
    const gap = { start: chunks[index - 1]?.end ?? 0, end: chunks[index]?.start ?? 0 };
    // Between two RIFFs there is more than a cover.
    if (gap.end === gap.start || gap.start < segment.start) continue;
    writes.push({ position: gap.start, parts: [cover(gap.start, gap.end)] });
  }
  return writes;
}
