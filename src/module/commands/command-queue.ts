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

  constructor(
    private readonly logs: LogSink,
    private readonly answer: (life: CommandLife, report: Report) => StatusMessage,
  ) {}

  /** Whether the next command is refused. */
  get isFull(): boolean {
    return this.#queue.size >= QUEUE_LIMIT;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /**
   * Resolves with the final answer, which `carryOut` returns. An exception from it becomes a nack, because a bug in a
   * command must not end a recording.
   */
  add(life: CommandLife, carryOut: () => Promise<Report>): Promise<StatusMessage> {
    if (this.isFull) {
      const full = `${QUEUE_LIMIT} commands are already waiting. Send this one again after the next answer.`;
      return Promise.resolve(this.answer(life, commandNack('queue_full', full)));
    }
    return this.#queue.add(async () => {
      life.processing();
      return this.answer(life, await this.#guarded(life, carryOut));
    });
  }

  /** Resolves when no command waits and none is carried out. */
  async idle(): Promise<void> {
    await this.#queue.onIdle();
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
