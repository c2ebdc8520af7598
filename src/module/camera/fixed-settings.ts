import { CAMERA_SETTINGS } from '../../core/camera-settings.js';
import { roundedDioptres, roundedGain } from '../../core/figures.js';
import type { GivenSettings } from '../../core/given-settings.js';
import type { SettingsChange } from '../settings/settings-desk.js';

/**
 * The change that makes fixed what automatic found: exposure time, gain, colour gains and lens position, as far as frames tell
 * them. `null`: they tell none of these. `fps`: the rate that stays; no exposure can be longer than its frames.
 */
export function fixedSettings(given: GivenSettings, fps: number): SettingsChange | null {
  const { exposureTimeUs, gain, colourGains, lensPositionDioptres } = given;
  const change: SettingsChange = {
    ...(exposureTimeUs === null ? {} : { exposureTimeUs: exposureOf(exposureTimeUs, fps) }),
    ...(gain === null ? {} : { gain: within(roundedGain(gain), CAMERA_SETTINGS.gain) }),
    // A white balance would contradict the gains.
    ...(colourGains === null
      ? {}
      : { colourGains: [colourGainOf(colourGains[0]), colourGainOf(colourGains[1])], whiteBalance: null }),
    // Otherwise automatic focus would move the lens away.
    ...(lensPositionDioptres === null
      ? {}
      : { lensPositionDioptres: lensOf(lensPositionDioptres), focusMode: 'manual' as const }),
  };
  return Object.keys(change).length === 0 ? null : change;
}

/** Whole microseconds, and not longer than a frame: rounded up it might be. */
function exposureOf(exposureTimeUs: number, fps: number): number {
  const longestUs = Math.floor(1_000_000 / fps);
  return within(Math.min(Math.round(exposureTimeUs), longestUs), CAMERA_SETTINGS.exposureTimeUs);
}

function colourGainOf(gain: number): number {
  return within(roundedGain(gain), CAMERA_SETTINGS.colourGains);
}

function lensOf(dioptres: number): number {
  return within(roundedDioptres(dioptres), CAMERA_SETTINGS.lensPositionDioptres);
}

/** A camera may report a little more or less than can be asked for. */
function within(value: number, { min, max }: { readonly min: number; readonly max: number }): number {
  return Math.min(max, Math.max(min, value));
}
