import { createHash, type Hash } from 'node:crypto';
import { basename } from 'node:path';
import type { InfoChecksums, InfoFacts, InfoFile, InfoRowFile } from '../../recording/info/info-file.js';
import { openToInspect } from '../open-file.js';
import type { RecordingFiles } from '../recording-files.js';
import { csvRecord } from '../rows/csv-record.js';
import { combinedCrc32 } from '../video/crc32.js';
import type { PartialSum } from '../video/frame-pass.js';
import type { SumsOfFrames, VideoInspection } from '../video/video-inspection.js';
import type { Findings } from './findings.js';
import type { RowChecks } from './row-checks.js';
import { messageOf } from '../../core/errors.js';

/** What was read of the timing file besides its rows. */
export interface TimingFacts {
  readonly bytes: number;
  readonly sha256: string;
  readonly rows: number;
  readonly checks: RowChecks;
}

/** V23: whether the info file tells of these very files. Frames' checksums are `ChecksumCheck`'s. */
export async function checkInfo(
  { csi_cameras: facts, ...sidecar }: InfoFile,
  files: RecordingFiles,
  video: VideoInspection | null,
  timing: TimingFacts | null,
  findings: Findings,
): Promise<void> {
  findings.check('V23');
  const expect = (what: string, told: unknown, found: unknown): void => {
    if (told !== found) findings.fail('V23', `the info file has ${what} ${String(told)}, and it is ${String(found)}`);
  };
  const { video: inVideo, timing: inTiming, metadata: inMetadata } = facts.files;
  expect('the video', inVideo.name, `${files.stem}.avi`);
  expect('the timing file', inTiming.name, `${files.stem}_timing.csv`);
  if (files.trial !== null) expect('trial', facts.trial, files.trial);
  if (files.take !== null) expect('take', facts.take, files.take);
  expect('for the video frames', inVideo.frames, sidecar.VideoFrameCount);
  if (files.videoPath === null) findings.fail('V23', 'the info file has a video, and there is none');
  if (files.timingPath === null) findings.fail('V23', 'the info file has a timing file, and there is none');
  if (video !== null) expectVideo(expect, facts, sidecar, video, findings);
  if (timing !== null) expectTiming(expect, facts, timing);
  if (inMetadata !== null) await checkMetadata(inMetadata, files, expect, findings);
}

type Expect = (what: string, told: unknown, found: unknown) => void;

function expectVideo(
  expect: Expect,
  { files: { video: told } }: InfoFacts,
  sidecar: Pick<InfoFile, 'ImageWidth' | 'ImageHeight' | 'VideoFrameRate'>,
  { fileBytes, frames, width, height, rate }: VideoInspection,
  findings: Findings,
): void {
  expect('bytes of the video', told.bytes, fileBytes);
  if (findings.hasFailed('V1', 'V3', 'V9', 'V11')) return; // what the header says is doubtful itself
  expect('frames', told.frames, frames);
  expect('the width', sidecar.ImageWidth, width);
  expect('the height', sidecar.ImageHeight, height);
  if (rate === null || findings.hasFailed('V19')) return;
  const fps = rate.rate / rate.scale;
  if (Math.abs(sidecar.VideoFrameRate - fps) > fps * 1e-3) expect('the rate', sidecar.VideoFrameRate, fps);
}

function expectTiming(expect: Expect, facts: InfoFacts, { bytes, sha256, rows, checks }: TimingFacts): void {
  const { timing: told } = facts.files;
  expect('bytes of the timing file', told.bytes, bytes);
  expect('rows', told.rows, rows);
  expect('as digest of the rows', told.sha256, sha256);
  if (told.sha256 !== sha256) return; // more is not to be known
  if (rows > 0) {
    expect('the device', facts.device_id, checks.deviceId);
    expect('the first sensor time', facts.first.sensor_timestamp_ns, String(checks.times.sensorNs(1)));
    expect('the last sensor time', facts.last.sensor_timestamp_ns, String(checks.times.sensorNs(rows)));
  }
}

async function checkMetadata(
  told: InfoRowFile,
  { stem, metadataPath }: RecordingFiles,
  expect: Expect,
  findings: Findings,
): Promise<void> {
  expect('the metadata file', told.name, `${stem}_metadata.csv`);
  if (metadataPath === null) {
    findings.fail('V23', 'the info file has a metadata file, and there is none');
    return;
  }
  try {
    const { bytes, rows, sha256 } = await readRowFile(metadataPath);
    expect('bytes of the metadata file', told.bytes, bytes);
    expect('rows of metadata', told.rows, rows);
    expect('as digest of the metadata', told.sha256, sha256);
  } catch (failure) {
    findings.fail('V23', `${basename(metadataPath)} cannot be read: ${messageOf(failure)}`);
  }
}

const READ_BYTES = 1024 * 1024;

/** Bytes, rows (without the header line) and digest of a file of rows, in bounded memory. */
async function readRowFile(path: string): Promise<{ bytes: number; rows: number; sha256: string }> {
  const file = await openToInspect(path);
  const hash: Hash = createHash('sha256');
  try {
    const block = Buffer.allocUnsafe(READ_BYTES);
    let [bytes, lines, kept] = [0, 0, 0];
    for (;;) {
      const { bytesRead } = await file.read(block, kept, block.length - kept);
      if (bytesRead === 0) return { bytes, rows: Math.max(0, lines - 1), sha256: hash.digest('hex') };
      hash.update(block.subarray(kept, kept + bytesRead));
      bytes += bytesRead;
      const end = kept + bytesRead;
      let at = 0;
      while (at < end) {
        const record = csvRecord(block, at, end);
        if (record === 'partial') break;
        // A line that is no record is a line all the same; its digest tells that it is not the recorder's.
        const lineEnd = record === 'wrong' ? block.indexOf(0x0a, at) + 1 : record.end;
        if (lineEnd === 0 || lineEnd > end) break;
        at = lineEnd;
        lines += 1;
      }
      if (at === 0 && end === block.length) at = end; // no line of ours is that long
      block.copyWithin(0, at, end);
      kept = end - at;
    }
  } finally {
    await file.close();
  }
}

/** V23's checksums. */
export class ChecksumCheck implements SumsOfFrames {
  readonly framesPerSum: number;
  /** The block that is being summed up. */
  #block = 0;
  #crc = 0;
  #blocksSeen = 0;
  #isBroken = false;

  constructor(
    private readonly checksums: InfoChecksums,
    private readonly findings: Findings,
  ) {
    this.framesPerSum = checksums.frames_per_block;
  }

  add({ block, bytes, crc }: PartialSum): void {
    if (block !== this.#block) this.#close(block);
    this.#crc = combinedCrc32(this.#crc, crc, bytes);
  }

  /** Returns whether all bytes of all frames were proven. */
  end(frames: number | null): boolean {
    if (frames === null) return false;
    if (frames > 0) this.#close(this.#block + 1);
    const expected = Math.ceil(frames / this.framesPerSum);
    if (this.#blocksSeen !== expected) this.#isBroken = true; // by frames that another check blamed
    if (this.checksums.blocks.length !== expected)
      this.#fail(`there are ${this.checksums.blocks.length} checksums for ${frames} frames`, null);
    return !this.#isBroken;
  }

  #close(next: number): void {
    const sum = this.#crc.toString(16).padStart(8, '0');
    const first = this.#block * this.framesPerSum + 1;
    const told = this.checksums.blocks[this.#block];
    if (told !== undefined && told !== sum) {
      const last = first + this.framesPerSum - 1;
      this.#fail(`the bytes of the frames ${first} to ${last} are not those that were recorded (crc32)`, first);
    }
    this.#blocksSeen += 1;
    this.#crc = 0;
    this.#block = next;
  }

  #fail(message: string, frame: number | null): void {
    this.#isBroken = true;
    this.findings.fail('V23', message, frame);
  }
}
