import type { PartialSettings } from '../../core/camera-settings.js';
import { FPS_RANGE } from '../../core/capture-limits.js';
import { resolveSettings, without, type IgnoredSetting } from './resolve-settings.js';

export interface SettingsOfStill {
  readonly settings: PartialSettings;
  readonly ignored: readonly IgnoredSetting[];
}

/**
 * What a still is asked for: what is kept of the camera, and flags, which win. What is kept for a video's format (size, rate,
 * quality, sensor mode, synchronisation) means nothing to a still, which has no rate and shows the whole sensor.
 */
export function settingsOfStill(kept: PartialSettings, flags: PartialSettings): SettingsOfStill {
  const ofView = without(kept, 'width', 'height', 'fps', 'jpegQuality', 'sensorMode', 'sync');
  // At the lowest rate every exposure time fits within a frame.
  const timeless = { ...flags, fps: FPS_RANGE.min };
  const { settings, origins, ignored } = resolveSettings([
    { origin: 'kept', values: ofView },
    { origin: 'flag', values: timeless },
  ]);
  const set = Object.entries(settings).filter(
    ([name]) => name !== 'fps' && origins[name as keyof typeof origins] !== 'default',
  );
  return { settings: Object.fromEntries(set) as PartialSettings, ignored };
}
