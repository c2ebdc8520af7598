import { LogLines, readOn, type LogRecord } from './log-lines.js';
import { openLogs, type OpenLog } from './log-files.js';

/** The new lines of a log, through rotations. Each `read` tells those since the one before. */
export class LogTail {
  #log: OpenLog | undefined;
  #position = 0;
  /** Inodes at the last look. */
  #seen: ReadonlySet<bigint> = new Set();
  #lines: LogLines;

  constructor(
    private readonly directory: string,
    private readonly name: string,
    private readonly onRecord: (record: LogRecord) => void,
  ) {
    this.#lines = new LogLines(onRecord);
  }

  /** Lines that were passed over. */
  get badLines(): number {
    return this.#lines.bad;
  }

  async read(): Promise<void> {
    const logs = await openLogs(this.directory, this.name).catch(() => []); // the folder was moved: it may come back
    const at = logs.findIndex(({ inode }) => inode === this.#log?.inode);
    // What is held open keeps its inode to itself. Where somebody removed it, only what was not there before is new.
    const newer =
      this.#log !== undefined && at === -1 ? logs.filter((log) => !this.#seen.has(log.inode)) : logs.slice(at + 1);
    this.#seen = new Set(logs.map(({ inode }) => inode));
    // The file that was read so far, to its end, whatever it is called now.
    if (this.#log !== undefined) await this.#readFile(this.#log);
    for (const log of newer) {
      this.#lines.end(); // no line goes over two files
      const { bad } = this.#lines;
      await this.#log?.file.close();
      this.#log = log;
      this.#position = 0;
      this.#lines = new LogLines(this.onRecord);
      this.#lines.bad = bad;
      await this.#readFile(log);
    }
    for (const log of logs) if (log !== this.#log) await log.file.close();
  }

  async close(): Promise<void> {
    await this.#log?.file.close();
    this.#log = undefined;
  }

  async #readFile({ file }: OpenLog): Promise<void> {
    this.#position = await readOn(file, this.#position, this.#lines);
  }
}
