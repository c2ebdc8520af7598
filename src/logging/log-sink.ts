import type { FrameDrop } from '../core/frame-drop.js';
import type { LogLevel } from '../core/log-level.js';

/** One line of `commands.jsonl`. The sink adds `ts`. */
export type CommandLogLine = Readonly<Record<string, unknown>>;

/** Number of lines that could not be written since the start, by file. */
export interface LogLosses {
  readonly application: number;
  readonly commands: number;
  readonly drops: number;
}

/** The destination of all logs; a host or a test may replace it. No method throws, and none waits for the disk. */
export interface LogSink {
  /**
   * Opens the directory, and creates it if missing. If it cannot be used, opening is retried; meanwhile lines wait in
   * a bounded queue.
   */
  open(directory: string): void;
  log(level: LogLevel, message: string, context?: Readonly<Record<string, unknown>>): void;
  setLevel(level: LogLevel): void;
  command(line: CommandLogLine): void;
  drop(drop: FrameDrop): void;
  losses(): LogLosses;
  /** Why lines currently wait instead of being written, as a sentence; `null` if none waits. */
  failure?(): string | null;
  /**
   * Writes the waiting lines and closes the files, or gives up after `limitMs`. May be called twice; `open` may
   * follow.
   */
  close(limitMs: number): Promise<void>;
}
