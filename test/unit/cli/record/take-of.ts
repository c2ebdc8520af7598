import type { Take } from '../../../../src/cli/record/summary.js';

/** A take of two seconds that lost nothing, without files. */
export const takeOf = (index: number, more: Partial<Take> = {}): Take => ({
  device_id: `picam:${index}`,
  camera_id: `picam:${index}`,
  trial_number: 1,
  take: 1,
  video_path: null,
  timing_path: null,
  info_path: null,
  frames: 60,
  duration_s: 2,
  delivered: 60,
  dropped: 0,
  skipped: 0,
  source_gaps: 0,
  timestamps_disordered: 0,
  bytes: 3_600_000,
  reason: 'command',
  given: { exposure_time_us: null, gain: null, colour_temperature_k: null, lens_position_dioptres: null, lux: null },
  ...more,
});
