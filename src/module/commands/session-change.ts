import type { Command } from '../../protocol/commands.js';
import { identityOf } from '../camera/assignment.js';
import type { SessionChange } from '../session.js';

/** What a command does to the session when it arrives. An assignment that names no camera is refused and changes nothing. */
export function sessionChangeOf(command: Command): SessionChange {
  if (command.name === 'stop_session') return { kind: 'end' };
  if (command.name === 'start_session') return { kind: 'begin', path: command.parameters.session_dir ?? undefined };
  if (command.name === 'start_recording') return named(command.parameters.session_dir);
  if (command.name === 'assign_device' && identityOf(command.parameters) !== null)
    return named(command.parameters.session_dir);
  return { kind: 'none' };
}

function named(path: string | null | undefined): SessionChange {
  return path === undefined || path === null ? { kind: 'none' } : { kind: 'begin', path };
}
