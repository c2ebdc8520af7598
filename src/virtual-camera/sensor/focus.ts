/** A lens that moves: where automatic focus looks, where it ends, and what it does on the way. Positions in dioptres. */
import { type FocusControls, type Region } from './controls.js';

export interface Lens {
  readonly max: number;
  readonly default: number;
}

/** The scene: something in the middle at half a metre, and a wall two metres away around it. */
export const SCENE_BEST = 2;
const WALL_BEST = 0.5;
/** The middle, as shares of the picture. */
const MIDDLE = { from: 0.25, to: 0.75 };

const RANGES: Readonly<Record<FocusControls['range'], readonly [least: number, most: number]>> = {
  normal: [0, 12],
  macro: [3, 15],
  full: [0, 15],
};
/** Frames of a search. */
const SEARCH_FRAMES: Readonly<Record<FocusControls['speed'], number>> = { normal: 24, fast: 8 };

/** libcamera's `AfState`. */
export const AF_STATE = { idle: 0, scanning: 1, focused: 2, failed: 3 } as const;
export type AfState = (typeof AF_STATE)[keyof typeof AF_STATE];

export interface FocusCourse {
  /** The lens position after the search. */
  readonly position: number;
  readonly state: AfState;
  /** Frames of the search; 0 without one. */
  readonly searchFrames: number;
  /** Where the search begins and turns. */
  readonly from: number;
  readonly turn: number;
}

export function focus(lens: Lens, { mode, range, speed, window, lensPosition }: FocusControls): FocusCourse {
  const isManual = mode === 'manual' || (mode === 'default' && lensPosition !== undefined);
  // With automatic focus once, the real tool forgets the position too. With continuous focus it is set, and searched from.
  const start = typeof lensPosition === 'number' && mode !== 'auto' ? clip(lensPosition, 0, lens.max) : lens.default;
  if (isManual) return { position: start, state: AF_STATE.idle, searchFrames: 0, from: start, turn: start };
  const best = window && !isInMiddle(window) ? WALL_BEST : SCENE_BEST;
  const [least, most] = RANGES[range];
  const position = clip(best, least, Math.min(most, lens.max));
  const isFound = position === best;
  return {
    position,
    state: isFound ? AF_STATE.focused : AF_STATE.failed,
    searchFrames: SEARCH_FRAMES[speed],
    from: start,
    turn: Math.min(lens.max, position + 1),
  };
}

/** The lens position of frame `number` (from 1): to the turn, and back to where it stays. */
export function lensAt(course: FocusCourse, number: number): number {
  const { searchFrames, from, turn, position } = course;
  if (number > searchFrames) return position;
  const half = searchFrames / 2;
  if (number <= half) return from + ((turn - from) * number) / half;
  return turn + ((position - turn) * (number - half)) / half;
}

export function stateAt(course: FocusCourse, number: number): AfState {
  return number > course.searchFrames ? course.state : AF_STATE.scanning;
}

function isInMiddle({ x, y, width, height }: Region): boolean {
  const [centreX, centreY] = [x + width / 2, y + height / 2];
  const isWithin = (share: number): boolean => share >= MIDDLE.from && share <= MIDDLE.to;
  return isWithin(centreX) && isWithin(centreY);
}

/** How much fine detail remains, 0 to 1, so many dioptres away from the best position. */
export function detailAt(position: number): number {
  return 1 / (1 + (2 * (position - SCENE_BEST)) ** 2);
}

function clip(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
