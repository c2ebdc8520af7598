/** Why a recording ended. */
export const STOP_REASONS = ['command', 'device_error', 'disk_full', 'shutdown', 'io_error'] as const;

export type StopReason = (typeof STOP_REASONS)[number];
