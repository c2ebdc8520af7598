import * as v from 'valibot';
import { CONTROL_CHARACTER } from '../core/safe-text.js';
import { COMMAND_NAMES, commandNameOf, id, parametersSchema, type Command } from './commands.js';

/** Checks whatever a host sent, by the table of commands. A refusal is a sentence that quotes little and no control characters. */

/** What every command has besides its parameters. */
export const COMMAND_ENVELOPE = v.object({
  command: v.string('must be text'),
  command_id: v.nullish(id),
});

type RefusalCode = 'invalid_command' | 'unknown_command' | 'invalid_setting';

export type CheckedCommand =
  | {
      readonly ok: true;
      readonly id: string | undefined;
      readonly command: Command;
      /** Parameters whose free text had to be changed. */
      readonly cleaned: readonly string[];
    }
  | {
      readonly ok: false;
      readonly id: string | undefined;
      /** The command name as the host wrote it, cut to a readable length. `invalid` if it was not text. */
      readonly spelling: string;
      readonly code: RefusalCode;
      readonly error: string;
    };

/** Checks any value that a host sent. Ignores unknown extra fields. Never throws. */
export function checkCommand(value: unknown): CheckedCommand {
  try {
    return checkFields(value);
  } catch {
    // A getter or a proxy threw. Only an in-process host can send one.
    const error = 'The fields of the command cannot be read.';
    return { ok: false, id: undefined, spelling: 'invalid', code: 'invalid_command', error };
  }
}

function checkFields(value: unknown): CheckedCommand {
  const refuse = (code: RefusalCode, error: string): CheckedCommand => ({
    ok: false,
    id: usableId(value),
    spelling: spellingOf(value),
    code,
    error,
  });
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse('invalid_command', 'A command must be a JSON object, for example {"command":"get_status"}.');
  }
  if (Object.hasOwn(value, '__proto__')) return refuse('invalid_command', 'The field "__proto__" is not allowed.');
  const envelope = v.safeParse(COMMAND_ENVELOPE, value);
  if (!envelope.success) return refuse('invalid_command', describeIssues(envelope.issues));
  const name = commandNameOf(envelope.output.command);
  if (name === undefined) {
    return refuse(
      'unknown_command',
      `"${shorten(envelope.output.command)}" is not a command. The commands are: ${COMMAND_NAMES.join(', ')}.`,
    );
  }
  const parameters = v.safeParse(parametersSchema(name), value);
  if (!parameters.success) return refuse(codeOf(parameters.issues), `${name}: ${describeIssues(parameters.issues)}`);
  return {
    ok: true,
    id: envelope.output.command_id ?? undefined,
    // The parameters were checked with the schema of `name`. The compiler cannot infer that through the table.
    command: { name, parameters: parameters.output } as Command,
    cleaned: FREE_TEXTS.filter((field) => isCleaned(field, value, parameters.output)),
  };
}

/** The parameters that are settings, or hold them. */
const SETTING_PARAMETERS: ReadonlySet<unknown> = new Set(['settings', 'width', 'height', 'fps']);

function codeOf(issues: readonly v.BaseIssue<unknown>[]): RefusalCode {
  const isOfSetting = issues.some(({ path: place }) => SETTING_PARAMETERS.has(place?.[0]?.key));
  return isOfSetting ? 'invalid_setting' : 'invalid_command';
}

/** The parameters with free text. */
const FREE_TEXTS = ['display_name', 'trial_label'] as const;

/** Fields that the command does not have are in `before` only, and are ignored. */
function isCleaned(field: string, before: object, after: object): boolean {
  const kept: unknown = Reflect.get(after, field);
  return typeof kept === 'string' && kept !== Reflect.get(before, field);
}

/** Example: "device_id must be text; camera_index must not be negative." Bad values are left out: they may be huge. */
function describeIssues(issues: readonly v.BaseIssue<unknown>[]): string {
  const sentences = issues.slice(0, 5).map((issue) => {
    const field = v.getDotPath(issue) ?? 'the command';
    const isMissing = issue.type === 'object' && issue.received === 'undefined';
    return `${shorten(field)} ${isMissing ? 'is missing' : shorten(issue.message)}`;
  });
  return `${sentences.join('; ')}.`;
}

function usableId(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('command_id' in value)) return undefined;
  const parsed = v.safeParse(id, value.command_id);
  return parsed.success ? parsed.output : undefined;
}

function spellingOf(value: unknown): string {
  if (typeof value !== 'object' || value === null || !('command' in value)) return 'invalid';
  return typeof value.command === 'string' ? shorten(value.command) : 'invalid';
}

/** Cuts text that a host sent to 80 characters and replaces control characters, so that a message can quote it. */
function shorten(original: string): string {
  const start = original.slice(0, 80).toWellFormed().replaceAll(new RegExp(CONTROL_CHARACTER, 'g'), '\uFFFD');
  return original.length > 80 ? `${start}…` : start;
}
