import type { Clock } from '../core/clock.js';
import { realFileSystem, type FileSystem } from '../core/file-system.js';
import type { FrameDrop } from '../core/frame-drop.js';
import type { LogLevel } from '../core/log-level.js';
import { ApplicationLog } from './application-log.js';
import { commandLine, logTime } from './command-log.js';
import { FrameDropLog } from './frame-drop-log.js';
import { LineQueue, type LineGap } from './line-queue.js';
import type { CommandLogLine, LogLosses, LogSink } from './log-sink.js';
import { RotatedFile } from './rotated-file.js';
import { createRotatingStream, type RotatingStreamFactory } from './rotating-stream.js';
import { Turn } from './turn.js';

const MEBIBYTE = 1024 * 1024;
/** Memory for waiting lines, per file. */
const QUEUE_BYTES = 8 * MEBIBYTE;
/** The largest single write, and the longest line with its newline. */
const BLOCK_BYTES = 64 * 1024;
/** Room for four of the shortest lines that can say that they were cut or that lines are missing. */
const MIN_FILE_BYTES = 4 * 1024;
/** Time limit for closing the files of an earlier opening that was never closed. */
const REOPEN_LIMIT_MS = 1_000;

export interface LogBounds {
  /** Maximum size of a file, bytes; at least 4096. */
  readonly maxBytes: number;
  /** Number of full files kept besides the current one; at least 1. */
  readonly backups: number;
}

/** The log files by name, with the bounds from the hardening spec. */
export const LOG_BOUNDS = {
  'csicameras.log': { maxBytes: 10 * MEBIBYTE, backups: 5 },
  'commands.jsonl': { maxBytes: 5 * MEBIBYTE, backups: 3 },
  'frame_drops.jsonl': { maxBytes: 5 * MEBIBYTE, backups: 3 },
} as const satisfies Record<string, LogBounds>;

export type LogFileName = keyof typeof LOG_BOUNDS;

export interface RotatingLogSinkDependencies {
  readonly clock: Clock;
  /** Default: `info`. */
  readonly level?: LogLevel;
  /** Also receives each line of csicameras.log, without its newline, for a console. Anything it throws is ignored. */
  readonly echo?: (line: string) => void;
  /** Bounds that replace the specified ones. */
  readonly bounds?: Partial<Readonly<Record<LogFileName, LogBounds>>>;
  /** Memory for waiting lines, per file, bytes. */
  readonly queueBytes?: number;
  readonly files?: FileSystem;
  readonly createStream?: RotatingStreamFactory;
}

interface LogFile {
  readonly name: LogFileName;
  readonly bounds: LogBounds;
  readonly blockBytes: number;
  readonly queue: LineQueue;
}

/**
 * Writes the three logs into one directory and rotates them. Every method returns at once. A disk that is full, gone
 * or stuck costs only log lines. Lost lines are counted (`losses`), and a line in the file marks where they are
 * missing. Lines may be logged before `open` and after `close`; a bounded queue keeps them for the next opening.
 */
export class RotatingLogSink implements LogSink {
  readonly #dependencies: RotatingLogSinkDependencies;
  readonly #application: LogFile;
  readonly #commands: LogFile;
  readonly #drops: LogFile;
  readonly #applicationLog: ApplicationLog;
  readonly #frameDropLog: FrameDropLog;
  #opening: { readonly directory: string; readonly files: Map<LogFileName, RotatedFile> } | undefined;
  #closing: Promise<void> = Promise.resolve();

  constructor(dependencies: RotatingLogSinkDependencies) {
    this.#dependencies = dependencies;
    this.#application = this.#logFile('csicameras.log', (gap) =>
      ApplicationLog.line('error', dependencies.clock.wallMs(), 'Log lines were lost here.', {
        lines: gap.lines,
        since: Math.round(gap.sinceMs),
      }),
    );
    const gapLine = ({ lines, sinceMs }: LineGap): string =>
      `{"ts":${logTime(dependencies.clock.wallMs())},"event":"lines_lost","lines":${lines},"since":${logTime(sinceMs)}}`;
    this.#commands = this.#logFile('commands.jsonl', gapLine);
    this.#drops = this.#logFile('frame_drops.jsonl', gapLine);
    this.#applicationLog = new ApplicationLog({
      clock: dependencies.clock,
      level: dependencies.level ?? 'info',
      maxLineBytes: this.#application.queue.maxLineBytes,
      write: (line) => {
        this.#append(this.#application, line);
        this.#echo(line);
      },
      lose: (lines) => {
        this.#application.queue.lose(lines);
      },
    });
    this.#frameDropLog = new FrameDropLog(dependencies.clock, (line) => {
      this.#append(this.#drops, line);
    });
  }

  open(directory: string): void {
    if (this.#opening?.directory === directory) return;
    if (this.#opening !== undefined) void this.close(REOPEN_LIMIT_MS);
    const turn = new Turn();
    const files = new Map<LogFileName, RotatedFile>();
    for (const file of [this.#application, this.#commands, this.#drops]) {
      files.set(file.name, this.#rotatedFile(file, directory, turn));
    }
    const opening = { directory, files };
    this.#opening = opening;
    // Starting waits until the previous files released the queues. It also stays out of the module's start: importing
    // and opening take some 30 ms.
    const start = (): void => {
      for (const file of files.values()) file.start();
    };
    void this.#closing.then(() => setImmediate(start));
  }

  log(level: LogLevel, message: string, context?: Readonly<Record<string, unknown>>): void {
    try {
      this.#applicationLog.log(level, message, context);
    } catch {
      this.#application.queue.lose(1);
    }
  }

  setLevel(level: LogLevel): void {
    this.#applicationLog.setLevel(level);
  }

  command(line: CommandLogLine): void {
    const { queue } = this.#commands;
    try {
      this.#append(this.#commands, commandLine(line, this.#dependencies.clock.wallMs(), queue.maxLineBytes));
    } catch {
      queue.lose(1);
    }
  }

  drop(drop: FrameDrop): void {
    try {
      this.#frameDropLog.add(drop);
    } catch {
      this.#drops.queue.lose(1);
    }
  }

  losses(): LogLosses {
    return {
      application: this.#application.queue.lost,
      commands: this.#commands.queue.lost,
      drops: this.#drops.queue.lost,
    };
  }

  failure(): string | null {
    for (const file of this.#opening?.files.values() ?? []) if (file.failure !== null) return file.failure;
    return null;
  }

  async close(limitMs: number): Promise<void> {
    const opening = this.#opening;
    this.#opening = undefined;
    if (opening !== undefined) this.#closing = this.#closing.then(() => this.#close(opening.files, limitMs));
    await this.#closing;
  }

  /** Closes csicameras.log last, because it receives the messages about closing the others. */
  async #close(files: Map<LogFileName, RotatedFile>, limitMs: number): Promise<void> {
    const { clock } = this.#dependencies;
    const startedNs = clock.monotonicNs();
    this.#frameDropLog.flush();
    await Promise.all([files.get('commands.jsonl')?.close(limitMs), files.get('frame_drops.jsonl')?.close(limitMs)]);
    this.#applicationLog.flush();
    const elapsedMs = Number(clock.monotonicNs() - startedNs) / 1e6;
    await files.get('csicameras.log')?.close(Math.max(0, limitMs - elapsedMs));
  }

  #append(file: LogFile, line: string): void {
    file.queue.push(line);
    this.#opening?.files.get(file.name)?.wake();
  }

  #echo(line: string): void {
    try {
      this.#dependencies.echo?.(line);
    } catch {
      // A missing console loses nothing: the line is in the file.
    }
  }

  #logFile(name: LogFileName, gapLine: (gap: LineGap) => string): LogFile {
    const bounds = this.#dependencies.bounds?.[name] ?? LOG_BOUNDS[name];
    if (bounds.maxBytes < MIN_FILE_BYTES) throw new RangeError(`${name}: maxBytes must be at least ${MIN_FILE_BYTES}.`);
    const blockBytes = Math.min(BLOCK_BYTES, Math.floor(bounds.maxBytes / 4));
    const maxBytes = this.#dependencies.queueBytes ?? QUEUE_BYTES;
    const queue = new LineQueue({ clock: this.#dependencies.clock, blockBytes, maxBytes, gapLine });
    return { name, bounds, blockBytes, queue };
  }

  #rotatedFile(file: LogFile, directory: string, turn: Turn): RotatedFile {
    return new RotatedFile({
      directory,
      name: file.name,
      ...file.bounds,
      blockBytes: file.blockBytes,
      queue: file.queue,
      clock: this.#dependencies.clock,
      files: this.#dependencies.files ?? realFileSystem,
      turn,
      createStream: this.#dependencies.createStream ?? createRotatingStream,
      log: (level, message, context) => {
        this.log(level, message, context);
      },
    });
  }
}
