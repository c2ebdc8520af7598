import { CAMERA_SETTINGS } from '../../../core/camera-settings.js';
import { roundedDioptres, roundedFps, roundedGain } from '../../../core/figures.js';
import type { GivenSettings } from '../../../core/given-settings.js';
import type { SettingsChange } from '../../settings/settings-desk.js';

/** A difference that counts as none, as it does where a value is compared with what was asked. */
const ALLOWANCE = 1.02;

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

/**
 * Why the exposure cannot be fixed, as the end of a sentence, and what to do; `null` if it can. A camera that gives fewer frames
 * than asked may expose for longer than a frame that is asked for. Cut down to that, its picture would be darker.
 */
export function whyNotFixed(given: GivenSettings, fps: number): string | null {
  const { exposureTimeUs } = given;
  const longestUs = longestExposureUs(fps);
  if (exposureTimeUs === null || exposureTimeUs <= longestUs * ALLOWANCE) return null;
  const rate = given.fps === null ? 'a rate' : `the ${roundedFps(given.fps)}`;
  return `exposes for ${Math.round(exposureTimeUs)} us, and a frame takes ${longestUs} us at the ${fps} frames a second that are asked for. Ask for ${rate} that it gives (set_fps), then fix the settings.`;
}

/** Whole microseconds, and not longer than a frame: rounded up, or at a rate a little below the one asked for, it might be. */
function exposureOf(exposureTimeUs: number, fps: number): number {
  return within(Math.min(Math.round(exposureTimeUs), longestExposureUs(fps)), CAMERA_SETTINGS.exposureTimeUs);
}

function longestExposureUs(fps: number): number {
  return Math.floor(1_000_000 / fps);
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
