import type { FrameDrop } from '../core/frame-drop.js';
import type { LogLevel } from '../core/log-level.js';

/** A line of `commands.jsonl`; `ts` is added by the sink. */
export type CommandLogLine = Readonly<Record<string, unknown>>;

/** Lines that could not be written since the start, by file. */
export interface LogLosses {
  readonly application: number;
  readonly commands: number;
  readonly drops: number;
}

/** Where logs go: the seam that a host or a test replaces. No method throws, and none waits for the disk. */
export interface LogSink {
  /** Opens (or makes) the directory. A directory that cannot be used is retried; until then lines wait, within bounds. */
  open(directory: string): void;
  log(level: LogLevel, message: string, context?: Readonly<Record<string, unknown>>): void;
  setLevel(level: LogLevel): void;
  command(line: CommandLogLine): void;
  drop(drop: FrameDrop): void;
  losses(): LogLosses;
  /** Why lines wait at present instead of being written, as a sentence; `null` where none does. */
  failure?(): string | null;
  /** Writes what waits and closes the files, or gives up after `limitMs`. May be called twice; `open` may follow. */
  close(limitMs: number): Promise<void>;
}
