import type { CheckId, Depth, Verdict } from '../../../src/inspect/verdict.js';
import type { RecordedWish, TakeInMemory } from './take-in-memory.js';

/** What must be found in a recording. */
export interface Expected {
  readonly verdict: Verdict;
  /** Exactly these checks fail. */
  readonly failed?: readonly CheckId[];
  /** The frame that a check must name. */
  readonly at?: readonly [check: CheckId, frame: number];
  /** Checks that must have something to say which is no fault. Others may. */
  readonly notes?: readonly CheckId[];
}

/** A recording, good or bad, and what must be found in it. */
export interface RecordingCase {
  /** Ends "a recording ...". */
  readonly what: string;
  readonly recorded?: RecordedWish;
  /** What is done to it. `parts`: all of them; a recording of one part has one. */
  readonly change?: (take: TakeInMemory, parts: readonly TakeInMemory[]) => void;
  /** Default: `whole`. */
  readonly depth?: Depth;
  /** Of the part at `part` (from 0; default 0). */
  readonly expected: Expected;
  /** Where an info file beside it changes that. It was written before the damage. */
  readonly withInfo?: Partial<Expected>;
  readonly part?: number;
}

/** Damage. With an info file the checks of `more` fail, too. */
export function damaged(
  what: string,
  failed: readonly CheckId[],
  change: NonNullable<RecordingCase['change']>,
  further: Partial<RecordingCase> & { readonly more?: readonly CheckId[]; readonly at?: Expected['at'] } = {},
): RecordingCase {
  const { more = [], at, ...rest } = further;
  const place = at === undefined ? {} : { at };
  return {
    what,
    change,
    expected: { verdict: 'damaged', failed, ...place },
    withInfo: { failed: [...failed, ...more] },
    ...rest,
  };
}

/** Damage that the info file alone can show. */
export function damagedByInfo(
  what: string,
  failed: readonly CheckId[],
  change: NonNullable<RecordingCase['change']>,
  further: Partial<RecordingCase> = {},
): RecordingCase {
  return { what, change, expected: { verdict: 'proven' }, withInfo: { verdict: 'damaged', failed }, ...further };
}
