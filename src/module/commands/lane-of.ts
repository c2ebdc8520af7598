import type { Command, CommandName } from '../../protocol/commands.js';

/** What a command waits for: the commands of its camera, all commands, or nothing. */
export type Lane =
  { readonly kind: 'camera'; readonly deviceId: string } | { readonly kind: 'all' } | { readonly kind: 'none' };

/** A place where a command waits for its turn. */
export type WaitingLane = Exclude<Lane, { kind: 'none' }>;

/** Commands that change no camera and no session. They answer with what is so at the moment. */
const WAIT_FOR_NOTHING: ReadonlySet<CommandName> = new Set([
  'get_status',
  'set_log_level',
  'show_window',
  'hide_window',
  'get_geometry',
  'quit',
]);

export function laneOf(command: Command): Lane {
  if (WAIT_FOR_NOTHING.has(command.name)) return { kind: 'none' };
  const deviceId = deviceOf(command);
  return deviceId === undefined ? { kind: 'all' } : { kind: 'camera', deviceId };
}

/** The device that a command names. */
export function deviceOf({ parameters }: Command): string | undefined {
  if ('device_id' in parameters) return parameters.device_id ?? undefined;
  return 'camera_id' in parameters ? (parameters.camera_id ?? undefined) : undefined;
}
