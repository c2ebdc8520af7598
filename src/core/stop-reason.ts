/** Why a recording ended. */
export const STOP_REASONS = ['command', 'device_error', 'disk_full', 'shutdown', 'io_error'] as const;

/** Why a recording ended: `reason` of `recording_stopped`. */
export type StopReason = (typeof STOP_REASONS)[number];
