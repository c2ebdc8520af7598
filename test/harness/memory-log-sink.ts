import type { FrameDrop } from '../../src/core/frame-drop.js';
import type { LogLevel } from '../../src/core/log-level.js';
import type { CommandLogLine, LogLosses, LogSink } from '../../src/logging/log-sink.js';

export interface LoggedLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly context: Readonly<Record<string, unknown>>;
}

/** Logs that a test can read. Everything is kept, whatever the level. */
export class MemoryLogSink implements LogSink {
  readonly lines: LoggedLine[] = [];
  readonly commands: CommandLogLine[] = [];
  readonly drops: FrameDrop[] = [];
  /** Limits that `close` was called with, ms. */
  readonly closeLimits: number[] = [];
  /** What `close` waits for; a promise that never resolves is a disk that hangs. */
  closing: Promise<void> = Promise.resolve();
  lost: LogLosses = { application: 0, commands: 0, drops: 0 };
  /** Why lines would wait. */
  failing: string | null = null;
  directory: string | null = null;
  level: LogLevel = 'info';
  isOpen = false;

  open(directory: string): void {
    this.directory = directory;
    this.isOpen = true;
  }

  log(level: LogLevel, message: string, context: Readonly<Record<string, unknown>> = {}): void {
    this.lines.push({ level, message, context });
  }

  setLevel(level: LogLevel): void {
    this.level = level;
  }

  command(line: CommandLogLine): void {
    this.commands.push(line);
  }

  drop(drop: FrameDrop): void {
    this.drops.push(drop);
  }

  losses(): LogLosses {
    return this.lost;
  }

  failure(): string | null {
    return this.failing;
  }

  async close(limitMs: number): Promise<void> {
    this.closeLimits.push(limitMs);
    await this.closing;
    this.isOpen = false;
  }

  /** The life-cycle lines of a command, as the words of `commands.jsonl`: received, processing, completed or failed. */
  life(id: string): unknown[] {
    return this.commands.filter((line) => line['id'] === id && 'state' in line).map((line) => line['state']);
  }

  /** The lines with this message. */
  saying(message: string): LoggedLine[] {
    return this.lines.filter((line) => line.message === message);
  }
}
