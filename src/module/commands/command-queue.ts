import PQueue from 'p-queue';
import { messageOf } from '../../core/errors.js';
import type { LogSink } from '../../logging/log-sink.js';
import type { Report, StatusMessage } from '../../protocol/statuses.js';
import { commandNack } from '../reports.js';
import type { CommandLife } from './command-life.js';

/** Most commands that may wait. Any further one is refused. */
export const QUEUE_LIMIT = 256;

/** Carries out commands one after another, in order of arrival. Each gets exactly one final answer. */
export class CommandQueue {
  readonly #queue = new PQueue({ concurrency: 1 });
  /** Commands that were begun in their turn and hold up no other one. */
  readonly #aside = new Set<Promise<StatusMessage>>();

  constructor(
    private readonly logs: LogSink,
    private readonly answer: (life: CommandLife, report: Report) => StatusMessage,
  ) {}

  /** Whether the next command is refused. */
  get isFull(): boolean {
    return this.#queue.size + this.#aside.size >= QUEUE_LIMIT;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /**
   * Resolves with the final answer, which `carryOut` returns. An exception from it becomes a nack, because a bug in a
   * command must not end a recording.
   */
  async add(life: CommandLife, carryOut: () => Promise<Report>): Promise<StatusMessage> {
    return this.#refusal(life) ?? this.#queue.add(() => this.#carryOut(life, carryOut));
  }

  /** The same for a command that is begun in its turn and then holds up no other one. */
  async addAside(life: CommandLife, carryOut: () => Promise<Report>): Promise<StatusMessage> {
    const refusal = this.#refusal(life);
    if (refusal !== null) return refusal;
    const { answer } = await this.#queue.add(() => {
      const begun = this.#carryOut(life, carryOut).finally(() => this.#aside.delete(begun));
      this.#aside.add(begun);
      return { answer: begun }; // within an object, or the queue would wait for it
    });
    return answer;
  }

  /** Resolves when no command waits and none is carried out. */
  async idle(): Promise<void> {
    await this.#queue.onIdle();
    await Promise.all(this.#aside);
  }

  async #carryOut(life: CommandLife, carryOut: () => Promise<Report>): Promise<StatusMessage> {
    life.processing();
    return this.answer(life, await this.#guarded(life, carryOut));
  }

  #refusal(life: CommandLife): StatusMessage | null {
    if (!this.isFull) return null;
    const full = `${QUEUE_LIMIT} commands are already waiting. Send this one again after the next answer.`;
    return this.answer(life, commandNack('queue_full', full));
  }

  async #guarded(life: CommandLife, carryOut: () => Promise<Report>): Promise<Report> {
    try {
      return await carryOut();
    } catch (thrown) {
      this.logs.log('error', 'A command failed unexpectedly.', { id: life.id, error: thrown });
      return commandNack('io_error', `The command failed unexpectedly (${messageOf(thrown)}). See csicameras.log.`);
    }
  }
}
