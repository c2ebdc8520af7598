import type { Clock } from '../../core/clock.js';
import { errorWithAdvice, messageOf, type ErrorData, errorDataOf } from '../../core/errors.js';
import type { FileSystem } from '../../core/file-system.js';
import type { LogLevel } from '../../core/log-level.js';
import { Deadline, withResolve, within } from '../../core/within.js';
import { readLeftBehind } from '../../recording/avi/avi-reader.js';
import type { RecordingResult } from '../../recording/recording-session.js';
import type { CameraPipeline, PipelineOptions } from '../camera-pipeline.js';
import { guarded } from '../guarded.js';
import {
  answerWithoutRun,
  type CloseCommand,
  type PipelineCommand,
  type PipelineEvent,
  type RunCommand,
  type ThreadEvent,
} from '../pipeline-messages.js';
import { RunLedger } from './run-ledger.js';
import { ThreadChildren } from './thread-children.js';
import { ThreadTakes } from './thread-takes.js';
import type { PipelineThread, StartThread } from './worker-threads.js';

export interface ThreadedPipelineParts {
  readonly options: PipelineOptions;
  readonly startThread: StartThread;
  readonly clock: Clock;
  /** For what a dead thread left on the disk. */
  readonly fileSystem: FileSystem;
  readonly onEvent: (event: PipelineEvent) => void;
}

/** A thread with an open camera says something every 2.5 s at least. So many checks without a word, and it is dead. */
const SILENCE_CHECK_MS = 5_000;
const SILENT_CHECKS = 3;
/** How long a dead thread's camera waits for its recording to be closed; the closing itself goes on. */
const TAKES_LIMIT_MS = 2_000;
/** Shares of the limit of `close`: for the pipeline's own end, and for its thread's. */
const PIPELINE_SHARE = 0.8;
const THREAD_SHARE = 0.85;
/** Of what is then left, for a recording to be closed: its end has still to be told. */
const TAKES_SHARE = 0.8;

/**
 * A camera's pipeline in a thread of its own, seen from the thread that owns it. It passes words on, and answers for the
 * run when its thread is dead: its capture process is ended, its recording closed and said to be over with what the file
 * really holds, and the camera lost. The next `open` starts another thread. No frame ever comes here.
 */
export class ThreadedPipeline implements CameraPipeline {
  #thread: PipelineThread | null = null;
  /** Resolves when the last thread runs no more: nothing writes to its files. */
  #threadGone: Promise<void> = Promise.resolve();
  /** Resolves when the last thread is answered for. */
  #threadOver: Promise<void> = Promise.resolve();
  #ledger: RunLedger | null = null;
  readonly #children: ThreadChildren;
  readonly #takes: ThreadTakes;
  /** By when everything must be over, once it was asked to close. */
  #deadline: Deadline | null = null;
  /** What holds for every run: a new thread is told. */
  readonly #lasting = new Map<'setPreview' | 'setLoadLevel', PipelineCommand>();
  #onThreadOver: () => void = () => undefined;
  #cancelWatch: () => void = () => undefined;
  #eventsHeard = 0;
  #closed: Promise<void> | null = null;
  readonly #emit: (event: PipelineEvent) => void;

  constructor(private readonly parts: ThreadedPipelineParts) {
    this.#emit = guarded(parts.onEvent);
    this.#children = new ThreadChildren(parts.clock);
    const { fileSystem } = parts;
    const log = (level: LogLevel, message: string, context = {}): void => {
      this.#emit({ type: 'log', level, message, context });
    };
    this.#takes = new ThreadTakes({ fileSystem, log });
  }

  send(command: PipelineCommand): void {
    try {
      this.#perform(command);
    } catch (thrown) {
      const context = { error: errorDataOf(thrown, 'capture_failed') };
      this.#emit({ type: 'log', level: 'error', message: `The pipeline failed at ${command.type}.`, context });
    }
  }

  async close(limitMs: number): Promise<void> {
    this.#closed ??= this.#closeAll(limitMs);
    await within(this.parts.clock, limitMs, this.#closed);
  }

  #perform(command: PipelineCommand): void {
    switch (command.type) {
      case 'setPreview':
      case 'setLoadLevel':
        this.#lasting.set(command.type, command);
        this.#thread?.post(command);
        return;
      case 'open':
        this.#open(command);
        return;
      case 'close':
      case 'startRecording':
      case 'stopRecording':
      case 'takeSnapshot':
        this.#pass(command);
    }
  }

  #open(command: PipelineCommand & { type: 'open' }): void {
    const { run } = command;
    if (this.#closed !== null) {
      const error = errorWithAdvice('shutting_down', 'The pipeline is closed.').toData();
      this.#emit({ type: 'lost', run, error, portReleased: true });
      return;
    }
    try {
      this.#thread ??= this.#start();
    } catch (thrown) {
      const why = `No thread could be started for the camera: ${messageOf(thrown)}.`;
      this.#emit({ type: 'lost', run, error: errorWithAdvice('capture_failed', why).toData(), portReleased: true });
      return;
    }
    // A camera that is open already is refused over there, and stays the one to answer for.
    if (this.#ledger?.isOver !== false) this.#ledger = new RunLedger(run, this.parts.options.deviceId);
    this.#thread.post(command);
  }

  #pass(command: RunCommand | CloseCommand): void {
    const ledger = this.#ledger;
    const isOpen = ledger !== null && ledger.run === command.run && !ledger.isOver;
    if (isOpen) ledger.noteCommand(command);
    if (this.#thread !== null) this.#thread.post(command);
    else if (isOpen)
      return; // its thread is dead: it is answered with the rest
    else if (command.type === 'close') this.#emit({ type: 'closed', run: command.run, portReleased: true });
    else answerWithoutRun(command, this.#emit);
  }

  #start(): PipelineThread {
    const { options, startThread } = this.parts;
    const { promise: whenGone, resolve: noteGone } = withResolve<void>();
    const thread = startThread(options, {
      onEvent: (event) => {
        if (this.#thread === thread) this.#hear(event);
      },
      onEnded: (failure) => {
        noteGone();
        if (this.#closed !== null && failure === undefined) this.#bury(thread, null);
        else this.#bury(thread, failure ?? new Error('it ended unasked'));
      },
    });
    this.#cancelWatch = this.#watchForSilence(() => {
      this.#abandon(thread, 'it has said nothing for 15 s');
    });
    this.#threadGone = whenGone;
    const { promise, resolve } = withResolve<void>();
    this.#threadOver = promise;
    this.#onThreadOver = resolve;
    for (const command of this.#lasting.values()) thread.post(command);
    return thread;
  }

  /** Goes on without the thread, whether it can be ended or not. */
  #abandon(thread: PipelineThread, why: string): void {
    this.#bury(thread, new Error(why));
    thread.kill();
  }

  /** `cause`: why it is dead, `null` where it ended as it was asked to. */
  #bury(thread: PipelineThread, cause: unknown): void {
    if (this.#thread !== thread) return;
    this.#thread = null;
    this.#cancelWatch();
    void this.#answerFor(cause).then(this.#onThreadOver); // never rejects
  }

  #hear(event: ThreadEvent): void {
    this.#eventsHeard += 1;
    if (event.type === 'captureProcess') this.#children.note(event.run, event.pid);
    else if (event.type === 'takeFiles') this.#takes.note(event.videoPath, event.isOpen);
    else this.#passOn(event);
  }

  #passOn(event: PipelineEvent): void {
    if ('run' in event && event.run === this.#ledger?.run) this.#ledger.noteEvent(event);
    this.#emit(event);
  }

  /** Judges after whatever waits to be heard: a timer of this thread that is late says nothing about the other one. */
  #watchForSilence(onSilent: () => void): () => void {
    let heard = this.#eventsHeard;
    let silentChecks = 0;
    return this.parts.clock.every(SILENCE_CHECK_MS, () => {
      setImmediate(() => {
        const isSilent = this.#eventsHeard === heard && this.#ledger?.isOver === false;
        heard = this.#eventsHeard;
        silentChecks = isSilent ? silentChecks + 1 : 0;
        if (silentChecks === SILENT_CHECKS) onSilent();
      });
    });
  }

  /** Says what the thread cannot say any more. Never rejects. */
  async #answerFor(cause: unknown): Promise<void> {
    const what = `The camera's thread is dead: ${messageOf(cause)}.`;
    if (cause !== null) this.#logDeath(what, cause);
    const takesClosed = this.#takes.closeAll(this.#threadGone); // goes on when the limit is over
    const [portReleased] = await Promise.all([
      this.#children.endAll(),
      within(this.parts.clock, this.#takesLimitMs(), takesClosed),
    ]);
    const ledger = this.#ledger;
    if (ledger === null || ledger.isOver) return;
    const error = errorWithAdvice('capture_failed', what).toData();
    const left = await this.#readLeft(ledger);
    const atNs = this.parts.clock.monotonicNs();
    for (const event of ledger.lastWords({ error, portReleased, left, atNs })) this.#emit(event);
  }

  #takesLimitMs(): number {
    return Math.min(TAKES_LIMIT_MS, (this.#deadline?.remainingMs() ?? Infinity) * TAKES_SHARE);
  }

  async #readLeft({ paths }: RunLedger): Promise<Omit<RecordingResult, 'paths'> | null> {
    if (paths === null) return null;
    try {
      return await readLeftBehind(this.parts.fileSystem, paths.videoPath);
    } catch (thrown) {
      this.#log('The recording of a dead thread could not be read.', errorDataOf(thrown, 'io_error'));
      return null;
    }
  }

  async #closeAll(limitMs: number): Promise<void> {
    const { clock } = this.parts;
    const deadline = new Deadline(clock, limitMs);
    this.#deadline = deadline;
    this.#ledger?.noteClose('shutdown');
    this.#thread?.post({ type: 'end', limitMs: limitMs * PIPELINE_SHARE });
    await within(clock, limitMs * THREAD_SHARE, this.#threadOver);
    if (this.#thread !== null) this.#abandon(this.#thread, 'it could not be closed in time');
    await within(clock, deadline.remainingMs(), this.#threadOver);
  }

  #logDeath(what: string, cause: unknown): void {
    this.#log(what, errorDataOf(cause, 'capture_failed'), stackOf(cause));
  }

  #log(message: string, error: ErrorData, more = {}): void {
    const context = { deviceId: this.parts.options.deviceId, error, ...more };
    this.#emit({ type: 'log', level: 'error', message, context });
  }
}

/** Where in the thread it happened. What a thread dies of arrives as an object that only looks like an error. */
function stackOf(thrown: unknown): { readonly stack?: string } {
  if (typeof thrown !== 'object' || thrown === null || !('stack' in thrown)) return {};
  return typeof thrown.stack === 'string' ? { stack: thrown.stack } : {};
}
