import type { CameraSettings, SettingName } from '../../core/camera-settings.js';

/** The combinations of settings that cannot be. Which of the two settings gives way is decided in `resolve-settings.ts`. */

export interface Conflict {
  readonly names: readonly [SettingName, SettingName];
  /** Why the two do not go together, as the end of a sentence. */
  readonly why: string;
  /**
   * `either`: two ways to set one thing, so that the later one replaces the earlier one. A name: this setting is bounded by
   * the other one and always gives way. `none`: only both together mean something.
   */
  readonly givesWay: SettingName | 'either' | 'none';
}

type Rule = (settings: CameraSettings) => Conflict | undefined;

const exposureWithinFrame: Rule = ({ exposureTimeUs, fps }) => {
  if (exposureTimeUs === undefined || exposureTimeUs <= 1_000_000 / fps) return undefined;
  const why = `an exposure cannot be longer than a frame, which takes ${Math.floor(1_000_000 / fps)} us at this rate`;
  return { names: ['exposureTimeUs', 'fps'], why, givesWay: 'exposureTimeUs' };
};

const gainsOrBalance: Rule = ({ whiteBalance, colourGains }) => {
  if (colourGains === undefined || whiteBalance === undefined || whiteBalance === 'custom') return undefined;
  const why = 'colour gains fix the white balance, so it is custom or not set';
  return { names: ['whiteBalance', 'colourGains'], why, givesWay: 'either' };
};

const positionOrFocus: Rule = ({ focusMode, lensPositionDioptres }) => {
  if (lensPositionDioptres === undefined || focusMode === undefined || focusMode === 'manual') return undefined;
  const why = 'a lens position holds the lens, so the focus is manual or not set';
  return { names: ['focusMode', 'lensPositionDioptres'], why, givesWay: 'either' };
};

const wholeSize: Rule = ({ width, height }) => {
  if ((width === 0) === (height === 0)) return undefined;
  return { names: ['width', 'height'], why: 'a size has both sides, or 0 for both', givesWay: 'none' };
};

const RULES: readonly Rule[] = [wholeSize, exposureWithinFrame, gainsOrBalance, positionOrFocus];

/** The first combination in these settings that cannot be, or `undefined`. */
export function conflictIn(settings: CameraSettings): Conflict | undefined {
  for (const rule of RULES) {
    const conflict = rule(settings);
    if (conflict !== undefined) return conflict;
  }
  return undefined;
}
