/** Misbehaviours of single frames, as numbers that cost nothing to compare for each frame. */
import { type MisbehaviourName, type Misbehaviours } from './misbehaviours.js';
import { type Drift, type DriftName } from './readings.js';

/** What happens permanently after a certain frame. */
export type Ending =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'fail'; readonly text: string }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'hang' | 'disconnect' | 'restart-loop' | 'close-stdout' };

const NEVER = Number.POSITIVE_INFINITY;
const DEFAULT_GARBAGE_BYTES = 4096;
/** Two hours. */
const WILD_US = 7_200_000_000;

/** A range of frame numbers: `first` inclusive, `end` exclusive. */
interface FrameRange {
  readonly first: number;
  readonly end: number;
}

const NOWHERE: FrameRange = { first: NEVER, end: NEVER };
const isIn = (number: number, { first, end }: FrameRange): boolean => number >= first && number < end;

export class FrameFaults {
  readonly hasSensorTimestamp: boolean;
  readonly wallClock: 'nanoseconds' | 'microseconds' | 'absent';
  readonly hasEndOfImageInHeader: boolean;
  readonly isMetadataInPieces: boolean;
  readonly ignoresInterrupt: boolean;
  /** Exit code after a stream that was cut in the middle of a frame. */
  readonly cutStreamCode: number;
  /** Bytes of garbage before one frame; 0 if none is asked for. */
  readonly garbageBytes: number;
  readonly floodLinesPerSecond: number;
  /** Settings that creep away in the metadata, although they are fixed. */
  readonly drift: Drift | undefined;

  readonly #asked: Misbehaviours;
  readonly #base: number;
  readonly #endings: readonly { readonly after: number; readonly ending: Ending }[];
  readonly #dropped: FrameRange;
  /** 0: none. */
  readonly #dropEvery: number;
  readonly #withoutMetadata: FrameRange;
  readonly #standing: FrameRange;
  readonly #backwards: FrameRange;
  readonly #swapped: FrameRange;
  readonly #wild: FrameRange;
  readonly #garbageForeverAfter: number;
  // Each happens once, at this frame or, if the camera lost that frame, at the next one.
  #garbageAt: number;
  #cutFrame: number;
  #cutStream: number;

  /** `base`: number of the last frame before these misbehaviours; frame counts are relative to it. */
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
    this.drift = asked.has('drift') ? driftOf(asked.get('drift') ?? '', base) : undefined;
    this.#endings = this.#readEndings();
    this.#dropped = this.#rangeOf('drop', 1);
    this.#dropEvery = Number(asked.get('drop-every') ?? 0);
    this.#withoutMetadata = asked.has('no-metadata') ? { first: 0, end: NEVER } : this.#rangeOf('no-metadata-at', 0);
    this.#standing = this.#rangeOf('stamps-stand', 0);
    this.#backwards = this.#rangeOf('stamps-back', 0);
    this.#swapped = this.#rangeOf('stamps-swapped', 0);
    this.#wild = this.#rangeOf('stamps-wild', 0);
    this.#garbageForeverAfter = this.#frame('garbage-forever-after');
    this.#garbageAt = this.#frame('garbage-at');
    this.garbageBytes = asked.has('garbage-at') ? Number(this.#second('garbage-at') ?? DEFAULT_GARBAGE_BYTES) : 0;
    this.#cutFrame = this.#frame('cut-frame');
    this.#cutStream = this.#frame('cut-stream');
    this.cutStreamCode = Number(this.#second('cut-stream') ?? 255);
  }

  isDropped(number: number): boolean {
    return isIn(number, this.#dropped) || (this.#dropEvery > 0 && (number - this.#base) % this.#dropEvery === 0);
  }

  hasMetadata(number: number): boolean {
    return !isIn(number, this.#withoutMetadata);
  }

  /** Number of the frame whose timestamp this frame carries: usually its own. */
  stampedAs(number: number): number {
    if (isIn(number, this.#standing)) return this.#standing.first;
    if (isIn(number, this.#backwards)) return 2 * this.#backwards.first - number;
    if (!isIn(number, this.#swapped)) return number;
    return (number - this.#swapped.first) % 2 === 0 ? number + 1 : number - 1;
  }

  /** By how much this frame's timestamp is too late, microseconds. */
  stampAheadUs(number: number): number {
    return isIn(number, this.#wild) ? WILD_US : 0;
  }

  /** Whether garbage replaces this frame. */
  isGarbage(number: number): boolean {
    return number > this.#garbageForeverAfter;
  }

  /** Whether garbage precedes this frame. True once. */
  claimGarbage(number: number): boolean {
    if (number < this.#garbageAt) return false;
    this.#garbageAt = NEVER;
    return true;
  }

  /** Whether this frame is cut in its middle and the next one follows. True once. */
  claimCutFrame(number: number): boolean {
    if (number < this.#cutFrame) return false;
    this.#cutFrame = NEVER;
    return true;
  }

  /** Whether the stream ends in the middle of this frame. True once. */
  claimCutStream(number: number): boolean {
    if (number < this.#cutStream) return false;
    this.#cutStream = NEVER;
    return true;
  }

  /** The misbehaviour that is due when frame `number` was the last one sent. */
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

  /** The text after the value's colon. */
  #second(name: MisbehaviourName): string | undefined {
    const value = this.#asked.get(name) ?? '';
    const colon = value.indexOf(':');
    return colon === -1 ? undefined : value.slice(colon + 1);
  }

  /** `N:COUNT` as a range of COUNT frames (default 1) that begins `offset` frames after N. */
  #rangeOf(name: MisbehaviourName, offset: number): FrameRange {
    if (!this.#asked.has(name)) return NOWHERE;
    const first = this.#frame(name) + offset;
    return { first, end: first + Number(this.#second(name) ?? 1) };
  }
}

/** Reads `NAME:PERCENT[+NAME:PERCENT]`, which was checked before. */
function driftOf(value: string, base: number): Drift {
  const percents = new Map(
    value.split('+').map((one): [string, number] => {
      const [name = '', percent] = one.split(':');
      return [name, Number(percent)];
    }),
  );
  const percentOf = (name: DriftName): number => percents.get(name) ?? 0;
  return {
    base,
    exposure: percentOf('exposure'),
    gain: percentOf('gain'),
    'colour-gains': percentOf('colour-gains'),
    'lens-position': percentOf('lens-position'),
  };
}
