import type { Clock } from '../../core/clock.js';
import { endOf, isAbout, type CommandLife } from './command-life.js';
import { applicationLine, commandRecord, isEnd, type ApplicationLine, type CommandStep } from './command-step.js';
import type { LogRecord } from './log-lines.js';
import { LogTail } from './log-tail.js';
import { APPLICATION, COMMANDS } from './trace.js';

const PERIOD_MS = 200;
/** The answer comes with the end, in a line of its own. */
const ANSWER_MS = 1000;

export interface Followers {
  onStep(step: CommandStep): void;
  onLog(line: ApplicationLine): void;
}

/** Both logs from now on. It is made before the life so far is read, so that nothing falls between. */
export class Following {
  readonly #commands: LogTail;
  readonly #application: LogTail;
  /** `undefined`: before `follow`, lines are passed over. */
  #onCommand: ((record: LogRecord) => void) | undefined;
  #onApplication: ((record: LogRecord) => void) | undefined;

  constructor(directory: string) {
    this.#commands = new LogTail(directory, COMMANDS, (record) => this.#onCommand?.(record));
    this.#application = new LogTail(directory, APPLICATION, (record) => this.#onApplication?.(record));
  }

  /** Goes to the present end of both logs. */
  async open(): Promise<void> {
    await this.#commands.read();
    await this.#application.read();
  }

  /**
   * Tells what is new of this life, until it has ended or another process has begun. Rejects with the signal's reason. Resolves
   * with whether it was seen to end.
   */
  async follow(
    id: string,
    life: CommandLife,
    followers: Followers,
    clock: Clock,
    signal: AbortSignal,
  ): Promise<boolean> {
    const shown = new Set([...life.steps, ...life.log].map(({ record }) => JSON.stringify(record)));
    const seen = {
      hasEnded: endOf(life) !== undefined,
      /** By a status behind the end: those before it (`device_ack`) are not the last. */
      isAnswered: false,
      isAbandoned: life.abandonedMs !== null,
    };
    this.#onCommand = (record) => {
      const found = commandRecord(record);
      if (found?.kind === 'began') seen.isAbandoned = true;
      if (found?.kind !== 'step' || found.step.id !== id || shown.has(JSON.stringify(record))) return;
      if (isEnd(found.step)) seen.hasEnded = true;
      if (found.step.kind === 'status') seen.isAnswered = seen.hasEnded;
      life.steps.push(found.step);
      followers.onStep(found.step);
    };
    this.#onApplication = (record) => {
      const line = applicationLine(record);
      if (line === undefined || !isAbout(life, line) || shown.has(JSON.stringify(record))) return;
      followers.onLog(line);
    };
    let endedAgoMs = 0;
    while (!seen.isAbandoned && !(seen.hasEnded && (seen.isAnswered || endedAgoMs >= ANSWER_MS))) {
      await clock.sleep(PERIOD_MS, signal);
      if (seen.hasEnded) endedAgoMs += PERIOD_MS;
      await this.#application.read();
      await this.#commands.read();
    }
    return seen.hasEnded;
  }

  async close(): Promise<void> {
    await this.#commands.close();
    await this.#application.close();
  }
}
