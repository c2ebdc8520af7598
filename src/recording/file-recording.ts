import type { Clock } from '../core/clock.js';
import type { OpenFile } from '../core/disk-space.js';
import { CsiCamerasError, errorWithAdvice, fileError, isFileSizeLimit } from '../core/errors.js';
import type { FileSystem } from '../core/file-system.js';
import type { Frame } from '../core/frame.js';
import { AviFile, type SyncPolicy } from './avi/avi-file.js';
import type { AviGeometry } from './avi/avi-layout.js';
import type { RecordingOwners } from './avi/recording-owner.js';
import {
  resultOf,
  type ClosedRecording,
  type FoundPaths,
  type OnNextPart,
  type Recording,
  type RecordingPart,
  type RecordingPaths,
  type RecordingRequest,
  type Unreachable,
  type Whereabouts,
} from './recording-session.js';
import type { CameraFolder } from './takes/camera-folder.js';
import { createTakeFiles, removeTakeFiles } from './takes/take-files.js';
import { locateTake, removedError, stillThere, type OpenTake, type TakeLocation } from './takes/whereabouts.js';
import { TimingCsv } from './timing-csv.js';

/** Maximum number of waiting rows. It bounds the memory if the owner forgets its checkpoints. */
const MAX_WAITING_ROWS = 4096;

/**
 * How long the end of a recording tries to save the newest frames on a full disk. A whole shutdown has two seconds.
 */
const SAVING_LIMIT_NS = 700_000_000n;

export interface FileRecordingDependencies {
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly sync: SyncPolicy;
  readonly geometry: AviGeometry;
  readonly owners: RecordingOwners;
  /** The first frames are committed. `isOver` returns whether the recording is over. */
  readonly onFirstCommit: (videoPath: string, isOver: () => boolean) => void;
  /** `true`: the video's file exists. `false`: nothing more will be written to it. */
  readonly onFiles: (videoPath: string, isOpen: boolean) => void;
  readonly onNextPart: OnNextPart;
}

/** Both files of a take, after they were made. */
interface Take extends OpenTake {
  readonly folder: CameraFolder;
  readonly video: AviFile;
  readonly timing: TimingCsv;
}

/** A finished take. `device`: the disk that holds it, where that is known. */
interface EndedTake {
  readonly part: RecordingPart;
  readonly madeAs: RecordingPaths;
  readonly device: bigint | null;
}

/**
 * Writes a recording as video and timing file and keeps the two in step: a commit writes the frames, then their
 * rows, then the header that names both. If the video can hold no more (its index is full, or the file cannot grow), the
 * next take goes on with the next frame.
 */
export class FileRecording implements Recording {
  #take: Take | undefined;
  /** Finished takes before the present one. */
  readonly #ended: EndedTake[] = [];
  #endedTotal = resultOf([]);
  #isPartEnding = false;
  #failure: CsiCamerasError | undefined;
  #closed: Promise<ClosedRecording> | undefined;

  constructor(
    private readonly request: RecordingRequest,
    private readonly dependencies: FileRecordingDependencies,
  ) {}

  get paths(): RecordingPaths | null {
    const first = this.#ended[0]?.madeAs ?? this.#take?.paths;
    return this.frames > 0 && first !== undefined ? first : null;
  }

  get frames(): number {
    return this.#endedTotal.frames + (this.#take?.video.frames ?? 0);
  }

  get bytes(): number {
    const video = this.#take?.video;
    return this.#endedTotal.bytes + (video !== undefined && video.frames > 0 ? video.bytes : 0);
  }

  get openVideo(): OpenFile | null {
    const isOpen = !this.#isPartEnding && this.#closed === undefined;
    return isOpen ? (this.#take?.handles.video ?? null) : null;
  }

  async append(frames: readonly Frame[]): Promise<void> {
    this.#refuseAfterTheEnd();
    if (frames.length === 0) return;
    await this.#orFail(() => this.#appendAll(frames));
  }

  async checkpoint(): Promise<void> {
    this.#refuseAfterTheEnd();
    const take = this.#take;
    if (take === undefined) return;
    await this.#orFail(() => this.#commit(take));
  }

  async locate(): Promise<Whereabouts> {
    const take = this.#take;
    if (take === undefined || this.#isPartEnding || this.#closed !== undefined) return { kind: 'inPlace' };
    const { whereabouts } = await locateTake(this.dependencies.fileSystem, take);
    // If the part ended meanwhile, its descriptors are closed and the answer is worthless.
    return this.#take === take ? whereabouts : { kind: 'inPlace' };
  }

  close(): Promise<ClosedRecording> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  #refuseAfterTheEnd(): void {
    if (this.#closed !== undefined) throw new Error('The recording is closed.');
    if (this.#failure !== undefined) throw new Error('The recording has failed; only close may follow.');
  }

  async #orFail(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (failure) {
      this.#failure = this.#inContext(failure);
      throw this.#failure;
    }
  }

  async #createTake(): Promise<Take> {
    const { request, dependencies } = this;
    const { paths, folder, ...handles } = await createTakeFiles(dependencies.fileSystem, request);
    dependencies.onFiles(paths.videoPath, true);
    let video: AviFile | undefined;
    try {
      video = await AviFile.create(handles.video, {
        path: paths.videoPath,
        format: request,
        expectedFps: request.fps,
        sync: dependencies.sync,
        geometry: dependencies.geometry,
        owner: await dependencies.owners.self(),
      });
      const timing = await TimingCsv.create(handles.timing, { path: paths.timingPath, subject: request });
      const before = this.#ended.at(-1);
      if (before !== undefined) dependencies.onNextPart(before.part, paths);
      return { paths, folder, video, timing, handles };
    } catch (failure) {
      // Best effort: only the failure that led here is reported.
      const closing = video === undefined ? handles.timing.close() : video.abandon();
      await closing.catch(() => undefined);
      await removeTakeFiles(dependencies.fileSystem, paths, folder).catch(() => undefined);
      dependencies.onFiles(paths.videoPath, false);
      throw failure;
    }
  }

  /** Appends the frames. Commits in between whenever a checkpoint is due. */
  async #appendAll(frames: readonly Frame[]): Promise<void> {
    let done = 0;
    let isRoomMade = false;
    while (done < frames.length) {
      if (this.#take === undefined) isRoomMade = false;
      const take = (this.#take ??= await this.#createTake());
      const { video, timing } = take;
      const before = video.frames;
      const canGrow = await this.#appendWhatFits(take, frames, done);
      done += video.frames - before;
      if (!canGrow) {
        await this.#endPart(take, 'fileSize');
        continue;
      }
      if (video.frames === before && isRoomMade) throw this.#tooLarge(frames[done]);
      isRoomMade = done < frames.length;
      if (video.committedFrames === 0) await this.#commitFirst(take);
      else if (isRoomMade || timing.waitingRows >= MAX_WAITING_ROWS) await this.#commit(take);
    }
  }

  /** Resolves with whether the file may grow: `false` if it is as large as the file system or the process allows. */
  async #appendWhatFits({ video, timing }: Take, frames: readonly Frame[], from: number): Promise<boolean> {
    const before = video.frames;
    try {
      await video.append(frames, from);
      return true;
    } catch (failure) {
      if (!canGoOnElsewhere(video, failure)) throw failure;
      // The last whole frame makes room for what ends the file behind the others, and begins the next part.
      if (video.frames > Math.max(1, before)) video.forgetAfter(video.frames - 1);
      return false;
    } finally {
      // Also after a failure, because frames that are whole on the disk need their rows.
      for (const frame of frames.slice(from, from + video.frames - before)) timing.note(frame.times);
    }
  }

  /**
   * Commits the first frames at once. Otherwise a death in the first interval would leave a video without a frame.
   */
  async #commitFirst(take: Take): Promise<void> {
    await this.#commit(take);
    if (this.dependencies.sync !== 'never') await take.folder.sync();
    this.dependencies.onFirstCommit(take.paths.videoPath, () => this.#closed !== undefined);
  }

  /** Commits all frames so far. A video that can hold no more is ended with them. */
  async #commit(take: Take): Promise<void> {
    if (take.video.isFull) {
      await this.#endPart(take);
      return;
    }
    try {
      await this.#commitIn(take);
    } catch (failure) {
      if (!canGoOnElsewhere(take.video, failure)) throw failure;
      await this.#endPart(take, 'fileSize');
    }
  }

  async #commitIn({ video, timing }: Take): Promise<void> {
    await video.checkpoint(async () => {
      if (timing.waitingRows === 0) return;
      await timing.flush();
      if (this.dependencies.sync === 'onCheckpoint') await timing.sync();
    });
    timing.settle();
  }

  /** Ends a video that can hold no more, with all frames written to it. The next frame begins another video. */
  async #endPart(take: Take, endedBy?: 'fileSize'): Promise<void> {
    const { video, timing } = take;
    this.#isPartEnding = true;
    const { whereabouts, paths, device } = await this.#locateAtEnd(take);
    if (whereabouts.kind === 'removed') throw removedError(whereabouts.path);
    video.beginEnd();
    await this.#commitIn(take); // needs no room beyond what the file has
    await video.finalize(); // if the old index did not fit, go on: the next file finds out whether the disk is full
    await timing.finalize(this.dependencies.sync !== 'never');
    this.dependencies.onFiles(take.paths.videoPath, false);
    const part = { ...partOf(take, paths), ...(endedBy === undefined ? {} : { endedBy }) };
    this.#ended.push({ part, madeAs: take.paths, device });
    this.#endedTotal = resultOf(this.#ended.map((ended) => ended.part));
    this.#take = undefined;
    this.#isPartEnding = false;
  }

  async #close(): Promise<ClosedRecording> {
    const ended = await this.#findEnded();
    const take = this.#take;
    if (take === undefined) return this.#closedAs(ended, [], []);
    const { video, timing } = take;
    const { whereabouts, isVideoGone, paths } = await this.#locateAtEnd(take);
    const failures: unknown[] = [];
    const attempt = async (work: () => Promise<unknown>) => {
      const failure = await work().catch((thrown: unknown) => thrown);
      if (failure !== undefined) failures.push(failure);
    };
    if (whereabouts.kind === 'removed') failures.push(removedError(whereabouts.path));
    video.beginEnd();
    await attempt(() => this.#save(take));
    const isKept = video.committedFrames > 0 && !isVideoGone;
    if (isKept) {
      await attempt(() => video.finalize());
      await attempt(() => timing.finalize(this.dependencies.sync !== 'never'));
    }
    await attempt(() => video.abandon());
    await attempt(() => timing.abandon());
    if (!isKept && !isVideoGone) await attempt(() => removeTakeFiles(this.dependencies.fileSystem, paths, take.folder));
    this.dependencies.onFiles(take.paths.videoPath, false);
    const parts = isKept ? [...ended, partOf(take, paths)] : ended;
    return this.#closedAs(parts, failures, isKept ? [whereabouts] : []);
  }

  #closedAs(
    parts: readonly RecordingPart[],
    [failure]: readonly unknown[],
    [last]: readonly Whereabouts[],
  ): ClosedRecording {
    const lost = parts.findIndex(({ paths }) => paths.videoPath === null || paths.timingPath === null);
    const path = this.#ended[lost]?.madeAs.videoPath;
    const earlier: Unreachable | undefined =
      path === undefined ? undefined : { kind: 'unreachable', path, why: 'unknown' };
    const unreachable = last?.kind === 'unreachable' ? last : earlier;
    return {
      ...resultOf(parts),
      ...(failure === undefined ? {} : { failure: this.#inContext(failure) }),
      ...(unreachable === undefined ? {} : { unreachable }),
    };
  }

  /** The finished parts, with the paths that still lead to them. */
  async #findEnded(): Promise<RecordingPart[]> {
    const { fileSystem } = this.dependencies;
    return Promise.all(
      this.#ended.map(async ({ part, device }) =>
        device === null ? part : { ...part, paths: await stillThere(fileSystem, part.paths, device) },
      ),
    );
  }

  /**
   * Commits the remaining frames. Where there is no room (a full disk, a file that cannot grow) it gives up the newest
   * frames (one, two, four, ...) until the others fit. The first one usually frees more space than all rows and entries
   * need. After other failures only committed frames can be trusted. Resolves with the first failure, if any.
   */
  async #save(take: Take): Promise<CsiCamerasError | undefined> {
    const { video, timing } = take;
    let firstFailure: CsiCamerasError | undefined;
    let last = this.#failure;
    let step = 1;
    const deadlineNs = this.dependencies.clock.monotonicNs() + SAVING_LIMIT_NS;
    for (;;) {
      try {
        // A file that cannot grow would not get its size back. There the cover hides what is torn.
        if (last !== undefined && !isFileSizeLimit(last)) await video.cutTorn();
        await this.#commitIn(take);
        return firstFailure;
      } catch (thrown) {
        last = fileError('checkpoint', take.paths.videoPath, thrown);
        firstFailure ??= last;
        const pending = video.frames - video.committedFrames;
        if (pending === 0) return firstFailure;
        const hasNoRoom = last.code === 'disk_full' || isFileSizeLimit(last);
        const isWorthTrying = hasNoRoom && this.dependencies.clock.monotonicNs() < deadlineNs;
        const kept = video.frames - (isWorthTrying ? Math.min(step, pending) : pending);
        step *= 2;
        video.forgetAfter(kept);
        timing.forgetAfter(kept);
      }
    }
  }

  /** Looks for the files while the descriptors are open. Afterwards this is impossible. */
  async #locateAtEnd(take: Take): Promise<Omit<TakeLocation, 'device'> & { readonly device: bigint | null }> {
    try {
      return await locateTake(this.dependencies.fileSystem, take);
    } catch {
      // The disk does not answer any more, so the last known names are used.
      return { whereabouts: { kind: 'inPlace' }, isVideoGone: false, paths: take.paths, device: null };
    }
  }

  #tooLarge(frame: Frame | undefined): CsiCamerasError {
    return errorWithAdvice('io_error', `A frame of ${frame?.byteLength ?? 0} bytes does not fit a video.`);
  }

  /** Adds the device and the trial to the error's context. */
  #inContext(thrown: unknown): CsiCamerasError {
    const { deviceId, trialNumber } = this.request;
    const error = fileError('record', this.#take?.paths.videoPath ?? this.request.sessionDir, thrown);
    const context = { ...error.context, device: deviceId, trial: trialNumber };
    return new CsiCamerasError(error.code, error.message, context, { cause: error.cause ?? error });
  }
}

/** Whether another file can take what this one cannot. A video without a frame shows that another would not do better. */
function canGoOnElsewhere(video: AviFile, failure: unknown): boolean {
  return isFileSizeLimit(failure) && video.frames > 0;
}

function partOf({ video }: Take, paths: FoundPaths): RecordingPart {
  const { committedFrames: frames, bytes } = video;
  const { scale, rate } = video.rate;
  return { paths, frames, durationS: (frames * scale) / rate, bytes };
}
