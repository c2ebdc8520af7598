/** The schedule of a camera that follows a server: a grid whose frames are made longer or shorter until they are in step. */
import { readoutUs, type Schedule } from '../frame-schedule.js';
import { type Agreement, latenessUs } from './agreement.js';
import { steer, type Steering } from './steering.js';

/** Frames of equal length, up to the next stretch. */
interface Stretch {
  /** Number of its first frame, and when that begins, microseconds. */
  readonly first: number;
  readonly startUs: number;
  readonly periodUs: number;
}

export interface FollowingOptions {
  /** Timestamp of frame 1, microseconds. */
  readonly originUs: number;
  /** Period of its own, and what the sensor can do, microseconds. */
  readonly periodUs: number;
  readonly shortestUs: number;
  readonly longestUs: number;
  /** By how much its clock is slow: what it takes for a second lasts so much longer. 1 for the right clock. */
  readonly crystal: number;
}

/** Cameras of one kind at their highest rate differ by their crystals, and follow each other nevertheless. */
const SLACK = 1.001;
const STEADY: Steering = { frames: 0, changeUs: 0 };

export class FollowingSchedule implements Schedule {
  readonly #options: FollowingOptions;
  readonly #readoutUs: number;
  readonly #stretches: Stretch[];

  constructor(options: FollowingOptions) {
    const { originUs, periodUs, crystal } = options;
    this.#options = options;
    this.#readoutUs = readoutUs(periodUs);
    this.#stretches = [{ first: 1, startUs: originUs, periodUs: periodUs * crystal }];
  }

  timestampUs(number: number): number {
    return Math.round(this.#beginsUs(number));
  }

  /** How long frame `number` lasts, whole microseconds. It is settled when the frame begins. */
  durationUs(number: number): number {
    return Math.round(this.#stretchOf(number).periodUs);
  }

  lastComplete(nowUs: number): number {
    return this.#lastBegun(nowUs - this.#readoutUs);
  }

  msUntil(number: number, nowUs: number): number {
    return Math.max(0, (this.#beginsUs(number) + this.#readoutUs - nowUs) / 1000);
  }

  /**
   * Plans the frames from the one after the next on: the present one is exposed already, so it is settled when the next
   * one begins. Returns whether the camera can be in step: at a period that the sensor cannot do it keeps its own.
   * Nobody asks any more for frames before `oldest`.
   */
  follow(agreement: Agreement, nowUs: number, oldest: number): boolean {
    const { periodUs, shortestUs, longestUs } = this.#options;
    const begun = this.#lastBegun(nowUs);
    this.#forgetBefore(Math.min(oldest, begun));
    const next = begun + 1;
    const nextUs = this.#beginsUs(next);
    const isPossible = agreement.periodUs * SLACK >= shortestUs && agreement.periodUs <= longestUs * SLACK;
    if (isPossible) {
      const steering = steer(latenessUs(agreement, nextUs), agreement.periodUs, shortestUs);
      this.#plan(next, nextUs, agreement.periodUs, steering);
    } else this.#plan(next, nextUs, periodUs, STEADY);
    return isPossible;
  }

  #plan(from: number, fromUs: number, periodUs: number, { frames, changeUs }: Steering): void {
    const { crystal } = this.#options;
    const stretches = this.#stretches;
    while ((stretches.at(-1)?.first ?? 0) >= from) stretches.pop();
    const steeredUs = (periodUs + changeUs) * crystal;
    const steadyUs = periodUs * crystal;
    if (frames > 0) stretches.push({ first: from, startUs: fromUs, periodUs: steeredUs });
    if (stretches.at(-1)?.periodUs !== steadyUs) {
      stretches.push({ first: from + frames, startUs: fromUs + frames * steeredUs, periodUs: steadyUs });
    }
  }

  /** Drops what only frames before `number` need. */
  #forgetBefore(number: number): void {
    const needed = this.#stretches.findLastIndex(({ first }) => first <= number);
    if (needed > 0) this.#stretches.splice(0, needed);
  }

  #beginsUs(number: number): number {
    const { first, startUs, periodUs } = this.#stretchOf(number);
    return startUs + (number - first) * periodUs;
  }

  /** Usually the last one. A frame before all that is remembered belongs to the first. */
  #stretchOf(number: number): Stretch {
    const found = this.#stretches.findLast(({ first }) => first <= number) ?? this.#stretches[0];
    if (!found) throw new Error('A schedule has a stretch.');
    return found;
  }

  /** Number of the last frame that has begun at `nowUs`; 0 if there is none yet. */
  #lastBegun(nowUs: number): number {
    const at = this.#stretches.findLastIndex(({ startUs }) => startUs <= nowUs);
    const stretch = this.#stretches[at];
    if (!stretch) return 0;
    const last = stretch.first + Math.floor((nowUs - stretch.startUs) / stretch.periodUs);
    const end = this.#stretches[at + 1]?.first ?? Number.POSITIVE_INFINITY;
    return Math.min(last, end - 1);
  }
}
