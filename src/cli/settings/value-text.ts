import type { CameraSettings, SettingName } from '../../core/camera-settings.js';
import { unsetText } from '../../module/settings/resolve-settings.js';

/** A value of a setting for a person: with its unit, and in words where a number alone says nothing. */

const UNITS: Partial<Record<SettingName, string>> = {
  exposureTimeUs: 'us',
  exposureCompensationStops: 'stops',
  flickerPeriodUs: 'us',
  lensPositionDioptres: 'dioptres',
  width: 'pixels',
  height: 'pixels',
  fps: 'frames a second',
  rotationDegrees: 'degrees',
  jpegQuality: 'of 100',
};

/** What a camera does where nobody says it; the other settings say it in their summaries. */
const UNSET: Partial<Record<SettingName, string>> = {
  exposureCompensationStops: 'none',
  lensPositionDioptres: 'automatic if it can move',
  saturation: 'normal',
  hflip: 'no',
  vflip: 'no',
  rotationDegrees: 'not turned',
  brightness: 'normal',
  contrast: 'normal',
  sharpness: 'normal',
};

export function valueText(name: SettingName, settings: CameraSettings): string {
  const value = settings[name];
  if (value === undefined) return UNSET[name] ?? unsetText(name);
  if ((name === 'width' || name === 'height') && value === 0) return 'widest view';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  const unit = UNITS[name];
  return unit === undefined ? String(value) : `${String(value)} ${unit}`;
}
