import { types } from 'node:util';
import type { MessagePort } from 'node:worker_threads';
import type { Frame } from '../../core/frame.js';
import type { PreviewAnswer, PreviewState } from '../../core/preview-words.js';

/** A new buffer is larger than its frame by this share, so that the next frames fit too. */
const HEADROOM = 1.25;
const BLOCK_BYTES = 64 * 1024;

/** Size of the picture, pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

export interface PreviewPortListener {
  onWant(): void;
  /** Called once, when the reader closed the port or its thread ended. */
  onClosed(): void;
}

/** One reader's port, seen from the camera's thread. What comes over it is not trusted: other words are ignored. */
export class PreviewPort {
  #isWanted = false;
  /** Came with the want. */
  #buffer: ArrayBuffer | null = null;

  constructor(
    private readonly port: MessagePort,
    private readonly listener: PreviewPortListener,
  ) {}

  open(): void {
    this.port.on('message', (word: unknown) => {
      this.#hear(word);
    });
    this.port.once('close', () => {
      this.listener.onClosed();
    });
    this.port.unref(); // a reader keeps neither a thread nor a process alive
  }

  tell(state: PreviewState): void {
    this.#send({ type: 'state', state });
  }

  /** Answers the want with a copy of the frame. The frame is not kept, whatever is thrown. */
  deliver(frame: Frame, frameNumber: number, { width, height }: PictureSize): void {
    const { byteLength, times } = frame;
    const { sensorTimestampNs, arrivedMonotonicNs } = times;
    const buffer = this.#roomFor(byteLength);
    this.#isWanted = false;
    this.#buffer = null;
    copy(frame, buffer);
    this.#send(
      { type: 'frame', buffer, byteLength, frameNumber, sensorTimestampNs, arrivedMonotonicNs, width, height },
      buffer,
    );
  }

  /** May be called twice. */
  close(): void {
    this.#buffer = null;
    this.port.close();
  }

  #hear(word: unknown): void {
    if (this.#isWanted || typeof word !== 'object' || word === null) return;
    if (!('type' in word) || word.type !== 'want') return;
    this.#isWanted = true;
    this.#buffer = 'buffer' in word && types.isArrayBuffer(word.buffer) ? word.buffer : null;
    this.listener.onWant();
  }

  #roomFor(byteLength: number): ArrayBuffer {
    if (this.#buffer !== null && this.#buffer.byteLength >= byteLength) return this.#buffer;
    return new ArrayBuffer(Math.ceil((byteLength * HEADROOM) / BLOCK_BYTES) * BLOCK_BYTES);
  }

  #send(answer: PreviewAnswer, ...transferred: ArrayBuffer[]): void {
    this.port.postMessage(answer, transferred);
  }
}

function copy(frame: Frame, buffer: ArrayBuffer): void {
  const target = new Uint8Array(buffer);
  let at = 0;
  for (const piece of frame.bytes) {
    target.set(piece, at);
    at += piece.length;
  }
}
