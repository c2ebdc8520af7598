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

/**
 * Keys of the module in Python that this one replaces. The copy that a host keeps for each camera still holds them. They are
 * passed over too: nobody can do anything about them, and a warning at each launch would hide others.
 */
export const REPLACED_MODULE_KEYS = [
  'output_dir',
  'session_prefix',
  'console_output',
  'preview_resolution',
  'preview_scale',
  'preview_divisor',
] as const;
/** What its window showed, each part by a key of its own. */
export const REPLACED_MODULE_SECTION = 'view.';

/** The options that a key sets: one, two for a size, none for a key that is passed over, `undefined` for an unknown key. */
export function optionsOf(key: string): readonly string[] | undefined {
  if ([...HOST_OWN_KEYS, ...REPLACED_MODULE_KEYS].some((own) => own === key)) return [];
  if (key.startsWith(REPLACED_MODULE_SECTION)) return [];
  return Object.hasOwn(HOST_CONFIG_KEYS, key) ? HOST_CONFIG_KEYS[key as keyof typeof HOST_CONFIG_KEYS] : undefined;
}
