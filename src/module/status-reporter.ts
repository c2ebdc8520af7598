import type { Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import type { LogSink } from '../logging/log-sink.js';
import type { Report, StatusMessage } from '../protocol/statuses.js';

/** The single exit of every status: the command log first, then the host. Never throws. */
export class StatusReporter {
  constructor(
    private readonly clock: Clock,
    private readonly logs: LogSink,
    private readonly sendStatus: (message: StatusMessage) => unknown,
  ) {}

  /** Sends a status; `replyTo` is the id of the command that caused it. */
  send(report: Report, replyTo?: string): StatusMessage {
    const message = this.prepare(report, replyTo);
    this.deliver(message);
    return message;
  }

  /** Logs a status without sending it yet: the last one is sent after the logs were flushed. */
  prepare(report: Report, replyTo?: string): StatusMessage {
    const message: StatusMessage = {
      type: 'status',
      ...report,
      timestamp: new Date(this.clock.wallMs()).toISOString(),
      ...(replyTo === undefined ? {} : { command_id: replyTo, in_reply_to: replyTo }),
    };
    if (report.status !== 'heartbeat') {
      this.logs.command({
        dir: 'out',
        status: report.status,
        ...(replyTo === undefined ? {} : { reply_to: replyTo }),
        payload: report.data,
      });
    }
    return message;
  }

  /** Hands a prepared status to the host. What the host throws, or rejects with later, is the host's: logged. */
  deliver(message: StatusMessage): void {
    try {
      const result = this.sendStatus(message);
      if (result instanceof Promise) result.catch((thrown: unknown) => this.#blameHost(message, thrown));
    } catch (thrown) {
      this.#blameHost(message, thrown);
    }
  }

  #blameHost(message: StatusMessage, thrown: unknown): void {
    this.logs.log('warn', "The host's sendStatus failed.", { status: message.status, error: messageOf(thrown) });
  }
}
