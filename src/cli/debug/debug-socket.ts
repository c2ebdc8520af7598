import { createServer, type Server, type Socket } from 'node:net';
import { systemClock, type Clock } from '../../core/clock.js';
import { messageOf } from '../../core/errors.js';
import { jsonLine } from '../../core/safe-text.js';
import { TIMED_OUT, within } from '../../core/within.js';
import type { ReceivedCommand } from '../../module/commands/command-life.js';
import type { StatusMessage } from '../../protocol/statuses.js';
import { listenAt } from './socket-place.js';

/** Most bytes that wait for a reader, besides one line. A reader that leaves more waiting is dropped. */
const MAX_WAITING_BYTES = 1024 * 1024;
/** Most readers at once: each takes a descriptor, of which recordings need some too. */
const MAX_READERS = 64;
/** Longest wait for the file system: the module must start without it. */
const OPEN_LIMIT_MS = 1000;

/**
 * Mirrors commands and statuses to whoever connects to a Unix socket, as lines of JSON with the words of `commands.jsonl`. Nothing
 * depends on its readers: what they send is never read, and who reads too slowly is dropped.
 */
export class DebugSocket {
  readonly #server: Server;
  readonly #readers = new Set<Socket>();
  #removeFromPlace: () => Promise<void> = () => Promise.resolve();
  #isEnding = false;

  constructor(
    private readonly path: string,
    private readonly clock: Clock = systemClock,
  ) {
    // Not reading makes a reader that sends wait by itself. That it left is noticed by the next write.
    this.#server = createServer({ pauseOnConnect: true }, (reader) => {
      this.#welcome(reader);
    });
    this.#server.maxConnections = MAX_READERS;
    // Such as a lack of descriptors while accepting. The reader may come again, and recordings tell of it themselves.
    this.#server.on('error', () => {});
    this.#server.unref();
  }

  /** Resolves with `null`, or with a sentence that says why nothing is mirrored. Never rejects. */
  async open(): Promise<string | null> {
    try {
      const outcome = await within(this.clock, OPEN_LIMIT_MS, this.#listen());
      if (outcome !== TIMED_OUT) return null;
      await this.end(0);
      return `--debug-socket ${this.path} is ignored: its file system did not answer.`;
    } catch (thrown) {
      this.#server.close();
      return `--debug-socket ${this.path} is ignored: ${messageOf(thrown)}`;
    }
  }

  async #listen(): Promise<void> {
    const removeFromPlace = await listenAt(this.#server, this.path);
    // Too late: the module has started without it.
    if (this.#isEnding) {
      this.#server.close();
      await removeFromPlace();
    } else this.#removeFromPlace = removeFromPlace;
  }

  command({ id, cmd, payload }: ReceivedCommand): void {
    this.#tell({ dir: 'in', cmd, id, payload });
  }

  status({ status, in_reply_to: replyTo, data }: StatusMessage): void {
    this.#tell({ dir: 'out', status, ...(replyTo === undefined ? {} : { reply_to: replyTo }), payload: data });
  }

  /** How many are connected. */
  get readers(): number {
    return this.#readers.size;
  }

  /** Ends: readers have so long to take what waits for them. May be called twice. */
  async end(limitMs: number): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#server.close();
    const allTaken = Promise.all(
      [...this.#readers].map(async (reader) => {
        const isTaken = new Promise<void>((resolve) => reader.once('finish', resolve).once('close', resolve));
        reader.end();
        await isTaken;
      }),
    );
    await this.#removeFromPlace().catch(() => {}); // the folder is gone or read-only: a stale socket is replaced at the next start
    await within(this.clock, limitMs, allTaken);
    for (const reader of this.#readers) reader.destroy();
  }

  #welcome(reader: Socket): void {
    reader.unref();
    this.#readers.add(reader);
    reader.on('error', () => {}); // it left: `close` follows
    reader.once('close', () => {
      this.#readers.delete(reader);
    });
  }

  #tell(line: object): void {
    if (this.#readers.size === 0 || this.#isEnding) return;
    const bytes = Buffer.from(`${jsonLine({ ts: this.clock.wallMs() / 1000, ...line })}\n`);
    for (const reader of this.#readers) {
      if (reader.writableLength > MAX_WAITING_BYTES) reader.destroy();
      else reader.write(bytes);
    }
  }
}
