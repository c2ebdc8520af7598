import { basename } from 'node:path';
import type { Clock } from '../../core/clock.js';
import { INFO_FILES_MS } from '../../core/closing-budget.js';
import { type ErrorData, errorDataOf } from '../../core/errors.js';
import { toldExtents } from '../../core/given-settings.js';
import { TIMED_OUT, within } from '../../core/within.js';
import type { InfoHealth } from '../../recording/info/info-file.js';
import type { TakeFacts } from '../../recording/info/take-facts.js';
import type { Recording, RecordingPart, RecordingResult } from '../../recording/recording-session.js';
import type { RecordingSummary } from '../pipeline-messages.js';
import type { PartAccounts } from './part-accounts.js';
import type { RecordedCamera } from './recorded-camera.js';

export interface TakeInfosDependencies {
  readonly recording: Pick<Recording, 'describe'>;
  readonly accounts: PartAccounts;
  readonly camera: RecordedCamera;
  readonly health: () => InfoHealth;
  readonly clock: Clock;
  readonly listener: {
    warn(code: 'info_not_written', message: string): void;
    /** Writes to the log only. */
    onRemark(message: string, error: ErrorData | null): void;
  };
}

/**
 * The info files of one recording, written one after another beside everything else: nothing waits for them but the end, and
 * that not for long. A file that cannot be written is a warning, never an error of the recording.
 */
export class TakeInfos {
  /** By part, from 1. `null`: it could not be written. Missing: it is not written yet. */
  readonly #paths = new Map<number, string | null>();
  /** Finished parts, from that on which follows the last described one. */
  #ended: RecordingPart[] = [];
  #endedFrames = 0;
  #described = 0;
  #startHealth: InfoHealth | null = null;
  #work: Promise<void> = Promise.resolve();
  /** The end of the recording was told. */
  #isOver = false;

  constructor(private readonly dependencies: TakeInfosDependencies) {}

  /** The first frame is written. */
  begin(): void {
    this.#startHealth ??= this.dependencies.health();
  }

  /** The video ended, and the next one is made. Frames that are written from now on may belong to either. */
  continueAfter(part: RecordingPart): void {
    this.#ended.push(part);
    this.#endedFrames += part.frames;
    this.dependencies.accounts.continueAfter(this.#endedFrames);
  }

  /** Begins to write those of finished parts whose next part has frames. */
  describeEnded(): void {
    while (this.#described < this.dependencies.accounts.endedParts) {
      const part = this.#ended.shift();
      if (part === undefined) return;
      const reason = part.endedBy === 'fileSize' ? 'file_size' : 'index_full';
      this.#describe(part, { kind: 'continued', reason, error: null });
    }
  }

  /**
   * The recording is over, and its files are final. Resolves with the same, and with the paths of the info files, when they are
   * written, or after a while without those that are not. Never rejects.
   */
  async describeAll(
    result: RecordingResult,
    how: Pick<RecordingSummary, 'reason' | 'error'>,
  ): Promise<RecordingResult> {
    const parts = partsIn(result);
    const last = parts.at(-1);
    if (last === undefined || this.dependencies.recording.describe === undefined) return result;
    this.dependencies.accounts.end(parts.map(({ frames }) => frames));
    this.#ended = parts.slice(this.#described, -1);
    this.describeEnded();
    if (this.#described < parts.length) {
      const hasFailed = how.error !== null || (how.reason !== 'command' && how.reason !== 'shutdown');
      const kind = hasFailed ? 'failed' : 'stopped';
      this.#describe(last, { kind, reason: how.reason, error: how.error?.code ?? null });
    }
    const outcome = await within(this.dependencies.clock, INFO_FILES_MS, this.#work);
    if (outcome === TIMED_OUT) this.giveUp();
    return this.withPaths(result);
  }

  /** The end of the recording was told before its files were final: what fails from now on changes nothing told. */
  endTold(): void {
    this.#isOver = true;
  }

  /** The end of the recording is told without what is not written yet. */
  giveUp(): void {
    if (this.#isOver || this.dependencies.recording.describe === undefined) return;
    this.#isOver = true;
    this.#tell('The disk did not take it in time.', null);
  }

  withPaths(result: RecordingResult): RecordingResult {
    if (this.dependencies.recording.describe === undefined) return result;
    const pathOf = (part: RecordingPart, number: number): string | null =>
      part.paths.videoPath === null ? null : (this.#paths.get(number) ?? null);
    const parts = partsIn(result).map((part, index) => ({ ...part, infoPath: pathOf(part, index + 1) }));
    const infoPath = parts[0]?.infoPath ?? null;
    return { ...result, infoPath, ...(result.parts === undefined ? {} : { parts }) };
  }

  #describe(part: RecordingPart, end: TakeFacts['end']): void {
    this.#described += 1;
    const number = this.#described;
    const { accounts, camera, health } = this.dependencies;
    const { asked, askedFps, tool, model } = camera;
    const counted = accounts.takeAccount(number);
    const facts: TakeFacts = {
      account: counted?.account ?? null,
      gaps: counted?.gaps ?? [],
      gapsTotal: counted?.gapsTotal ?? null,
      askedFps,
      settings: { asked, given: counted === null ? null : toldExtents(counted.given) },
      tool,
      model,
      end,
      health: { start: this.#startHealth, end: health() },
    };
    const name = basename(part.paths.videoPath ?? `take ${part.paths.take}`);
    this.#work = this.#work.then(() => this.#write(number, name, facts)); // never rejects
  }

  async #write(part: number, name: string, facts: TakeFacts): Promise<void> {
    try {
      const path = await this.dependencies.recording.describe?.(part, facts);
      this.#paths.set(part, path ?? null);
    } catch (thrown) {
      const error = errorDataOf(thrown, 'io_error');
      if (this.#isOver) this.dependencies.listener.onRemark(`The info file of ${name} was not written.`, error);
      else this.#tell(error.message, error);
    }
  }

  #tell(why: string, error: ErrorData | null): void {
    const { listener } = this.dependencies;
    const what = 'The info file of a recording was not written; its video and its rows are as the recording tells.';
    listener.onRemark(error === null ? `${what} ${why}` : what, error);
    listener.warn(
      'info_not_written',
      `${what} ${why} Check the video with csi-cameras verify, and note down what was set.`,
    );
  }
}

/** The result's parts; of a recording that has one video, that one. */
function partsIn({ parts, paths, frames, durationS, bytes }: RecordingResult): readonly RecordingPart[] {
  if (parts !== undefined) return parts;
  return paths === null ? [] : [{ paths, frames, durationS, bytes }];
}
