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
import { ended, opened, written, type RotatingStreamFactory } from './rotating-stream.js';
import type { Turn } from './turn.js';

/** Logs hold what hosts send (names of people and of folders): only their owner reads them. */
const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;

const RETRY_MS = 1_000;
/** A file that was deleted, or moved away, is there again at the second attempt; only what fails twice must wait. */
const IMMEDIATE_ATTEMPTS = 2;

export interface RotatedFileSettings {
  readonly directory: string;
  readonly name: string;
  /** No file gets longer, bytes. */
  readonly maxBytes: number;
  /** Kept as NAME.1 (the newest) to NAME.N; at least 1. */
  readonly backups: number;
  /** Size of the queue's blocks, the largest single write, bytes. */
  readonly blockBytes: number;
  readonly queue: LineQueue;
  readonly clock: Clock;
  readonly files: FileSystem;
  readonly turn: Turn;
  readonly createStream: RotatingStreamFactory;
  /** Told when writing fails, works again, and when half a line was cut off; each at most once a minute. */
  readonly report: Log;
}

interface OpenFile {
  readonly stream: Writable;
  place: FilePlace;
}

/** A block that was handed to the stream and not yet found in the file. */
interface UnprovenBlock {
  readonly before: FilePlace;
  readonly length: number;
}

/**
 * Empties a queue into a file that `rotating-file-stream` rotates, and makes the promises that the library does not:
 * no file beyond its maximum, no line split or lost by a rotation, a restart or a failure.
 *
 * 1. The library rotates after the write that reaches its `size`: it gets the maximum less the largest write.
 * 2. One block of whole lines is in flight. It counts as written only when the file, found by its name, has the inode
 *    and the length that it must have: a short write (full disk) and an unlinked file both look like success.
 * 3. After anything else the stream is given up. The next attempt looks where the block went: in the file or in the newest
 *    backup, whole (then it is written) or in part (then it is cut off and written again).
 * 4. Before every opening half a line is cut off the end, a file that is too long already is split, and holes in the row of
 *    backups are closed.
 *
 * One of these serves one opening of the log; the queue outlives it.
 */
export class RotatedFile {
  readonly #settings: RotatedFileSettings;
  readonly #path: string;
  readonly #rotateAtBytes: number;
  readonly #trouble: LogTrouble;
  #running: Promise<void> | undefined;
  #file: OpenFile | undefined;
  #unproven: UnprovenBlock | undefined;
  #isClosing = false;
  #isDrained = false;
  /** Gave up waiting: what a hanging disk answers later changes nothing, the queue may have another owner. */
  #isAbandoned = false;
  #onLine: (() => void) | undefined;
  #onClose: (() => void) | undefined;

  constructor(settings: RotatedFileSettings) {
    this.#settings = settings;
    this.#path = join(settings.directory, settings.name);
    this.#rotateAtBytes = settings.maxBytes - settings.blockBytes;
    this.#trouble = new LogTrouble(this.#path, IMMEDIATE_ATTEMPTS, settings.clock, settings.report);
  }

  /** Why its lines wait at present; `null` where they are written. */
  get failure(): string | null {
    return this.#trouble.reason;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** There are lines in the queue. */
  wake(): void {
    this.#onLine?.();
  }

  /** Writes what waits and closes the file; after `limitMs`, or when the disk refuses, counts it as lost. */
  async close(limitMs: number): Promise<void> {
    this.#isClosing = true;
    this.#running ??= this.#run(); // opened and closed in one breath: the lines in between are written all the same
    this.#onLine?.();
    this.#onClose?.();
    await within(this.#settings.clock, limitMs, this.#running);
    if (this.#isAbandoned) return;
    this.#isAbandoned = true;
    if (!this.#isDrained) this.#settings.queue.discard();
  }

  async #run(): Promise<void> {
    while (!this.#isAbandoned) {
      const succeeded = await this.#settings.turn.take(() => this.#attempt());
      if (this.#isAbandoned) break;
      if (!succeeded && this.#trouble.failures >= IMMEDIATE_ATTEMPTS) {
        if (this.#isClosing) break;
        await this.#pause();
        continue;
      }
      if (!succeeded || this.#settings.queue.peek() !== undefined) continue;
      this.#isDrained = this.#isClosing;
      if (this.#isClosing) break;
      await this.#nextLine();
    }
    await this.#settings.turn.take(() => this.#giveUpStream());
  }

  /** Opens the file where it is not, and writes one block where there is one. */
  async #attempt(): Promise<boolean> {
    try {
      if (this.#isAbandoned) return false;
      const block = this.#settings.queue.peek();
      if (this.#unproven !== undefined && (await this.#isOnDisk(this.#unproven))) {
        if (!this.#isAbandoned) this.#settings.queue.confirm();
      } else {
        this.#unproven = undefined; // cut off where it was there in part: from here on it is a new block
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
    const { files, directory, name, maxBytes, backups, createStream } = this.#settings;
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
      await opened(stream);
    } catch (thrown) {
      await ended(stream);
      throw thrown;
    }
    stream.on('error', ignore); // every failure reaches the callback of a write
    const file = { stream, place: { inode: 0n, size: 0 } };
    this.#file = file;
    file.place = await this.#present();
    if (cutBytes > 0) this.#trouble.tell('warn', 'Half a line was cut off the end of a log.', { bytes: cutBytes });
    return file;
  }

  async #write(file: OpenFile, block: Buffer): Promise<void> {
    this.#unproven = { before: file.place, length: block.length };
    await written(file.stream, block);
    await this.#prove(file, this.#unproven);
    if (!this.#isAbandoned) this.#settings.queue.confirm();
  }

  /** Throws when the block is not provably in the file, or in the backup that the file just became. */
  async #prove(file: OpenFile, { before, length }: UnprovenBlock): Promise<void> {
    const end = before.size + length;
    file.place = await this.#present();
    const holder = end < this.#rotateAtBytes ? file.place : await placeOf(this.#settings.files, `${this.#path}.1`);
    const found = holder?.inode === before.inode ? holder.size : 0;
    if (found < end) {
      throw new CsiCamerasError(
        'io_error',
        'A log file does not hold what was written to it: the disk is full, or the file was replaced.',
        { operation: 'write', path: this.#path, expectedBytes: end, foundBytes: found },
      );
    }
    // Somebody else appends to it: the stream's own count, by which it rotates, is wrong from now on.
    if (found > end) await this.#giveUpStream();
  }

  /** Whether the block arrived after all. What arrived of it in part is cut off. */
  async #isOnDisk({ before, length }: UnprovenBlock): Promise<boolean> {
    const { files } = this.#settings;
    for (const path of [this.#path, `${this.#path}.1`]) {
      const place = await placeOf(files, path);
      if (place?.inode !== before.inode) continue;
      if (place.size >= before.size + length) return true;
      if (place.size > before.size) await truncateTo(files, path, before.size);
    }
    return false;
  }

  async #present(): Promise<FilePlace> {
    const place = await placeOf(this.#settings.files, this.#path);
    if (place !== undefined) return place;
    throw new CsiCamerasError('io_error', 'A log file was removed while it was written.', {
      operation: 'stat',
      path: this.#path,
      errno: 'ENOENT',
    });
  }

  async #giveUpStream(): Promise<void> {
    const stream = this.#file?.stream;
    this.#file = undefined;
    if (stream !== undefined) await ended(stream);
  }

  /** Until the time for the next attempt has come, or the log is to be closed. */
  async #pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#settings.clock.after(RETRY_MS, resolve);
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
  // see where it is used
}
