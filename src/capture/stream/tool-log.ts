import type { Clock } from '../../core/clock.js';
import type { Log } from '../../core/log-level.js';
import { LineLimit } from '../line-limit.js';
import { isComplaint } from '../rpicam-errors.js';

const BURST_LINES = 40;
const LINES_PER_SECOND = 0.5;

/** Logs what the tool writes to stderr: complaints as warnings, and never more than somebody could read. */
export class ToolLog {
  readonly #limit: LineLimit;

  constructor(
    clock: Clock,
    private readonly log: Log,
  ) {
    this.#limit = new LineLimit(clock, BURST_LINES, LINES_PER_SECOND);
  }

  line(line: string, pid: number | undefined): void {
    const suppressed = this.#limit.pass();
    if (suppressed === undefined) return;
    const context = { pid, line, ...(suppressed === 0 ? {} : { suppressedLines: suppressed }) };
    this.log(isComplaint(line) ? 'warn' : 'debug', 'The capture tool wrote to stderr.', context);
  }
}
