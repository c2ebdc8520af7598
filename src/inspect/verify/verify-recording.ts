import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { messageOf } from '../../core/errors.js';
import type { InfoAccount, InfoFile } from '../../recording/info/info-file.js';
import { readInfo } from '../info/info-reader.js';
import { NotReadable } from '../not-readable.js';
import { openToInspect } from '../open-file.js';
import type { RecordingFiles } from '../recording-files.js';
import { scanTimingFile } from '../rows/timing-rows.js';
import { TimingScan } from '../rows/timing-scan.js';
import { checkVideo } from '../video/check-video.js';
import type { FrameThreads } from '../video/frame-threads.js';
import type { VideoInspection } from '../video/video-inspection.js';
import type { Depth, Verdict, VerifiedRecording } from '../verdict.js';
import { checkAccount } from './account-checks.js';
import { Findings } from './findings.js';
import { checkInfo, ChecksumCheck, type TimingFacts } from './info-checks.js';
import { judgeRows, type ListedGaps, type RowsToJudge } from './judge-rows.js';
import { RowChecks, type RowSpan } from './row-checks.js';
import type { RowTimes } from './row-times.js';
import { peekVideo, type VideoPeek } from './video-peek.js';

export interface VerifyOptions {
  readonly depth: Depth;
  /** Small steps with pauses: a recording runs beside it. */
  readonly isGentle?: boolean;
  readonly signal?: AbortSignal;
  /** Bytes of the video that were read, and those that are to be read; some times a second. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** What was found in a recording, with what is needed to hold it against others and against the logs. */
export interface Inspected {
  readonly verified: VerifiedRecording;
  readonly info: InfoFile | null;
  readonly span: RowSpan | null;
  /** Of the first and the last row; 0 where there is none. */
  readonly firstSensorNs: bigint;
  readonly lastSensorNs: bigint;
}

/** Listed one by one; `gapsTotal` counts all. */
const MAX_GAPS = 1000;

const RECORDING = 'It is being recorded. Verify it when it has ended.';
const NO_INFO = 'there is no info file, so losses cannot be explained';

/**
 * Checks a recording: V1 to V23 and V25, as deep as `depth` says. Never rejects for what is in the files, whatever that is:
 * damage is in `findings`, and a recording that could not be looked at has a `problem`. Rejects with the reason of `signal`
 * alone. It writes nothing.
 *
 * To call it: `findRecordings([path])`, then this for each of its `recordings`. `verifyAll` does so, and adds what takes more
 * than one recording (V24) or the logs (V26).
 */
export async function verifyRecording(files: RecordingFiles, options: VerifyOptions): Promise<VerifiedRecording> {
  return (await inspectRecording(files, options)).verified;
}

/** The same, for whoever goes on with it. */
export async function inspectRecording(files: RecordingFiles, options: VerifyOptions): Promise<Inspected> {
  const inspection = new RecordingInspection(files, options);
  try {
    return await inspection.run();
  } catch (thrown) {
    options.signal?.throwIfAborted();
    return inspection.result(`It could not be checked: ${messageOf(thrown)}`);
  }
}

class RecordingInspection {
  readonly #findings = new Findings();
  #peek: VideoPeek | null = null;
  #video: VideoInspection | null = null;
  #timing: TimingFacts | null = null;
  #info: InfoFile | null = null;
  #missing: ListedGaps = { gaps: [], gapsTotal: 0 };
  #areBytesProven = false;
  /** Embedded numbers and times that are not the rows'. They count where the indexes can be trusted. */
  readonly #strangers = new Findings();
  #lastEmbedded = 0;
  #helpers: FrameThreads | null = null;

  constructor(
    private readonly files: RecordingFiles,
    private readonly options: VerifyOptions,
  ) {}

  async run(): Promise<Inspected> {
    const { videoPath } = this.files;
    const handle = videoPath === null ? null : await openOrTell(videoPath);
    if (typeof handle === 'string') return this.result(handle);
    try {
      this.#peek = handle === null ? null : await peekVideo(handle);
      if (this.#peek?.state === 'recording') return this.result(RECORDING);
      if (handle !== null) await this.#startHelpers(handle.fd);
      const trouble = (await this.#readInfo()) ?? (await this.#readRows());
      if (trouble !== null) return this.result(trouble);
      this.#checkCompany();
      const problem = handle === null ? null : await this.#readVideo(handle);
      if (problem !== null) return this.result(problem);
    } finally {
      await this.#helpers?.close();
      await handle?.close();
    }
    this.#tellEnd();
    if (this.#timing !== null) this.#missing = judgeRows(this.#rowsToJudge(this.#timing), this.#findings);
    if (this.#info !== null) await checkInfo(this.#info, this.files, this.#video, this.#timing, this.#findings);
    const account = this.#account;
    if (this.#info !== null && account !== null)
      checkAccount(this.#info.csi_cameras, account, this.#frames, this.#findings);
    return this.result(null);
  }

  /** They start while the rows are read. */
  async #startHelpers(fd: number): Promise<void> {
    const { depth, isGentle = false } = this.options;
    if (depth !== 'decode' || isGentle || this.#peek === null) return;
    const { helpersFor } = await import('../video/frame-threads.js');
    this.#helpers = helpersFor(fd, this.#peek.fileBytes, depth);
  }

  /** Frames of the video, where its indexes can be trusted to tell. */
  get #frames(): number | null {
    return this.#video === null || this.#findings.hasFailed('V1', 'V3') ? null : this.#video.frames;
  }

  get #account(): InfoAccount | null {
    return this.#info?.csi_cameras.account ?? null;
  }

  async #readInfo(): Promise<string | null> {
    const { infoPath } = this.files;
    if (infoPath === null) {
      if (this.#peek?.state !== 'left_open') this.#findings.note('V23', NO_INFO);
      return null;
    }
    const { info, problem, isUnreadable } = await readInfo(infoPath);
    if (isUnreadable) return `The info file ${problem}`;
    this.#info = info;
    if (problem !== null) this.#findings.fail('V23', `the info file ${problem}`);
    return null;
  }

  async #readRows(): Promise<string | null> {
    const { timingPath, trial } = this.files;
    if (timingPath === null) return null;
    const most = this.#peek?.state === 'left_open' ? this.#peek.frames : Infinity;
    const checks = new RowChecks(this.#findings, most, trial);
    const scan = new TimingScan(checks);
    const hash = createHash('sha256');
    let bytes = 0;
    try {
      await scanTimingFile(timingPath, scan, undefined, (block) => {
        this.options.signal?.throwIfAborted();
        if (this.#info !== null) hash.update(block);
        bytes += block.length;
      });
    } catch (thrown) {
      if (thrown instanceof NotReadable) return `The timing file cannot be read: ${thrown.message}`;
      throw thrown;
    }
    this.#timing = { bytes, rows: scan.count, sha256: hash.digest('hex'), checks };
    const spare = scan.count - most;
    if (spare > 0) this.#findings.note('V13', `${spare} rows are without a frame: their frames were not committed yet`);
    return null;
  }

  /** V25. */
  #checkCompany(): void {
    const { videoPath, timingPath } = this.files;
    this.#findings.check('V25');
    if (videoPath === null && timingPath === null)
      this.#findings.fail('V25', 'the info file is alone: video and rows are gone');
    else if (videoPath === null) this.#findings.fail('V25', 'there are rows, and no video');
    else if (timingPath === null && this.#peek?.isOurs === true)
      this.#findings.fail('V25', 'there is a video, and no rows');
  }

  async #readVideo(handle: FileHandle): Promise<string | null> {
    const { depth, isGentle, signal, onProgress } = this.options;
    const checksums = this.#info?.csi_cameras.checksums ?? null;
    const sums = checksums === null || depth === 'quick' ? null : new ChecksumCheck(checksums, this.#strangers);
    const times = this.#timing?.checks.times ?? null;
    try {
      this.#video = await checkVideo(handle, {
        depth,
        helpers: this.#helpers,
        ...(isGentle === undefined ? {} : { isGentle }),
        ...(signal === undefined ? {} : { signal }),
        ...(onProgress === undefined ? {} : { onProgress }),
        ...(sums === null ? {} : { sums }),
        ...(times === null
          ? {}
          : {
              onEmbedded: (frame, number, ns) => {
                this.#holdAgainstRow(times, frame, number, ns);
              },
            }),
      });
    } catch (thrown) {
      if (!(thrown instanceof NotReadable)) throw thrown;
      return this.#unreadable(thrown);
    }
    if (this.#video.state === 'recording') return RECORDING;
    this.#findings.check(...this.#video.checked);
    this.#findings.take(this.#video.findings);
    // Where a place is wrong, the bytes there are no frame's.
    if (this.#findings.hasFailed('V1', 'V3', 'V4', 'V5')) return null;
    if (sums !== null) this.#areBytesProven = sums.end(this.#video.frames);
    this.#findings.check(...this.#strangers.checked);
    this.#findings.take(this.#strangers.all());
    return null;
  }

  /** A video that is none of ours is damage where rows or an info file of ours say that there was one. */
  #unreadable({ reason, message }: NotReadable): string | null {
    const isDamage = reason === 'damaged' || (reason === 'not_ours' && (this.#info !== null || this.#hasOwnRows));
    if (!isDamage) return reason === 'not_ours' ? `${message} It is not ours, so nothing can be said of it.` : message;
    this.#findings.fail('V1', message.replace(/\.$/, ''));
    return null;
  }

  get #hasOwnRows(): boolean {
    const checks = this.#timing?.checks;
    return checks !== undefined && checks.times.count > 0 && !this.#findings.hasFailed('V12', 'V15');
  }

  /** V20. */
  #holdAgainstRow(times: RowTimes, frame: number, number: number, sensorNs: bigint): void {
    this.#strangers.check('V20');
    if (number <= this.#lastEmbedded)
      this.#strangers.fail('V20', `it carries number ${number}, the frame before it ${this.#lastEmbedded}`, frame);
    this.#lastEmbedded = number;
    if (!times.isStamped(frame)) return; // the camera's metadata were missing, or the row is
    const row = times.sensorNs(frame);
    if (row !== sensorNs)
      this.#strangers.fail('V20', `it carries the sensor time ${sensorNs}, its row has ${row}`, frame);
  }

  /** V2: how it ended. */
  #tellEnd(): void {
    const findings = this.#findings;
    if (this.#video !== null) findings.check('V2');
    const isTold = this.#video?.findings.some(({ id }) => id === 'V2') ?? false;
    if (this.#peek?.state === 'left_open' && !isTold)
      findings.lose('V2', 'its process died, and it was not closed: the last moments are missing');
    const end = this.#info?.csi_cameras.end;
    if (end?.kind === 'recovered')
      findings.lose('V2', 'its process died; it was closed later: the last moments are missing');
    if (end?.kind === 'failed')
      findings.lose('V2', `it ended early: ${end.error ?? end.reason ?? 'the info file does not say why'}`);
  }

  #rowsToJudge({ rows, checks }: TimingFacts): RowsToJudge {
    const isLeftOpen = this.#peek?.state === 'left_open';
    return {
      checks,
      rows: isLeftOpen ? Math.min(checks.times.count, rows) : rows,
      frames: this.#frames,
      rate: this.#video?.rate ?? null,
      info: this.#info,
    };
  }

  result(problem: string | null): Inspected {
    const { files } = this;
    const checks = this.#timing?.checks ?? null;
    const facts = this.#info?.csi_cameras;
    const video = this.#video;
    const fps = video === null || video.rate === null ? null : video.rate.rate / video.rate.scale;
    const frames = video?.frames ?? null;
    const times = checks?.times;
    const verified: VerifiedRecording = {
      files,
      deviceId: checks?.deviceId ?? facts?.device_id ?? null,
      trial: files.trial ?? checks?.trial ?? null,
      take: files.take,
      state: video?.state ?? this.#peek?.state ?? 'unknown',
      verdict: verdictOf(this.#findings, problem),
      problem,
      depth: this.options.depth,
      areBytesProven: this.#areBytesProven,
      frames,
      rows: this.#timing?.rows ?? null,
      videoBytes: video?.fileBytes ?? this.#peek?.fileBytes ?? null,
      bytesRead: video?.bytesRead ?? 0,
      durationS: fps === null || frames === null || fps === 0 ? null : frames / fps,
      fps,
      width: video?.width ?? null,
      height: video?.height ?? null,
      account: this.#account,
      accountFrom: this.#account === null ? null : 'info',
      gaps: this.#missing.gaps.slice(0, MAX_GAPS),
      gapsTotal: this.#missing.gapsTotal,
      checked: this.#findings.checked,
      findings: this.#findings.all(),
    };
    const firstSensorNs = times?.sensorNs(1) ?? 0n;
    const lastSensorNs = times?.sensorNs(times.count) ?? 0n;
    return { verified, info: this.#info, span: checks?.span ?? null, firstSensorNs, lastSensorNs };
  }
}

/** A failed check outweighs that something else could not be looked at. */
export function verdictOf(findings: Findings, problem: string | null): Verdict {
  if (findings.has('failed')) return 'damaged';
  if (problem !== null) return 'unchecked';
  return findings.has('lost') ? 'lost' : 'proven';
}

async function openOrTell(path: string): Promise<FileHandle | string> {
  try {
    return await openToInspect(path);
  } catch (thrown) {
    return `The video cannot be read: ${messageOf(thrown)}`;
  }
}
