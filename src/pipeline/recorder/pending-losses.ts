import type { LossReason } from './frame-tally.js';

/** Why frames are missing between two frames of a video. */
export type GapReason = LossReason | 'skipped' | 'source_gap';

export const GAP_REASONS: readonly GapReason[] = ['buffer_full', 'timeout', 'write_error', 'skipped', 'source_gap'];

/** Frames by the reason for which they are missing. */
export type Missing = Record<GapReason, number>;

export function nothingMissing(): Missing {
  return { buffer_full: 0, timeout: 0, write_error: 0, skipped: 0, source_gap: 0 };
}

export function addMissing(to: Missing, more: Missing): void {
  for (const reason of GAP_REASONS) to[reason] += more[reason];
}

/** Between `first` and `last`, both inclusive, no frame is written or waits. */
interface Hole {
  first: number;
  last: number;
  readonly missing: Missing;
}

/**
 * Losses behind the newest written frame, in the order of frame numbers. Losses without a waiting frame between them are
 * one hole, so there are never more holes than frames that wait, however long a disk stands still.
 *
 * Numbers are those of the stream, dense from frame to frame. A gap at the source has no number: it lies half before the
 * frame that came behind it.
 */
export class PendingLosses {
  readonly #holes: Hole[] = [];

  /** `number`: of the lost frame; with a half, of a gap before the next frame. */
  add(number: number, reason: GapReason, frames: number): void {
    const place = this.#placeOf(number);
    const before = this.#holes[place - 1];
    if (before !== undefined && touches(before.last, number)) {
      before.last = Math.max(before.last, number);
      before.missing[reason] += frames;
      this.#join(place - 1);
      return;
    }
    const missing = nothingMissing();
    missing[reason] = frames;
    this.#holes.splice(place, 0, { first: number, last: number, missing });
    this.#join(place);
  }

  /** Whether anything is lost before this frame. */
  isAnyBefore(number: number): boolean {
    const [first] = this.#holes;
    return first !== undefined && first.first < number;
  }

  /** Takes out what is lost before a frame that was written. */
  takeBefore(number: number): Missing {
    const missing = nothingMissing();
    while (this.isAnyBefore(number)) {
      const hole = this.#holes.shift();
      if (hole !== undefined) addMissing(missing, hole.missing);
    }
    return missing;
  }

  /** Index of the first hole that begins behind this number. Losses come at both ends mostly. */
  #placeOf(number: number): number {
    let place = this.#holes.length;
    if ((this.#holes[0]?.first ?? Number.POSITIVE_INFINITY) > number) return 0;
    while (place > 1 && (this.#holes[place - 1]?.first ?? 0) > number) place -= 1;
    return place;
  }

  /** Makes one hole of this one and the next if no frame lies between. */
  #join(place: number): void {
    const [hole, next] = [this.#holes[place], this.#holes[place + 1]];
    if (hole === undefined || next === undefined || !touches(hole.last, next.first)) return;
    hole.last = Math.max(hole.last, next.last);
    addMissing(hole.missing, next.missing);
    this.#holes.splice(place + 1, 1);
  }
}

/** Whether no frame's number lies between the two. */
function touches(last: number, next: number): boolean {
  return Math.floor(last) + 1 >= next;
}
