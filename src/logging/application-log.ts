import { createRequire } from 'node:module';
import type { Logger } from 'pino';
import type { Clock } from '../core/clock.js';
import { LOG_LEVELS, type LogLevel } from '../core/log-level.js';
import { escapeInJson, jsonLine } from '../core/safe-text.js';
import { jsonWithin, toPlainRecord, type PlainRecord } from './plain-value.js';

/** Fields that pino writes itself. A second field of the same name would hide pino's from most readers. */
const OWN_FIELDS = new Set(['level', 'time', 'pid', 'msg']);
/** Number of entries that may wait for pino. Reaching it means a burst, and pino is loaded at once. */
const MAX_WAITING = 1_000;

interface Entry {
  readonly level: LogLevel;
  readonly wallMs: number;
  readonly message: string;
  readonly context: PlainRecord;
}

export interface ApplicationLogDependencies {
  readonly clock: Clock;
  readonly level: LogLevel;
  /** Length limit of a line, without its newline. */
  readonly maxLineBytes: number;
  /** Receives each line, without its newline. */
  readonly write: (line: string) => void;
  /** Receives the number of lines that could not be formatted. */
  readonly lose: (lines: number) => void;
}

/**
 * Formats the lines of `csicameras.log` with pino, in this thread (no transport, no process listeners). pino is
 * loaded in the turn after the first line, which waits for it, so its 22 ms of import do not delay the import of the
 * module.
 */
export class ApplicationLog {
  readonly #dependencies: ApplicationLogDependencies;
  #level: LogLevel;
  #logger: Logger | undefined;
  #isLoadPlanned = false;
  #waiting: Entry[] = [];
  #wallMs = 0;

  constructor(dependencies: ApplicationLogDependencies) {
    this.#dependencies = dependencies;
    this.#level = dependencies.level;
  }

  setLevel(level: LogLevel): void {
    this.#level = level;
  }

  log(level: LogLevel, message: string, context: Readonly<Record<string, unknown>> = {}): void {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(this.#level)) return;
    const entry = { level, wallMs: this.#dependencies.clock.wallMs(), message, context: toContext(context) };
    if (this.#logger !== undefined) {
      this.#write(this.#logger, entry);
      return;
    }
    this.#waiting.push(entry);
    if (this.#waiting.length >= MAX_WAITING) this.flush();
    if (this.#isLoadPlanned) return;
    this.#isLoadPlanned = true;
    setImmediate(() => {
      this.flush();
    });
  }

  /** Writes the lines that wait for pino, and loads pino if necessary. */
  flush(): void {
    const entries = this.#waiting.splice(0);
    if (entries.length === 0) return;
    try {
      this.#logger ??= this.#createLogger();
      for (const entry of entries) this.#write(this.#logger, entry);
    } catch {
      this.#dependencies.lose(entries.length); // the pino package is broken, so there is no log to report it in
    }
  }

  /** Formats a line as `log` does, but at once, whether pino is loaded or not. The queue uses it for its own lines. */
  static line(level: 'warn' | 'error', wallMs: number, message: string, context: PlainRecord): string {
    return jsonLine({
      level: level === 'warn' ? 40 : 50,
      time: Math.round(wallMs),
      pid: process.pid,
      ...context,
      msg: message,
    });
  }

  #createLogger(): Logger {
    const { pino } = createRequire(import.meta.url)('pino') as typeof import('pino');
    return pino(
      {
        level: 'debug', // our own level check runs first, before the context is walked
        base: { pid: process.pid },
        timestamp: () => `,"time":${Math.round(this.#wallMs)}`,
      },
      {
        write: (line: string) => {
          this.#dependencies.write(this.#fit(escapeInJson(line)));
        },
      },
    );
  }

  #write(logger: Logger, { level, wallMs, message, context }: Entry): void {
    this.#wallMs = wallMs;
    logger[level](context, message);
  }

  #fit(line: string): string {
    if (Buffer.byteLength(line) - 1 <= this.#dependencies.maxLineBytes) return line.trimEnd();
    const { level, time, pid, msg, ...context } = JSON.parse(line) as PlainRecord;
    return jsonWithin({ level, time, pid, msg, ...context } as PlainRecord, this.#dependencies.maxLineBytes);
  }
}

function toContext(context: Readonly<Record<string, unknown>>): PlainRecord {
  const plain = toPlainRecord(context);
  if (!Object.keys(plain).some((key) => OWN_FIELDS.has(key))) return plain;
  return Object.fromEntries(
    Object.entries(plain).map(([key, value]) => [OWN_FIELDS.has(key) ? `${key}_` : key, value]),
  );
}
