import type { Clock } from '../../core/clock.js';
import type { LogSink } from '../../logging/log-sink.js';
import type { Report } from '../../protocol/statuses.js';

/** Longest command that `commands.jsonl` keeps whole, in characters of JSON. */
const MAX_PAYLOAD_LENGTH = 8192;

/** A command as it came in, in the words of `commands.jsonl`. */
export interface ReceivedCommand {
  readonly id: string;
  readonly cmd: string;
  /** As the host sent it. One that is longer than 8,192 characters of JSON is cut to a text. */
  readonly payload: unknown;
}

/** Writes the life cycle of one command to `commands.jsonl`: received, processing, then completed or failed. */
export class CommandLife {
  readonly #receivedNs: bigint;
  /** As it is logged. */
  readonly payload: unknown;

  constructor(
    readonly id: string,
    private readonly clock: Clock,
    private readonly logs: LogSink,
    commandName: string,
    payload: unknown,
  ) {
    this.#receivedNs = clock.monotonicNs();
    this.payload = bounded(payload);
    logs.command({ dir: 'in', cmd: commandName, id, payload: this.payload });
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

/** The failure that the answer reports, or `null`. */
function failureOf({ data }: Report): { readonly code: string; readonly error: string } | null {
  if (!('code' in data) || !('error' in data)) return null;
  const { code, error } = data;
  return code === undefined || error === undefined ? null : { code, error };
}

/** The command as the host sent it. A huge one is cut. */
function bounded(payload: unknown): unknown {
  try {
    const text = JSON.stringify(payload);
    if (text === undefined || text.length <= MAX_PAYLOAD_LENGTH) return payload;
    return `${text.slice(0, 200)}… (${text.length} characters)`;
  } catch {
    // An in-process host sent a value that JSON cannot hold (a cycle, a bigint). Only its type is logged.
    return typeof payload;
  }
}
