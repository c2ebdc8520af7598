import type { FileHandle } from 'node:fs/promises';
import { BLOCK_BYTES } from '../../recording/avi/avi-layout.js';
import { NotReadable } from '../not-readable.js';
import type { CheckId } from '../verdict.js';
import { checkEntries } from './check-entries.js';
import { checkCounts, checkHeader, isSizeOneOf } from './check-header.js';
import { checkFrameHeads } from './frame-heads.js';
import { type FramePlaces, readPlaces } from './frame-places.js';
import { copyInstead, isSound } from './header-copies.js';
import { type VideoHeader, isOurs, parseHeader } from './header.js';
import { readBytes } from './positional-read.js';
import { ReadSteps } from './read-steps.js';
import { type Segments, readSegments } from './segments.js';
import { VideoFindings } from './video-findings.js';
import type { VideoCheckOptions, VideoInspection } from './video-inspection.js';
import { checkOldIndex, walk } from './walk.js';
import { type WriterState, writerState } from './writer-state.js';

/**
 * Checks a video by itself: V1 to V11 of `docs/proof.md`. Reads and never writes. Rejects with `NotReadable` where the file is
 * none of ours, or was written meanwhile. The handle stays the caller's. Memory: 12 bytes a frame, and some megabytes.
 */
export async function checkVideo(handle: FileHandle, options: VideoCheckOptions): Promise<VideoInspection> {
  const before = await handle.stat();
  const block = readBytes(handle.fd, 0, BLOCK_BYTES);
  if (block.length < BLOCK_BYTES) return tooShort(before.size);
  if (!isOurs(block)) throw new NotReadable('not_ours', 'The file is not a video that csi-cameras wrote.');
  const found = parseHeader(block);
  // A closed file has no copies, so a broken header of one stays what it is.
  const copy = isSound(handle.fd, found, before.size) ? undefined : copyInstead(handle.fd, found);
  const state = await writerState(handle, (copy ?? found).owner);
  const file = { fd: handle.fd, header: copy ?? found, bytes: before.size, state, isHeaderTorn: copy !== undefined };
  const check = new VideoCheck(file, options);
  if (state === 'recording') return check.beingRecorded();
  const inspection = await check.run();
  const after = await handle.stat();
  const isSame = after.size === before.size && readBytes(handle.fd, 0, BLOCK_BYTES).equals(block);
  if (!isSame) throw new NotReadable('changed', 'The file was written while it was read: verify it again.');
  return inspection;
}

interface CheckedFile {
  readonly fd: number;
  readonly header: VideoHeader;
  readonly bytes: number;
  readonly state: WriterState;
  /** A power cut left the header half written, and a copy stands in for it. */
  readonly isHeaderTorn: boolean;
}

class VideoCheck {
  readonly #findings = new VideoFindings();
  readonly #checked: CheckId[] = ['V2'];
  readonly #steps: ReadSteps;
  readonly #isClosed: boolean;
  #bytesRead = BLOCK_BYTES;
  #pixelFormat: string | null = null;

  constructor(
    private readonly file: CheckedFile,
    private readonly options: VideoCheckOptions,
  ) {
    this.#steps = new ReadSteps(options);
    this.#isClosed = file.state === 'closed';
  }

  /** Of a video that is being recorded nothing is said but that. */
  beingRecorded(): VideoInspection {
    const { fd, header, bytes } = this.file;
    const places = readPlaces(fd, header, bytes, () => {}); // its commits go on while it is read
    this.#findings.note('V2', 'it is being recorded: verify it when the recording has ended');
    return this.#inspection(places, places.count, header.frames);
  }

  async run(): Promise<VideoInspection> {
    const { fd, header, bytes: fileBytes } = this.file;
    const findings = this.#findings;
    checkHeader(header, findings);
    const told = checkCounts(header, findings);
    const troubles: { readonly isAbsent: boolean; readonly message: string }[] = [];
    const places = readPlaces(fd, header, fileBytes, ({ slot, kind, message }) => {
      troubles.push({ isAbsent: kind === 'absent', message: `slot ${slot} of the super index: ${message}` });
    });
    this.#bytesRead += 8 * places.count;
    findings.expectFrames(places.count);
    const lastFrameAt = places.dataAt.at(-1) ?? 0;
    const file = { bytes: fileBytes, isClosed: this.#isClosed, lastFrameAt };
    const segments = readSegments(fd, header, file, findings);
    for (const { isAbsent, message } of troubles) {
      if (!isAbsent || !segments.isCut) findings.fail('V3', message);
    }
    this.#made('V1', 'V3', 'V4', 'V5', 'V11');
    const firstAt = header.moviAt + 12;
    const { list, isCut } = segments;
    const entriesIn = { fileBytes, segments: list, firstAt, isClosed: this.#isClosed && segments.areSound, isCut };
    const count = checkEntries(places, entriesIn, findings);
    await this.#readFrames(places, count);
    if (this.#isClosed && segments.areSound) this.#made('V8'); // told with the RIFFs
    if (troubles.length === 0) this.#walk(places, segments); // else frames would seem to be in no index
    this.#checkFirstSegment(places, segments);
    this.#checkLargest(places, count, troubles.length === 0 && !isCut);
    const frames = told ?? places.count;
    if (!this.#isClosed) findings.lost('V2', leftOpenMessage(frames, this.file.isHeaderTorn));
    return this.#inspection(places, count, frames);
  }

  async #readFrames(places: FramePlaces, count: number): Promise<void> {
    const { fd, header } = this.file;
    const findings = this.#findings;
    if (this.options.depth === 'quick') {
      await checkFrameHeads(fd, places, count, this.#steps, findings);
      return;
    }
    this.#made('V9');
    if (this.options.depth === 'decode') this.#made('V10');
    const size = isSizeOneOf(header) ? header : null;
    // Loaded here, since a quick check does without.
    const { checkFrames } = await import('./check-frames.js');
    this.#pixelFormat = await checkFrames(fd, { places, count, size }, this.options, this.#steps, findings);
  }

  #walk(places: FramePlaces, { list, areSound }: Segments): void {
    if (!areSound) return;
    this.#made('V6');
    const { fd, bytes } = this.file;
    walk(fd, places, { segments: list, bytes, isClosed: this.#isClosed }, this.#findings);
  }

  #checkFirstSegment(places: FramePlaces, { list, areSound, isCut }: Segments): void {
    const [first] = list;
    if (!areSound || isCut || first === undefined) return;
    const { header, fd } = this.file;
    let inFirst = 0;
    while (inFirst < places.count && (places.dataAt[inFirst] ?? 0) < first.end) inFirst += 1;
    if (
      this.#findings.failuresOf('V3') + this.#findings.failuresOf('V4') === 0 &&
      header.firstSegmentFrames !== inFirst
    ) {
      const told = `avih has ${header.firstSegmentFrames} frames in the first RIFF, the super index ${inFirst}`;
      this.#findings.fail('V3', told);
    }
    if (!this.#isClosed || this.#findings.failuresOf('V3') > 0) return;
    this.#made('V7');
    checkOldIndex(fd, places, { first, isOnly: list.length === 1 }, this.#findings);
  }

  #checkLargest(places: FramePlaces, count: number, areAllKnown: boolean): void {
    if (!areAllKnown || this.#findings.failuresOf('V4') + this.#findings.failuresOf('V11') > 0) return;
    let largest = 0;
    for (let index = 0; index < count; index += 1) {
      const bytes = places.dataBytes[index] ?? 0;
      if (bytes <= largest) continue;
      if (this.#findings.isBlamed(index)) return; // its length may be wrong
      largest = bytes;
    }
    if (largest === this.file.header.largestFrame) return;
    this.#findings.fail(
      'V11',
      `the largest frame has ${largest} bytes, by the header ${this.file.header.largestFrame}`,
    );
  }

  #made(...ids: readonly CheckId[]): void {
    this.#checked.push(...ids);
  }

  #inspection(places: FramePlaces, count: number, frames: number): VideoInspection {
    const { width, height, rate, largestFrame } = this.file.header;
    const { state, bytes: fileBytes } = this.file;
    const { dataAt, dataBytes } = places;
    const hasRate = rate.rate > 0 && rate.scale > 0;
    const areIndexesWhole = count === places.count && count === frames && hasRate && !this.#haveIndexesFailed();
    const index = { width, height, rate, fileBytes, state, count, dataAt, dataBytes };
    return {
      state,
      fileBytes,
      bytesRead: this.#bytesRead + this.#steps.done,
      frames,
      width,
      height,
      rate: hasRate ? rate : null,
      pixelFormat: this.#pixelFormat,
      largestFrame,
      checked: this.#checked.toSorted((a, b) => Number(a.slice(1)) - Number(b.slice(1))),
      findings: this.#findings.conclude(),
      index: areIndexesWhole ? index : null,
    };
  }

  #haveIndexesFailed(): boolean {
    return (['V3', 'V4', 'V5'] as const).some((id) => this.#findings.failuresOf(id) > 0);
  }
}

function leftOpenMessage(frames: number, isHeaderTorn: boolean): string {
  const told = `its writer ended before it could close it: ${frames} frames are whole, and what came behind them is lost`;
  if (!isHeaderTorn) return told;
  return `${told}; its header is torn and was read from a copy: record once more in its folder, which restores it`;
}

/** A file without room for a header: its writer writes that in one piece. */
function tooShort(fileBytes: number): VideoInspection {
  const message = `the file has ${fileBytes} bytes, and its header alone ${BLOCK_BYTES}`;
  const nothing = { frames: 0, width: 0, height: 0, rate: null, pixelFormat: null, largestFrame: 0, index: null };
  const findings = [{ id: 'V1', kind: 'failed', frame: null, message }] as const;
  return { state: 'closed', fileBytes, bytesRead: fileBytes, checked: ['V1'], findings, ...nothing };
}
