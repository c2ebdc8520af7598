import { join } from 'node:path';
import type { Writable } from 'node:stream';
import type { Clock } from '../core/clock.js';
import { CsiCamerasError } from '../core/errors.js';
import type { FileSystem } from '../core/file-system.js';
import type { Log } from '../core/log-level.js';
import { makeFolders } from '../core/make-folders.js';
import { within } from '../core/within.js';
import type { LineQueue } from './line-queue.js';
import { closeBackupGaps, cutTornTail, placeOf, truncateTo, type FilePlace } from './log-repair.js';
import { LogTrouble } from './log-trouble.js';
import { splitOversized } from './oversized-file.js';
import { endStream, whenOpen, writeTo, type RotatingStreamFactory } from './rotating-stream.js';
import type { Turn } from './turn.js';

/** Logs contain host data (names of people and of folders), so only their owner may read them. */
const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;

const RETRY_MS = 1_000;
/** A file that was deleted or moved away exists again at the second attempt. Lines wait only after two failures. */
const IMMEDIATE_ATTEMPTS = 2;

export interface RotatedFileDependencies {
  readonly directory: string;
  readonly name: string;
  /** Maximum size of a file, bytes. */
  readonly maxBytes: number;
  /** Number of backups: NAME.1 (the newest) to NAME.N; at least 1. */
  readonly backups: number;
  /** Size of the queue's blocks, and so of the largest single write, bytes. */
  readonly blockBytes: number;
  readonly queue: LineQueue;
  readonly clock: Clock;
  readonly files: FileSystem;
  readonly turn: Turn;
  readonly createStream: RotatingStreamFactory;
  /**
   * Receives a message when writing fails, when it works again, and when an incomplete line was cut off; each at most
   * once a minute.
   */
  readonly log: Log;
}

interface OpenFile {
  readonly stream: Writable;
  place: FilePlace;
}

/** A block that was given to the stream but not yet found in the file. */
interface UnprovenBlock {
  readonly before: FilePlace;
  readonly length: number;
}

/**
 * Empties a queue into a file that `rotating-file-stream` rotates. It keeps promises that the library does not: no
 * file exceeds its maximum, and no line is split or lost by a rotation, a restart or a failure.
 *
 * 1. The library rotates after the write that reaches its `size`, so `size` is set to the maximum minus the largest
 *    write.
 * 2. One block of whole lines is in flight. It counts as written only when the file, looked up by name, has the
 *    expected inode and length: a short write (full disk) and an unlinked file both look like success.
 * 3. After any other result the stream is given up. The next attempt looks for the block in the file and in the
 *    newest backup. A complete block counts as written; an incomplete one is cut off and written again.
 * 4. Before every opening an incomplete last line is cut off, a file that is already too long is split, and gaps in
 *    the row of backups are closed.
 *
 * One instance serves one opening of the log; the queue outlives it.
 */
export class RotatedFile {
  readonly #dependencies: RotatedFileDependencies;
  readonly #path: string;
  readonly #rotateAtBytes: number;
  readonly #trouble: LogTrouble;
  #emptying: Promise<void> | undefined;
  #file: OpenFile | undefined;
  #unproven: UnprovenBlock | undefined;
  #isClosing = false;
  #isDrained = false;
  /**
   * Closing gave up waiting. Later answers of a hanging disk change nothing, because the queue may have another
   * owner.
   */
  #isAbandoned = false;
  #onLine: (() => void) | undefined;
  #onClose: (() => void) | undefined;

  constructor(dependencies: RotatedFileDependencies) {
    this.#dependencies = dependencies;
    this.#path = join(dependencies.directory, dependencies.name);
    this.#rotateAtBytes = dependencies.maxBytes - dependencies.blockBytes;
    this.#trouble = new LogTrouble(this.#path, IMMEDIATE_ATTEMPTS, dependencies.clock, dependencies.log);
  }

  /** Why lines currently wait; `null` while they are written. */
  get failure(): string | null {
    return this.#trouble.reason;
  }

  start(): void {
    this.#emptying ??= this.#empty();
  }

  /** Tells the file that there are lines in the queue. */
  wake(): void {
    this.#onLine?.();
  }

  /**
   * Writes the waiting lines and closes the file. After `limitMs`, or if the disk refuses, the rest is counted as
   * lost.
   */
  async close(limitMs: number): Promise<void> {
    this.#isClosing = true;
    this.#emptying ??= this.#empty(); // if `close` directly follows `open`, the lines in between are still written
    this.#onLine?.();
    this.#onClose?.();
    await within(this.#dependencies.clock, limitMs, this.#emptying);
    if (this.#isAbandoned) return;
    this.#isAbandoned = true;
    if (!this.#isDrained) this.#dependencies.queue.discard();
  }

  async #empty(): Promise<void> {
    while (!this.#isAbandoned) {
      const succeeded = await this.#dependencies.turn.claim(() => this.#attempt());
      if (this.#isAbandoned) break;
      if (!succeeded && this.#trouble.failures >= IMMEDIATE_ATTEMPTS) {
        if (this.#isClosing) break;
        await this.#pause();
        continue;
      }
      if (!succeeded || this.#dependencies.queue.peek() !== undefined) continue;
      this.#isDrained = this.#isClosing;
      if (this.#isClosing) break;
      await this.#nextLine();
    }
    await this.#dependencies.turn.claim(() => this.#giveUpStream());
  }

  /** Opens the file unless it is open, and writes one block if there is one. Returns whether that succeeded. */
  async #attempt(): Promise<boolean> {
    try {
      if (this.#isAbandoned) return false;
      const block = this.#dependencies.queue.peek();
      if (this.#unproven !== undefined && (await this.#isOnDisk(this.#unproven))) {
        if (!this.#isAbandoned) this.#dependencies.queue.confirm();
      } else {
        this.#unproven = undefined; // any partly written bytes were cut off, so the block counts as new
        this.#file ??= await this.#open();
        if (block !== undefined && !this.#isAbandoned) await this.#write(this.#file, block);
      }
      this.#unproven = undefined;
      this.#trouble.succeeded();
      return true;
    } catch (thrown) {
      this.#trouble.failed(thrown);
      await this.#giveUpStream();
      return false;
    }
  }

  async #open(): Promise<OpenFile> {
    const { files, directory, name, maxBytes, backups, createStream } = this.#dependencies;
    await makeFolders(files, directory, DIRECTORY_MODE);
    await closeBackupGaps(files, this.#path, backups);
    const cutBytes = await cutTornTail(files, this.#path);
    await splitOversized(files, this.#path, maxBytes, backups, FILE_MODE);
    const stream = await createStream(name, {
      path: directory,
      size: this.#rotateAtBytes,
      rotate: backups,
      mode: FILE_MODE,
    });
    try {
      await whenOpen(stream);
    } catch (thrown) {
      await endStream(stream);
      throw thrown;
    }
    stream.on('error', ignore); // the callback of each write receives every failure
    const file = { stream, place: { inode: 0n, size: 0 } };
    this.#file = file;
    file.place = await this.#present();
    if (cutBytes > 0) this.#trouble.tell('warn', 'An incomplete last line was cut off a log.', { bytes: cutBytes });
    return file;
  }

  async #write(file: OpenFile, block: Buffer): Promise<void> {
    this.#unproven = { before: file.place, length: block.length };
    await writeTo(file.stream, block);
    await this.#prove(file, this.#unproven);
    if (!this.#isAbandoned) this.#dependencies.queue.confirm();
  }

  /** Throws unless the block is provably in the file, or in the backup that the file just became. */
  async #prove(file: OpenFile, { before, length }: UnprovenBlock): Promise<void> {
    const end = before.size + length;
    file.place = await this.#present();
    const holder = end < this.#rotateAtBytes ? file.place : await placeOf(this.#dependencies.files, `${this.#path}.1`);
    const found = holder?.inode === before.inode ? holder.size : 0;
    if (found < end) {
      throw new CsiCamerasError(
        'io_error',
        'A log file does not contain the last write. The disk is full, or the file was replaced.',
        { operation: 'write', path: this.#path, expectedBytes: end, foundBytes: found },
      );
    }
    // Another program appends to the file, so the stream's own byte count, which triggers the rotation, is now wrong.
    if (found > end) await this.#giveUpStream();
  }

  /** Whether the block is on disk after all. A partly written block is cut off. */
  async #isOnDisk({ before, length }: UnprovenBlock): Promise<boolean> {
    const { files } = this.#dependencies;
    for (const path of [this.#path, `${this.#path}.1`]) {
      const place = await placeOf(files, path);
      if (place?.inode !== before.inode) continue;
      if (place.size >= before.size + length) return true;
      if (place.size > before.size) await truncateTo(files, path, before.size);
    }
    return false;
  }

  async #present(): Promise<FilePlace> {
    const place = await placeOf(this.#dependencies.files, this.#path);
    if (place !== undefined) return place;
    throw new CsiCamerasError('io_error', 'A log file was removed while it was being written.', {
      operation: 'stat',
      path: this.#path,
      errno: 'ENOENT',
    });
  }

  async #giveUpStream(): Promise<void> {
    const stream = this.#file?.stream;
    this.#file = undefined;
    if (stream !== undefined) await endStream(stream);
  }

  /** Waits until the next attempt is due or the log is closed. */
  async #pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#dependencies.clock.after(RETRY_MS, resolve);
      this.#onClose = () => {
        cancel();
        resolve();
      };
    });
    this.#onClose = undefined;
  }

  async #nextLine(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#onLine = resolve;
    });
    this.#onLine = undefined;
  }
}

function ignore(): void {
  // the reason is given where this is used
}
