import type { MessagePort } from 'node:worker_threads';
import { errorDataOf } from '../../core/errors.js';
import type { Frame } from '../../core/frame.js';
import type { LoadLevel } from '../../core/load-level.js';
import type { Log } from '../../core/log-level.js';
import type { PreviewState } from '../../core/preview-words.js';
import { PreviewGate } from './preview-gate.js';
import { type PictureSize, PreviewPort } from './preview-port.js';

export interface PreviewDeskDependencies {
  readonly deviceId: string;
  /** Maximum frames per second; 0 for every frame. */
  readonly fps: number;
  readonly isEnabled: boolean;
  readonly log: Log;
}

/** The stream behind the preview. */
type Stream = { readonly kind: 'live'; readonly size: PictureSize } | { readonly kind: 'none' | 'lost' };

/**
 * The preview of one camera: hands frames out to whoever wants one, across the runs of a pipeline. Nothing is copied,
 * gated or held while nobody waits. The preview is the first thing given up under load, so nothing may wait for it.
 */
export class PreviewDesk {
  readonly #gate: PreviewGate;
  readonly #readers = new Set<PreviewPort>();
  readonly #waiting = new Set<PreviewPort>();
  #isEnabled: boolean;
  #load: LoadLevel = 'normal';
  #stream: Stream = { kind: 'none' };
  #told: PreviewState;
  #isTurnSkipped = false;
  #isEnded = false;

  constructor(private readonly dependencies: PreviewDeskDependencies) {
    this.#gate = new PreviewGate(dependencies.fps);
    this.#isEnabled = dependencies.isEnabled;
    this.#told = this.#state;
  }

  /** Takes over a reader's port (`core/preview-words.ts`). After `end` the port is closed at once. */
  connect(port: MessagePort): void {
    if (this.#isEnded) {
      port.close();
      return;
    }
    const reader = new PreviewPort(port, {
      onWant: () => {
        this.#waiting.add(reader);
      },
      onClosed: () => {
        this.#waiting.delete(reader);
        this.#readers.delete(reader);
      },
    });
    this.#readers.add(reader);
    reader.open();
    reader.tell(this.#state);
  }

  /** Offers a frame of the stream. Returns whether anybody got it. Never throws. `timeMs`: on the run's timeline. */
  offer(frame: Frame, frameNumber: number, timeMs: number): boolean {
    if (this.#waiting.size === 0 || this.#stream.kind !== 'live' || !this.#isShown) return false;
    if (!this.#gate.passes(timeMs) || this.#isThinnedOut()) return false;
    let isDelivered = false;
    for (const reader of this.#waiting) {
      this.#waiting.delete(reader);
      if (this.#deliver(reader, frame, frameNumber, this.#stream.size)) isDelivered = true;
    }
    return isDelivered;
  }

  enable(isEnabled: boolean): void {
    this.#isEnabled = isEnabled;
    this.#tellState();
  }

  /** `previewThinned` halves the rate. At higher levels there is no preview until the load falls again. */
  setLoadLevel(level: LoadLevel): void {
    this.#load = level;
    this.#tellState();
  }

  /** A run delivers frames of this size from now on. */
  beginStream(size: PictureSize): void {
    this.#stream = { kind: 'live', size };
    this.#gate.restart();
    this.#tellState();
  }

  endStream(kind: 'none' | 'lost'): void {
    this.#stream = { kind };
    this.#tellState();
  }

  /** Closes all ports. May be called twice. */
  end(): void {
    this.#isEnded = true;
    for (const reader of this.#readers) reader.close();
  }

  get #isShown(): boolean {
    return this.#isEnabled && !this.#isPaused;
  }

  get #isPaused(): boolean {
    return this.#load === 'previewPaused' || this.#load === 'reportingSlowed';
  }

  get #state(): PreviewState {
    if (!this.#isEnabled) return 'off';
    return this.#isPaused ? 'paused' : this.#stream.kind;
  }

  #tellState(): void {
    const state = this.#state;
    if (state === this.#told) return;
    this.#told = state;
    for (const reader of this.#readers) reader.tell(state);
  }

  /** True for every second frame while the preview is thinned. */
  #isThinnedOut(): boolean {
    if (this.#load === 'normal') return false;
    this.#isTurnSkipped = !this.#isTurnSkipped;
    return this.#isTurnSkipped;
  }

  /** A reader whose frame could not be copied (no memory) is given up: the frame goes on to the others. */
  #deliver(reader: PreviewPort, frame: Frame, frameNumber: number, size: PictureSize): boolean {
    try {
      reader.deliver(frame, frameNumber, size);
      return true;
    } catch (thrown) {
      const context = { device: this.dependencies.deviceId, error: errorDataOf(thrown, 'capture_failed') };
      this.dependencies.log('warn', 'A preview frame could not be copied. Its reader is disconnected.', context);
      reader.close();
      return false;
    }
  }
}
