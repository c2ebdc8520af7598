import PQueue from 'p-queue';
import type { Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import type { LogSink } from '../logging/log-sink.js';
import type { Report, StatusMessage } from '../protocol/statuses.js';
import { commandNack } from './reports.js';

/** Commands that may wait; one more is refused. */
export const QUEUE_LIMIT = 256;

/** A command's way through its life, for `commands.jsonl`: received, processing, completed or failed. */
export class CommandLife {
  readonly #receivedNs: bigint;

  constructor(
    readonly id: string,
    private readonly clock: Clock,
    private readonly logs: LogSink,
    commandName: string,
    payload: unknown,
  ) {
    this.#receivedNs = clock.monotonicNs();
    logs.command({ dir: 'in', cmd: commandName, id, payload });
    logs.command({ id, state: 'received', cmd: commandName });
  }

  processing(): void {
    this.logs.command({ id: this.id, state: 'processing' });
  }

  ended(answer: Report): void {
    const durationMs = Number((this.clock.monotonicNs() - this.#receivedNs) / 1_000_000n);
    const failure = failureOf(answer);
    this.logs.command(
      failure === null
        ? { id: this.id, state: 'completed', duration_ms: durationMs }
        : { id: this.id, state: 'failed', duration_ms: durationMs, ...failure },
    );
  }
}

/** What failed, where the answer says so. */
function failureOf({ data }: Report): { readonly code: string; readonly error: string } | null {
  if (!('code' in data) || !('error' in data)) return null;
  const { code, error } = data;
  return code === undefined || error === undefined ? null : { code, error };
}

/** Runs commands one after another, in order of arrival; each gets exactly one final answer. */
export class CommandQueue {
  readonly #queue = new PQueue({ concurrency: 1 });

  constructor(
    private readonly logs: LogSink,
    private readonly answer: (life: CommandLife, report: Report) => StatusMessage,
  ) {}

  get waiting(): number {
    return this.#queue.size;
  }

  /** Resolves with the final answer. `run` gives it; what it throws becomes a nack: a bug here must not end a recording. */
  add(life: CommandLife, run: () => Promise<Report>): Promise<StatusMessage> {
    if (this.#queue.size >= QUEUE_LIMIT) {
      const full = `${QUEUE_LIMIT} commands are waiting already. Send this one again when an answer has come.`;
      return Promise.resolve(this.answer(life, commandNack('queue_full', full)));
    }
    return this.#queue.add(async () => {
      life.processing();
      return this.answer(life, await this.#guarded(life, run));
    });
  }

  /** Resolves when nothing runs and nothing waits. */
  async idle(): Promise<void> {
    await this.#queue.onIdle();
  }

  async #guarded(life: CommandLife, run: () => Promise<Report>): Promise<Report> {
    try {
      return await run();
    } catch (thrown) {
      this.logs.log('error', 'A command failed unexpectedly.', { id: life.id, error: thrown });
      return commandNack('io_error', `The command failed unexpectedly (${messageOf(thrown)}). See csicameras.log.`);
    }
  }
}
