import { createRequire } from 'node:module';
import type { Logger } from 'pino';
import type { Clock } from '../core/clock.js';
import { LOG_LEVELS, type LogLevel } from '../core/log-level.js';
import { escapeInJson, jsonLine } from '../core/safe-text.js';
import { jsonWithin, toPlainRecord, type PlainRecord } from './plain-value.js';

/** Fields that pino writes itself: a second one of the same name would hide it from most readers. */
const OWN_FIELDS = new Set(['level', 'time', 'pid', 'msg']);
/** Entries that wait for pino; with so many a burst has begun, and it is loaded at once. */
const MAX_WAITING = 1_000;

interface Entry {
  readonly level: LogLevel;
  readonly wallMs: number;
  readonly message: string;
  readonly context: PlainRecord;
}

export interface ApplicationLogSettings {
  readonly clock: Clock;
  readonly level: LogLevel;
  /** Of a line without its newline. */
  readonly maxLineBytes: number;
  /** Takes a line without its newline. */
  readonly write: (line: string) => void;
  /** Told of lines that could not be made. */
  readonly lose: (lines: number) => void;
}

/**
 * Lines of `csicameras.log`, made by pino in this thread (no transport, no process listeners). pino is loaded in the turn after
 * the first line, which waits for it: its 22 ms of import are not part of the import of the module.
 */
export class ApplicationLog {
  readonly #settings: ApplicationLogSettings;
  #level: LogLevel;
  #logger: Logger | undefined;
  #isLoadPlanned = false;
  #waiting: Entry[] = [];
  #wallMs = 0;

  constructor(settings: ApplicationLogSettings) {
    this.#settings = settings;
    this.#level = settings.level;
  }

  setLevel(level: LogLevel): void {
    this.#level = level;
  }

  log(level: LogLevel, message: string, context: Readonly<Record<string, unknown>> = {}): void {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(this.#level)) return;
    const entry = { level, wallMs: this.#settings.clock.wallMs(), message, context: toContext(context) };
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

  /** Writes the lines that wait for pino, loading it. */
  flush(): void {
    const entries = this.#waiting.splice(0);
    if (entries.length === 0) return;
    try {
      this.#logger ??= this.#createLogger();
      for (const entry of entries) this.#write(this.#logger, entry);
    } catch {
      this.#settings.lose(entries.length); // the package is broken: there is no log to tell it in
    }
  }

  /** A line as `log` writes it, for the queue itself: at once, whether pino is there or not. */
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
        level: 'debug', // ours decides, before the context is walked
        base: { pid: process.pid },
        timestamp: () => `,"time":${Math.round(this.#wallMs)}`,
      },
      {
        write: (line: string) => {
          this.#settings.write(this.#fit(escapeInJson(line)));
        },
      },
    );
  }

  #write(logger: Logger, { level, wallMs, message, context }: Entry): void {
    this.#wallMs = wallMs;
    logger[level](context, message);
  }

  #fit(line: string): string {
    if (Buffer.byteLength(line) - 1 <= this.#settings.maxLineBytes) return line.trimEnd();
    const { level, time, pid, msg, ...context } = JSON.parse(line) as PlainRecord;
    return jsonWithin({ level, time, pid, msg, ...context } as PlainRecord, this.#settings.maxLineBytes);
  }
}

function toContext(context: Readonly<Record<string, unknown>>): PlainRecord {
  const plain = toPlainRecord(context);
  if (!Object.keys(plain).some((key) => OWN_FIELDS.has(key))) return plain;
  return Object.fromEntries(
    Object.entries(plain).map(([key, value]) => [OWN_FIELDS.has(key) ? `${key}_` : key, value]),
  );
}
