/**
 * Keys of a host's `key = value` file besides the names of our options. `docs/configuration.md` shows both tables, and a
 * test compares.
 */

/** The host's names of options, with the options that they set. */
export const HOST_CONFIG_KEYS = {
  resolution: ['camera.width', 'camera.height'],
  frame_rate: ['camera.fps'],
  jpeg_quality: ['camera.jpegQuality'],
  record_fps: ['recording.fps'],
  preview_fps: ['preview.fps'],
  min_free_bytes: ['recording.minFreeBytes'],
  resume_after_reconnect: ['recording.resumeAfterReconnect'],
  log_level: ['logs.level'],
} as const satisfies Record<string, readonly string[]>;

/** Keys that the host reads or writes for itself. They are passed over in silence. */
export const HOST_OWN_KEYS = [
  'display_name',
  'visible',
  'internal',
  'platforms',
  'enabled',
  'device_connected',
  'window_geometry',
] as const;

/** The options that a key sets: one, two for a size, none for a key of the host, `undefined` for an unknown key. */
export function optionsOf(key: string): readonly string[] | undefined {
  if (HOST_OWN_KEYS.some((own) => own === key)) return [];
  return Object.hasOwn(HOST_CONFIG_KEYS, key) ? HOST_CONFIG_KEYS[key as keyof typeof HOST_CONFIG_KEYS] : undefined;
}
