/** Misbehaviours that concern single frames, as numbers that can be compared for each frame at no cost. */
import { type MisbehaviourName, type Misbehaviours } from './misbehaviours.js';

/** What happens for good behind a certain frame. */
export type Ending =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'fail'; readonly text: string }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'hang' | 'disconnect' | 'restart-loop' | 'close-stdout' };

const NEVER = Number.POSITIVE_INFINITY;
const DEFAULT_GARBAGE_BYTES = 4096;

/** A stretch of frames: numbers from `first` on, up to and without `end`. */
interface Stretch {
  readonly first: number;
  readonly end: number;
}

const NOWHERE: Stretch = { first: NEVER, end: NEVER };
const isIn = (number: number, { first, end }: Stretch): boolean => number >= first && number < end;

export class FrameFaults {
  readonly hasSensorTimestamp: boolean;
  readonly wallClock: 'nanoseconds' | 'microseconds' | 'absent';
  readonly hasEndOfImageInHeader: boolean;
  readonly isMetadataInPieces: boolean;
  readonly ignoresInterrupt: boolean;
  /** Exit code that follows a stream cut in the middle of a frame. */
  readonly cutStreamCode: number;
  /** Bytes of garbage before one frame, 0 where none is asked for. */
  readonly garbageBytes: number;
  readonly floodLinesPerSecond: number;

  readonly #asked: Misbehaviours;
  readonly #base: number;
  readonly #endings: readonly { readonly after: number; readonly ending: Ending }[];
  readonly #dropped: Stretch;
  readonly #withoutMetadata: Stretch;
  readonly #garbageForeverAfter: number;
  // Once each, at this frame or, where the camera lost it, at the next one.
  #garbageAt: number;
  #cutFrame: number;
  #cutStream: number;

  /** `base`: number of the last frame before these count; frame counts are relative to it. */
  constructor(asked: Misbehaviours, base: number) {
    this.#asked = asked;
    this.#base = base;
    this.hasSensorTimestamp = !asked.has('no-sensor-timestamp');
    this.wallClock = asked.has('no-wall-clock')
      ? 'absent'
      : asked.has('wall-clock-in-us')
        ? 'microseconds'
        : 'nanoseconds';
    this.hasEndOfImageInHeader = asked.has('eoi-in-header');
    this.isMetadataInPieces = asked.has('metadata-in-pieces');
    this.ignoresInterrupt = asked.has('ignore-sigint');
    this.floodLinesPerSecond = asked.has('flood-stderr') ? Number(asked.get('flood-stderr') || '2000') : 0;
    this.#endings = this.#readEndings();
    this.#dropped = this.#stretch('drop', 1);
    this.#withoutMetadata = asked.has('no-metadata') ? { first: 0, end: NEVER } : this.#stretch('no-metadata-at', 0);
    this.#garbageForeverAfter = this.#frame('garbage-forever-after');
    this.#garbageAt = this.#frame('garbage-at');
    this.garbageBytes = asked.has('garbage-at') ? Number(this.#second('garbage-at') ?? DEFAULT_GARBAGE_BYTES) : 0;
    this.#cutFrame = this.#frame('cut-frame');
    this.#cutStream = this.#frame('cut-stream');
    this.cutStreamCode = Number(this.#second('cut-stream') ?? 255);
  }

  isDropped(number: number): boolean {
    return isIn(number, this.#dropped);
  }

  hasMetadata(number: number): boolean {
    return !isIn(number, this.#withoutMetadata);
  }

  /** Nothing but garbage comes in this frame's place. */
  isGarbage(number: number): boolean {
    return number > this.#garbageForeverAfter;
  }

  /** Whether garbage comes before this frame. True once. */
  takeGarbage(number: number): boolean {
    if (number < this.#garbageAt) return false;
    this.#garbageAt = NEVER;
    return true;
  }

  /** Whether this frame is cut in its middle and the next one follows. True once. */
  takeCutFrame(number: number): boolean {
    if (number < this.#cutFrame) return false;
    this.#cutFrame = NEVER;
    return true;
  }

  /** Whether the stream ends in the middle of this frame. True once. */
  takeCutStream(number: number): boolean {
    if (number < this.#cutStream) return false;
    this.#cutStream = NEVER;
    return true;
  }

  /** What ends the good behaviour when frame `number` was the last one sent. */
  endingAfter(number: number): Ending | undefined {
    for (const { after, ending } of this.#endings) if (number >= after) return ending;
    return undefined;
  }

  #readEndings(): readonly { after: number; ending: Ending }[] {
    const asked = this.#asked;
    const found: { after: number; ending: Ending }[] = [];
    const add = (name: MisbehaviourName, ending: (second: string | undefined) => Ending): void => {
      if (asked.has(name)) found.push({ after: this.#frame(name), ending: ending(this.#second(name)) });
    };
    add('exit-after', (code) => ({ kind: 'exit', code: Number(code ?? 255) }));
    add('fail-after', (text) => ({ kind: 'fail', text: text ?? 'failed to queue request' }));
    add('hang-after', () => ({ kind: 'hang' }));
    add('disconnect-after', () => ({ kind: 'disconnect' }));
    add('restart-loop-after', () => ({ kind: 'restart-loop' }));
    add('close-stdout-after', () => ({ kind: 'close-stdout' }));
    const [signal, after] = (asked.get('die-with-signal') ?? '').split(':');
    if (signal) found.push({ after: this.#base + Number(after ?? 0), ending: { kind: 'signal', signal } });
    return found;
  }

  /** Absolute number of the frame that the value names first. */
  #frame(name: MisbehaviourName): number {
    const value = this.#asked.get(name);
    return value === undefined ? NEVER : this.#base + Number.parseInt(value, 10);
  }

  /** What stands behind the value's colon. */
  #second(name: MisbehaviourName): string | undefined {
    const value = this.#asked.get(name) ?? '';
    const colon = value.indexOf(':');
    return colon === -1 ? undefined : value.slice(colon + 1);
  }

  /** `N:COUNT` as the COUNT frames (1 where it is left out) from `offset` frames behind N on. */
  #stretch(name: MisbehaviourName, offset: number): Stretch {
    if (!this.#asked.has(name)) return NOWHERE;
    const first = this.#frame(name) + offset;
    return { first, end: first + Number(this.#second(name) ?? 1) };
  }
}
