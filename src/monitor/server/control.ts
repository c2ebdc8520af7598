import type { Clock } from '../../core/clock.js';
import { TIMED_OUT, within } from '../../core/within.js';
import type { StatusMessage } from '../../protocol/statuses.js';
import type { ControlCommand } from '../monitor-words.js';
import { jsonAnswer, refusal, type Answer } from './response-headers.js';
import type { ControlAction } from './routes.js';

/** How long a command of the page is waited for, ms. It waits behind the host's commands, and a setting may reopen the camera. */
const COMMAND_LIMIT_MS = 60_000;

const COMMANDS = { settings: 'set_settings', fix: 'fix_settings', snapshot: 'take_snapshot' } as const satisfies Record<
  ControlAction,
  ControlCommand['command']
>;

/** The command that a body asks for, or a sentence about what is wrong with it. The settings are checked as a host's are. */
export function controlCommand(action: ControlAction, deviceId: string, body: Buffer): ControlCommand | string {
  const read = readJson(body);
  if (read === null) return 'The body is not a JSON object.';
  const command = { command: COMMANDS[action], device_id: deviceId };
  const allowed = action === 'settings' ? ['settings'] : [];
  const unknown = Object.keys(read).find((name) => !allowed.includes(name));
  if (unknown !== undefined) return `The body may hold ${allowed.join(', ') || 'nothing'}, as an object.`;
  if (action !== 'settings') return command;
  const settings = 'settings' in read ? read.settings : undefined;
  if (!isPlainObject(settings)) return 'The body needs "settings", an object.';
  return { ...command, settings };
}

/** Gives the command and answers with its final status: 200 where it did what was asked, 409 where it did not. */
export async function answerOfCommand(
  clock: Clock,
  command: ControlCommand,
  give: (command: ControlCommand) => Promise<StatusMessage>,
): Promise<Answer> {
  const status = await within(clock, COMMAND_LIMIT_MS, give(command));
  if (status === TIMED_OUT)
    return refusal(504, 'The recorder has not answered yet. The command may still be carried out.');
  const isDone = status.status === 'settings_changed' || status.status === 'snapshot_taken';
  return jsonAnswer(isDone ? 200 : 409, status);
}

function readJson(body: Buffer): object | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    return isPlainObject(value) ? value : null;
  } catch {
    // Not UTF-8, or not JSON: the caller says so.
    return null;
  }
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
