import type { MessagePort } from 'node:worker_threads';
import type { Clock } from '../../core/clock.js';
import { withinUntil } from '../../core/deadline.js';
import { errorWithAdvice, messageOf, type ErrorData, errorDataOf } from '../../core/errors.js';
import type { FileSystem } from '../../core/file-system.js';
import type { CameraPipeline, PipelineOptions } from '../camera-pipeline.js';
import { guarded } from '../guarded.js';
import {
  answerWithoutRun,
  type CloseCommand,
  type LastingCommand,
  type OpenCommand,
  type PipelineCommand,
  type PipelineEvent,
  type RunCommand,
} from '../pipeline-messages.js';
import { CameraThread } from './camera-thread.js';
import type { StartThread } from './worker-threads.js';

export interface ThreadedPipelineDependencies {
  readonly options: PipelineOptions;
  readonly startThread: StartThread;
  readonly clock: Clock;
  /** Closes and reads the files of a dead thread. */
  readonly fileSystem: FileSystem;
  readonly onEvent: (event: PipelineEvent) => void;
}

/**
 * A camera's pipeline in a thread of its own, seen from the thread that owns it. The first `open` starts the
 * thread. If the thread has died, the next `open` starts another one. The state of a thread is in `CameraThread`.
 * Frames never come here: a preview's port goes to the thread.
 */
export class ThreadedPipeline implements CameraPipeline {
  /** The newest thread. It may be dead. */
  #thread: CameraThread | null = null;
  /** Commands that apply to every run. A new thread gets them at its start. */
  readonly #lasting = new Map<LastingCommand['type'], LastingCommand>();
  /** Preview ports that wait for a thread. A dead thread's ports are closed; their readers connect again. */
  readonly #waitingPorts = new Set<MessagePort>();
  #ended: Promise<void> | null = null;
  readonly #emit: (event: PipelineEvent) => void;

  constructor(private readonly dependencies: ThreadedPipelineDependencies) {
    this.#emit = guarded(dependencies.onEvent);
  }

  send(command: PipelineCommand): void {
    try {
      this.#perform(command);
    } catch (thrown) {
      const context = { device: this.dependencies.options.deviceId, error: errorDataOf(thrown, 'capture_failed') };
      this.#emit({ type: 'log', level: 'error', message: `The pipeline failed at ${command.type}.`, context });
    }
  }

  connectPreview(port: MessagePort): void {
    if (this.#ended !== null) {
      port.close();
      return;
    }
    if (this.#thread?.isAlive === true) {
      this.#thread.connectPreview(port);
      return;
    }
    this.#waitingPorts.add(port);
    port.once('close', () => {
      this.#waitingPorts.delete(port);
    });
  }

  async end(untilNs: bigint): Promise<void> {
    this.#ended ??= this.#thread?.end(untilNs) ?? Promise.resolve();
    for (const port of this.#waitingPorts) port.close();
    await withinUntil(this.dependencies.clock, untilNs, this.#ended);
  }

  #perform(command: PipelineCommand): void {
    switch (command.type) {
      case 'setPreview':
      case 'setLoadLevel':
        this.#lasting.set(command.type, command);
        this.#thread?.set(command);
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

  #open(command: OpenCommand): void {
    if (this.#ended !== null) {
      this.#refuse(command, errorWithAdvice('shutting_down', 'The pipeline is closed.').toData());
      return;
    }
    try {
      if (this.#thread?.isAlive !== true) this.#thread = this.#start();
    } catch (thrown) {
      const why = `The camera's thread could not be started: ${messageOf(thrown)}.`;
      this.#refuse(command, errorWithAdvice('capture_failed', why).toData());
      return;
    }
    this.#thread.open(command);
  }

  #start(): CameraThread {
    const { options, startThread, clock, fileSystem } = this.dependencies;
    const thread = new CameraThread({ options, startThread, clock, fileSystem, emit: this.#emit });
    thread.start();
    for (const command of this.#lasting.values()) thread.set(command);
    for (const port of this.#waitingPorts) thread.connectPreview(port);
    this.#waitingPorts.clear();
    return thread;
  }

  #refuse({ run }: OpenCommand, error: ErrorData): void {
    this.#emit({ type: 'lost', run, error, portReleased: true });
  }

  #pass(command: RunCommand | CloseCommand): void {
    if (this.#thread?.pass(command) === true) return;
    if (command.type === 'close') this.#emit({ type: 'closed', run: command.run, portReleased: true });
    else answerWithoutRun(command, this.#emit);
  }
}
