import type { MessagePort } from 'node:worker_threads';
import type { Clock } from '../../core/clock.js';
import { ABANDON_RESERVE_MS, PIPELINE_RESERVE_MS, TAKES_RESERVE_MS } from '../../core/closing-budget.js';
import { minusReserve, msUntil, withinUntil } from '../../core/deadline.js';
import { errorWithAdvice, messageOf, type ErrorData, errorDataOf } from '../../core/errors.js';
import type { FileSystem } from '../../core/file-system.js';
import type { Log } from '../../core/log-level.js';
import { TIMED_OUT, withResolve, within } from '../../core/within.js';
import { readLeftBehind } from '../../recording/avi/avi-reader.js';
import type { RecordingResult } from '../../recording/recording-session.js';
import type { PipelineOptions } from '../camera-pipeline.js';
import type {
  CloseCommand,
  LastingCommand,
  OpenCommand,
  PipelineEvent,
  RunCommand,
  ThreadEvent,
} from '../pipeline-messages.js';
import { RunLedger } from './run-ledger.js';
import { ThreadChildren } from './thread-children.js';
import { ThreadSilence } from './thread-silence.js';
import { ThreadTakes } from './thread-takes.js';
import type { PipelineThread, StartThread } from './worker-threads.js';

export interface CameraThreadDependencies {
  readonly options: PipelineOptions;
  readonly startThread: StartThread;
  readonly clock: Clock;
  /** Closes and reads the files of a dead thread. */
  readonly fileSystem: FileSystem;
  /** Never throws. */
  readonly emit: (event: PipelineEvent) => void;
}

/** How long a dead thread's camera waits until its recording is closed. The closing itself goes on after that. */
const TAKES_LIMIT_MS = 2_000;
/** How long a dead thread's camera waits for what its recording holds. The disk may never answer. */
const READ_LIMIT_MS = 1_000;

/**
 * One thread of a camera, from its start until its end is fully reported. It passes commands and events on. When
 * the thread is dead, it answers for the run: it ends the capture process, closes the recording, reports the
 * recording's end with the content of the file, and reports the camera as lost. A new thread is a new object.
 */
export class CameraThread {
  /** `null` before the start and after the thread's death. Events of a dead thread are ignored. */
  #thread: PipelineThread | null = null;
  /** The ledger of the newest run, or `null` before the first. */
  #ledger: RunLedger | null = null;
  readonly #children: ThreadChildren;
  readonly #takes: ThreadTakes;
  readonly #silence: ThreadSilence;
  /** The deadline for everything, set when the thread is asked to end. */
  #untilNs: bigint | null = null;
  /** Resolves when the thread has stopped, so that nothing writes to its files. */
  readonly #gone = withResolve<void>();
  /** Resolves when the thread's end is fully reported. */
  readonly #over = withResolve<void>();

  constructor(private readonly dependencies: CameraThreadDependencies) {
    const { clock, fileSystem, emit } = dependencies;
    this.#children = new ThreadChildren(clock);
    const log: Log = (level, message, context = {}) => {
      emit({ type: 'log', level, message, context });
    };
    this.#takes = new ThreadTakes({ fileSystem, log });
    this.#silence = new ThreadSilence({
      clock,
      isExpected: () => this.#ledger?.isOver === false,
      onSilent: () => {
        this.#abandon('it sent nothing for 15 s');
      },
    });
  }

  get isAlive(): boolean {
    return this.#thread !== null;
  }

  /** Throws if the thread cannot be started. */
  start(): void {
    const { options, startThread } = this.dependencies;
    this.#thread = startThread(options, {
      onEvent: (event) => {
        if (this.isAlive) this.#hear(event);
      },
      onEnded: (failure) => {
        this.#gone.resolve();
        if (this.#untilNs !== null && failure === undefined) this.#bury(null);
        else this.#bury(failure ?? new Error('it ended without being asked to'));
      },
    });
    this.#silence.start();
  }

  /** Passes on a command that applies to every run. */
  set(command: LastingCommand): void {
    this.#thread?.post(command);
  }

  /** Hands a preview's port to the thread. It is closed with the thread. Closes it here if it cannot be handed over. */
  connectPreview(port: MessagePort): void {
    try {
      this.#thread?.post({ type: 'connectPreview', port });
    } catch {
      port.close(); // its reader closed it meanwhile
    }
  }

  open(command: OpenCommand): void {
    // If a camera is already open, the thread refuses this one, and the ledger stays that of the open camera.
    if (this.#ledger?.isOver !== false) this.#ledger = new RunLedger(command.run, this.dependencies.options.deviceId);
    this.#thread?.post(command);
  }

  /**
   * Passes a command on. Returns whether it will be answered: by the thread or, if the thread is dead and not fully
   * reported, by `lastWords`.
   */
  pass(command: RunCommand | CloseCommand): boolean {
    const ledger = this.#ledger;
    const isOpen = ledger !== null && ledger.run === command.run && !ledger.isOver;
    if (isOpen) ledger.noteCommand(command);
    this.#thread?.post(command);
    return this.isAlive || isOpen;
  }

  /** Ends the pipeline, then the thread. Resolves when that is fully reported, at `untilNs` at the latest. */
  async end(untilNs: bigint): Promise<void> {
    const { clock } = this.dependencies;
    this.#untilNs = untilNs;
    this.#ledger?.noteClose('shutdown');
    const abandonNs = minusReserve(clock, untilNs, ABANDON_RESERVE_MS);
    this.#thread?.post({ type: 'end', untilNs: minusReserve(clock, abandonNs, PIPELINE_RESERVE_MS) });
    await withinUntil(clock, abandonNs, this.#over.promise);
    this.#abandon('it could not be closed in time');
    await withinUntil(clock, untilNs, this.#over.promise);
  }

  #hear(event: ThreadEvent): void {
    this.#silence.note();
    if (event.type === 'captureProcess') this.#children.note(event.run, event.pid);
    else if (event.type === 'takeFiles') this.#takes.note(event.videoPath, event.isOpen);
    else this.#passOn(event);
  }

  #passOn(event: PipelineEvent): void {
    if ('run' in event && event.run === this.#ledger?.run) this.#ledger.noteEvent(event);
    this.dependencies.emit(event);
  }

  /** Gives the thread up, whether it can be ended or not. Does nothing if it is dead. */
  #abandon(why: string): void {
    const thread = this.#thread;
    this.#bury(new Error(why));
    thread?.kill();
  }

  /** `cause`: why the thread is dead, or `null` if it ended as asked. */
  #bury(cause: unknown): void {
    if (this.#thread === null) return;
    this.#thread = null;
    this.#silence.stop();
    void this.#answerFor(cause).then(this.#over.resolve); // never rejects
  }

  /** Reports everything that the dead thread cannot report any more. Never rejects. */
  async #answerFor(cause: unknown): Promise<void> {
    const what = `The camera's thread died: ${messageOf(cause)}.`;
    if (cause !== null) this.#log(what, errorDataOf(cause, 'capture_failed'), stackOf(cause));
    const takesClosed = this.#takes.closeAll(this.#gone.promise); // goes on after the limit
    const [portReleased, closed] = await Promise.all([
      this.#children.endAll(),
      within(this.dependencies.clock, this.#takesLimitMs(), takesClosed),
    ]);
    const ledger = this.#ledger;
    if (ledger === null || ledger.isOver) return;
    const error = errorWithAdvice('capture_failed', what).toData();
    const infoPath = closed === TIMED_OUT ? null : (closed.get(ledger.paths?.videoPath ?? '') ?? null);
    const left = await within(this.dependencies.clock, this.#readLimitMs(), this.#readLeft(ledger, infoPath));
    const atNs = this.dependencies.clock.monotonicNs();
    for (const event of ledger.lastWords({ error, portReleased, left: left === TIMED_OUT ? null : left, atNs }))
      this.dependencies.emit(event);
  }

  #takesLimitMs(): number {
    const { clock } = this.dependencies;
    if (this.#untilNs === null) return TAKES_LIMIT_MS;
    return Math.min(TAKES_LIMIT_MS, msUntil(clock, minusReserve(clock, this.#untilNs, TAKES_RESERVE_MS)));
  }

  #readLimitMs(): number {
    if (this.#untilNs === null) return READ_LIMIT_MS;
    return Math.min(READ_LIMIT_MS, msUntil(this.dependencies.clock, this.#untilNs) / 2);
  }

  async #readLeft({ paths }: RunLedger, infoPath: string | null): Promise<Omit<RecordingResult, 'paths'> | null> {
    if (paths === null) return null;
    try {
      return { ...(await readLeftBehind(this.dependencies.fileSystem, paths.videoPath)), infoPath };
    } catch (thrown) {
      this.#log('The recording of a dead thread could not be read.', errorDataOf(thrown, 'io_error'));
      return null;
    }
  }

  #log(message: string, error: ErrorData, more = {}): void {
    const context = { device: this.dependencies.options.deviceId, error, ...more };
    this.dependencies.emit({ type: 'log', level: 'error', message, context });
  }
}

/** The stack of the error that ended the thread. The error arrives as an object that only looks like an `Error`. */
function stackOf(thrown: unknown): { readonly stack?: string } {
  if (typeof thrown !== 'object' || thrown === null || !('stack' in thrown)) return {};
  return typeof thrown.stack === 'string' ? { stack: thrown.stack } : {};
}
