import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterReads } from '../../core/after-reads.js';
import type { Clock } from '../../core/clock.js';
import type { PreviewAnswer, PreviewPicture, PreviewState, PreviewWant } from '../../core/preview-words.js';
import type { Picture } from './picture.js';
import { SharedPicture } from './shared-picture.js';

/** Up to this age the picture for one viewer is given to another at once, ms. */
const FRESH_MS = 200;
/** Time before a closed port is replaced, so that a camera which closes every port costs no busy loop, ms. */
const RECONNECT_MS = 250;
/** Buffers that slow viewers may hold of one camera besides the newest one. Above that, nobody gets a new picture. */
const MOST_LENT_BYTES = 8 * 1024 * 1024;
const NS_PER_MS = 1_000_000n;

interface Viewer {
  /** The picture that it has. */
  readonly after: number;
  readonly answer: (picture: Picture) => void;
}

/**
 * One camera's pictures for all its viewers. However many they are, one `want` is outstanding, and they share the picture that
 * answers it. The last one is kept for the viewer who comes between two pictures; its buffer and a spare one go round.
 */
export class CameraDesk {
  #port: MessagePort | null = null;
  /** Null: not told yet. */
  #state: PreviewState | null = null;
  #isWanted = false;
  #newest: SharedPicture | null = null;
  #spare: ArrayBuffer | null = null;
  /** Of older pictures. */
  #lentBytes = 0;
  #closedNs: bigint | null = null;
  readonly #viewers = new Set<Viewer>();

  constructor(
    private readonly connect: (port: MessagePort) => void,
    private readonly clock: Clock,
  ) {}

  /** It has no port, and nobody waits. */
  get isIdle(): boolean {
    return this.#port === null && this.#viewers.size === 0;
  }

  fetch(after: number, limitMs: number): Promise<Picture> {
    const known = this.#newerThan(after);
    if (known !== null && this.#ageMs(known) <= FRESH_MS) return Promise.resolve(known.lend());
    return new Promise((resolve) => {
      const viewer: Viewer = {
        after,
        answer: (picture) => {
          cancel();
          this.#viewers.delete(viewer);
          resolve(picture);
        },
      };
      // After the reads: a picture that came during a busy moment is not missed.
      const cancel = afterReads(this.clock, limitMs, () => {
        this.#disappoint(viewer);
      });
      this.#viewers.add(viewer);
      this.#open();
      this.#want();
    });
  }

  /** May be called twice. */
  close(): void {
    this.#port?.close();
    this.#onClosed();
  }

  #open(): void {
    if (this.#port !== null) return;
    const nowNs = this.clock.monotonicNs();
    if (this.#closedNs !== null && nowNs - this.#closedNs < BigInt(RECONNECT_MS) * NS_PER_MS) return;
    const { port1: port, port2 } = new MessageChannel();
    this.#port = port;
    this.#state = null;
    port.on('message', (answer: PreviewAnswer) => {
      if (port !== this.#port) return;
      if (answer.type === 'frame') this.#take(answer);
      else this.#hear(answer.state);
    });
    port.once('close', () => {
      if (port === this.#port) this.#onClosed();
    });
    port.unref();
    this.connect(port2);
  }

  /** The camera's thread, or its assignment, has ended. */
  #onClosed(): void {
    this.#port = null;
    this.#closedNs = this.clock.monotonicNs();
    this.#state = 'lost';
    this.#isWanted = false;
    this.#dropNewest();
    this.#spare = null;
    for (const viewer of this.#viewers) viewer.answer({ kind: 'nothing', why: 'lost' });
  }

  #hear(state: PreviewState): void {
    this.#state = state;
    // What a camera showed before it was lost or turned off is not shown any more.
    if (state !== 'live') this.#dropNewest();
    this.#want();
  }

  /** The first one follows the first state (`core/preview-words.ts`). */
  #want(): void {
    if (this.#port === null || this.#state === null || this.#isWanted || this.#viewers.size === 0) return;
    if (this.#lentBytes > MOST_LENT_BYTES) return;
    this.#isWanted = true;
    const buffer = this.#spare;
    this.#spare = null;
    const want: PreviewWant = buffer === null ? { type: 'want' } : { type: 'want', buffer };
    this.#port.postMessage(want, buffer === null ? [] : [buffer]);
  }

  #take(picture: PreviewPicture): void {
    this.#dropNewest();
    const newest = new SharedPicture(picture, (buffer) => {
      this.#free(buffer);
    });
    this.#newest = newest;
    for (const viewer of this.#viewers) viewer.answer(newest.lend());
    this.#isWanted = false;
  }

  #dropNewest(): void {
    const picture = this.#newest;
    if (picture === null) return;
    this.#newest = null;
    this.#lentBytes += picture.bufferBytes;
    picture.drop();
  }

  /** Nobody holds a picture any more that was dropped. */
  #free(buffer: ArrayBuffer): void {
    this.#lentBytes -= buffer.byteLength;
    if (this.#port !== null) this.#spare ??= buffer;
    this.#want();
  }

  #disappoint(viewer: Viewer): void {
    const known = this.#state === 'live' ? this.#newerThan(viewer.after) : null;
    const why = this.#state === 'live' ? 'none' : (this.#state ?? 'none');
    viewer.answer(known === null ? { kind: 'nothing', why } : known.lend());
  }

  /** The newest picture, unless the viewer has it. */
  #newerThan(after: number): SharedPicture | null {
    return this.#newest === null || this.#newest.frameNumber === after ? null : this.#newest;
  }

  #ageMs({ arrivedMonotonicNs }: SharedPicture): number {
    return Number((this.clock.monotonicNs() - arrivedMonotonicNs) / NS_PER_MS);
  }
}
