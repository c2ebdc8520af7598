import type { Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import type { LogSink } from '../logging/log-sink.js';
import type { Report, StatusMessage } from '../protocol/statuses.js';
import { deviceIn } from './device-in.js';
import { callGuarded, Watchers } from './watchers.js';

/** Called with every status, in order. What it returns is ignored; what it throws is logged. */
export type StatusListener = (message: StatusMessage) => unknown;

/** Every status leaves here: first to the command log, then to the host, then to other listeners. Never throws. */
export class StatusReporter {
  constructor(
    private readonly clock: Clock,
    private readonly logs: LogSink,
    private readonly sendStatus: StatusListener,
    private readonly watchers = new Watchers<StatusMessage>(),
  ) {}

  /** Sends a status. `replyTo` is the id of the command that caused it. */
  send(report: Report, replyTo?: string): StatusMessage {
    const message = this.prepare(report, replyTo);
    this.deliver(message);
    return message;
  }

  /** Logs a status without sending it. The last status needs this, because it is sent after the logs were flushed. */
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

  /** Sends a prepared status. If a listener throws, or rejects later, that is only logged. */
  deliver(message: StatusMessage): void {
    const blame = (whose: string, thrown: unknown): void => {
      const context = { ...deviceIn(message.data), status: message.status, error: messageOf(thrown) };
      this.logs.log('warn', `${whose} failed.`, context);
    };
    callGuarded(this.sendStatus, message, (thrown) => {
      blame("The host's sendStatus", thrown);
    });
    this.watchers.tell(message, (thrown) => {
      blame('A status listener', thrown);
    });
  }
}
