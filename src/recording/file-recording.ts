import type { Clock } from '../core/clock.js';
import type { OpenFile } from '../core/disk-space.js';
import { CsiCamerasError, errorWithAdvice, fileError, isFileSizeLimit } from '../core/errors.js';
import type { Frame } from '../core/frame.js';
import type { AviFile } from './avi/avi-file.js';
import { closeTake, NOTHING_LEFT } from './close-take.js';
import { EndedTakes } from './ended-takes.js';
import { InfoFiles } from './info/info-files.js';
import type { TakeFacts } from './info/take-facts.js';
import {
  resultOf,
  type ClosedRecording,
  type Located,
  type OnNextPart,
  type Recording,
  type RecordingPaths,
  type RecordingRequest,
} from './recording-session.js';
import { commitTake, createTake, locateAtEnd, partOf, type Take, type TakeDependencies } from './take.js';
import { locateTake, removedError } from './takes/whereabouts.js';

/** Maximum number of waiting rows. It bounds the memory if the owner forgets its checkpoints. */
const MAX_WAITING_ROWS = 4096;

export interface FileRecordingDependencies extends TakeDependencies {
  readonly clock: Clock;
  /** The first frames are committed. `isOver` returns whether the recording is over. */
  readonly onFirstCommit: (videoPath: string, isOver: () => boolean) => void;
  readonly onNextPart: OnNextPart;
}

/**
 * Writes a recording as video and rows and keeps them in step: a commit writes the frames, then their
 * rows, then the header that names both. If the video can hold no more (its index is full, or the file cannot grow), the
 * next take goes on with the next frame.
 */
export class FileRecording implements Recording {
  #take: Take | undefined;
  /** Finished takes before the present one. */
  readonly #ended = new EndedTakes();
  readonly #infos: InfoFiles;
  #isPartEnding = false;
  #failure: CsiCamerasError | undefined;
  #closed: Promise<ClosedRecording> | undefined;

  constructor(
    private readonly request: RecordingRequest,
    private readonly dependencies: FileRecordingDependencies,
  ) {
    this.#infos = new InfoFiles(request, dependencies);
  }

  get paths(): RecordingPaths | null {
    const first = this.#ended.firstMadeAs ?? this.#take?.paths;
    return this.frames > 0 && first !== undefined ? first : null;
  }

  get frames(): number {
    return this.#ended.total.frames + (this.#take?.video.frames ?? 0);
  }

  get bytes(): number {
    const video = this.#take?.video;
    return this.#ended.total.bytes + (video !== undefined && video.frames > 0 ? video.bytes : 0);
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

  async locate(): Promise<Located> {
    const take = this.#take;
    if (take === undefined || this.#isPartEnding || this.#closed !== undefined) return { kind: 'inPlace' };
    const { whereabouts, paths } = await locateTake(this.dependencies.fileSystem, take);
    // If the part ended meanwhile, its descriptors are closed and the answer is worthless.
    if (this.#take !== take) return { kind: 'inPlace' };
    const isElsewhere = whereabouts.kind === 'moved' || whereabouts.kind === 'unreachable';
    return isElsewhere ? { ...whereabouts, paths } : whereabouts;
  }

  describe(part: number, facts: TakeFacts): Promise<string> {
    return this.#infos.write(part, facts);
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

  /** `frames`: those that it is to begin with. */
  async #nextTake(frames: readonly Frame[]): Promise<Take> {
    const take = await createTake(this.request, this.dependencies, frames);
    this.#infos.begin();
    const before = this.#ended.lastPart;
    if (before !== undefined) this.dependencies.onNextPart(before, take.paths);
    return take;
  }

  /** Appends the frames. Commits in between whenever a checkpoint is due. */
  async #appendAll(frames: readonly Frame[]): Promise<void> {
    let done = 0;
    let isRoomMade = false;
    while (done < frames.length) {
      if (this.#take === undefined) isRoomMade = false;
      const take = (this.#take ??= await this.#nextTake(frames.slice(done)));
      const { video, rows } = take;
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
      else if (isRoomMade || rows.waitingRows >= MAX_WAITING_ROWS) await this.#commit(take);
    }
  }

  /** Resolves with whether the file may grow: `false` if it is as large as the file system or the process allows. */
  async #appendWhatFits({ video, rows }: Take, frames: readonly Frame[], from: number): Promise<boolean> {
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
      for (const frame of frames.slice(from, from + video.frames - before)) rows.note(frame);
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
      await commitTake(take, this.dependencies.sync);
    } catch (failure) {
      if (!canGoOnElsewhere(take.video, failure)) throw failure;
      await this.#endPart(take, 'fileSize');
    }
  }

  /** Ends a video that can hold no more, with all frames written to it. The next frame begins another video. */
  async #endPart(take: Take, endedBy?: 'fileSize'): Promise<void> {
    const { video, rows } = take;
    this.#isPartEnding = true;
    const location = await locateAtEnd(this.dependencies.fileSystem, take);
    const { whereabouts, paths, device } = location;
    if (whereabouts.kind === 'removed') throw removedError(whereabouts.path);
    video.beginEnd();
    await commitTake(take, this.dependencies.sync); // needs no room beyond what the file has
    await video.finalize(); // if the old index did not fit, go on: the next file finds out whether the disk is full
    await rows.finalize(this.dependencies.sync !== 'never');
    this.dependencies.onFiles(take.paths.videoPath, false);
    const part = { ...partOf(take, paths), ...(endedBy === undefined ? {} : { endedBy }) };
    await this.#infos.add(take, location);
    this.#ended.add({ part, madeAs: take.paths, device });
    this.#take = undefined;
    this.#isPartEnding = false;
  }

  async #close(): Promise<ClosedRecording> {
    const { dependencies } = this;
    const take = this.#take;
    const last = take === undefined ? NOTHING_LEFT : await closeTake(take, this.#failure, dependencies, this.#infos);
    // Only now: a disk that does not answer must not hold up the frames that are not saved yet.
    const ended = await this.#ended.find(dependencies.fileSystem);
    const { failure, unreachable = ended.unreachable } = last;
    return {
      ...resultOf([...ended.parts, ...last.parts]),
      ...(failure === undefined ? {} : { failure: this.#inContext(failure) }),
      ...(unreachable === undefined ? {} : { unreachable }),
    };
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
