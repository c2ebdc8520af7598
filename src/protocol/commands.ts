import * as v from 'valibot';

/**
 * The host's commands: names, aliases and parameters, the one source for parsing, `plugin.json` and
 * `docs/host-protocol.md` (tests hold them together). How a command is carried out does not belong here.
 */

/** Longest line a host may send, bytes without the newline. */
export const MAX_LINE_BYTES = 64 * 1024;

const MAX_TEXT = 256;
const MAX_PATH = 4096;

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

const plainText = (maxLength: number) =>
  v.pipe(
    v.string('must be a text'),
    v.maxLength(maxLength, `must have at most ${maxLength} characters`),
    v.check((text) => !CONTROL_CHARACTER.test(text), 'must not hold control characters'),
    v.check((text) => text.isWellFormed(), 'must be valid Unicode'),
  );

const id = v.pipe(plainText(MAX_TEXT), v.nonEmpty('must not be empty'));
const text = plainText(MAX_TEXT);
const path = v.pipe(plainText(MAX_PATH), v.nonEmpty('must not be empty'));
const wholeNumber = (max: number) =>
  v.pipe(
    v.number('must be a number'),
    v.safeInteger('must be a whole number'),
    v.minValue(0, 'must not be negative'),
    v.maxValue(max, `must be at most ${max}`),
  );

/** Hosts that have nothing to say send null: it counts as left out. */
const optional = <S extends v.GenericSchema>(schema: S) => v.nullish(schema);

const describe = <S extends v.GenericSchema>(schema: S, description: string) =>
  v.pipe(schema, v.description(description));

const deviceId = describe(id, 'The device, as in "picam:0".');
const anyDeviceId = { device_id: optional(describe(id, 'The device; left out: every assigned camera.')) };

interface CommandDefinition {
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly parameters: v.ObjectEntries;
}

export const COMMANDS = {
  assign_device: {
    aliases: [],
    summary: 'Opens a camera: device_ack at once, device_ready after the first frame, or device_error.',
    parameters: {
      device_id: deviceId,
      camera_index: optional(
        describe(wholeNumber(63), 'Index as the capture tool lists it; left out: the number in device_id.'),
      ),
      camera_stable_id: optional(describe(id, 'libcamera id, or its stable end: the index follows it.')),
      camera_hw_model: optional(describe(id, 'Sensor model (imx296): the index follows it.')),
      display_name: optional(describe(text, 'Friendly name, part of the file names.')),
      session_dir: optional(describe(path, 'Sets the session directory too.')),
    },
  },
  unassign_device: {
    aliases: [],
    summary: 'Stops a recording and releases the camera: device_unassigned.',
    parameters: { ...anyDeviceId },
  },
  unassign_all_devices: {
    aliases: [],
    summary: 'Releases every camera: device_unassigned with port_released.',
    parameters: {},
  },
  start_session: {
    aliases: [],
    summary: 'Sets the session directory: command_ack.',
    parameters: { session_dir: describe(path, 'Absolute, or relative to the data directory.') },
  },
  stop_session: {
    aliases: [],
    summary: 'Stops a recording and forgets the session directory: command_ack.',
    parameters: {},
  },
  start_recording: {
    aliases: ['record', 'start_record'],
    summary: 'Starts a take: recording_started when its first frame is in the file, or recording_error.',
    parameters: {
      session_dir: optional(describe(path, 'Sets the session directory too.')),
      trial_number: optional(describe(wholeNumber(999_999_999), 'Left out: the number of the last trial plus one.')),
      trial_label: optional(describe(text, 'Goes into the timing file.')),
      ...anyDeviceId,
    },
  },
  stop_recording: {
    aliases: ['pause', 'stop_record'],
    summary: 'Ends the take: recording_stopped.',
    parameters: { ...anyDeviceId },
  },
  take_snapshot: {
    aliases: [],
    summary: 'Writes the next frame as a JPEG into the session directory: snapshot_taken.',
    parameters: { ...anyDeviceId },
  },
  get_status: { aliases: [], summary: 'Answers with a status_report.', parameters: {} },
  set_log_level: {
    aliases: [],
    summary: 'Changes what csicameras.log holds: log_level_changed.',
    parameters: {
      level: describe(
        v.pipe(
          plainText(16),
          v.toLowerCase(),
          v.picklist(['debug', 'info', 'warn', 'warning', 'error', 'critical'], 'must be debug, info, warn or error'),
        ),
        'debug, info, warn or error ("warning" and "critical" are understood), in any case.',
      ),
      target: optional(describe(text, 'Accepted for other modules; this one has one log.')),
    },
  },
  toggle_preview: {
    aliases: [],
    summary: 'Turns the preview on or off: preview_toggled.',
    parameters: {
      camera_id: optional(describe(id, 'The camera; left out: every assigned camera.')),
      enabled: describe(v.boolean('must be true or false'), 'Whether frames go to the preview.'),
    },
  },
  show_window: { aliases: [], summary: 'There is no window: command_ack, supported: false.', parameters: {} },
  hide_window: { aliases: [], summary: 'There is no window: command_ack, supported: false.', parameters: {} },
  get_geometry: { aliases: [], summary: 'There is no window: command_ack, supported: false.', parameters: {} },
  quit: {
    aliases: ['shutdown'],
    summary: 'The shutdown sequence, then exit 0: shutdown_complete.',
    parameters: {},
  },
} as const satisfies Record<string, CommandDefinition>;

export type CommandName = keyof typeof COMMANDS;

export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly CommandName[];

type OutputOf<E> = E extends v.ObjectEntries ? v.InferOutput<v.ObjectSchema<E, undefined>> : never;

export type CommandParameters<N extends CommandName> = OutputOf<(typeof COMMANDS)[N]['parameters']>;

/** A checked command. `name` is never an alias. */
export type Command = {
  [N in CommandName]: { readonly name: N; readonly parameters: CommandParameters<N> };
}[CommandName];

const NAME_OF = new Map<string, CommandName>(
  COMMAND_NAMES.flatMap((name) => [name, ...COMMANDS[name].aliases].map((spelling) => [spelling, name] as const)),
);

/** The command's own name for a name or an alias, or `undefined`. */
export function commandNameOf(spelling: string): CommandName | undefined {
  return NAME_OF.get(spelling);
}

const ENVELOPE = v.object({
  command: v.string('must be a text'),
  command_id: optional(id),
});

/** The parameters' schema of a command, for `plugin.json` and for checking. */
export function parametersSchema(name: CommandName): v.ObjectSchema<v.ObjectEntries, undefined> {
  return v.object(COMMANDS[name].parameters);
}

export type CheckedCommand =
  | { readonly ok: true; readonly id: string | undefined; readonly command: Command }
  | {
      readonly ok: false;
      readonly id: string | undefined;
      /** The command as it was spelt, where it was a text, cut to a readable length. */
      readonly spelling: string;
      readonly code: 'invalid_command' | 'unknown_command';
      readonly error: string;
    };

/** Checks what a host sent, whatever it is. Unknown extra fields are ignored. Never throws. */
export function checkCommand(value: unknown): CheckedCommand {
  try {
    return checkFields(value);
  } catch {
    // Only a host in process can send such a thing: a getter or a proxy that throws.
    const error = 'The fields of the command cannot be read.';
    return { ok: false, id: undefined, spelling: 'invalid', code: 'invalid_command', error };
  }
}

function checkFields(value: unknown): CheckedCommand {
  const refuse = (code: 'invalid_command' | 'unknown_command', error: string): CheckedCommand => ({
    ok: false,
    id: usableId(value),
    spelling: spellingOf(value),
    code,
    error,
  });
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse('invalid_command', 'A command is a JSON object, such as {"command":"get_status"}.');
  }
  if (Object.hasOwn(value, '__proto__')) return refuse('invalid_command', 'The field "__proto__" is not allowed.');
  const envelope = v.safeParse(ENVELOPE, value);
  if (!envelope.success) return refuse('invalid_command', describeIssues(envelope.issues));
  const name = commandNameOf(envelope.output.command);
  if (name === undefined) {
    return refuse(
      'unknown_command',
      `"${shorten(envelope.output.command)}" is no command; known are: ${COMMAND_NAMES.join(', ')}.`,
    );
  }
  const parameters = v.safeParse(parametersSchema(name), value);
  if (!parameters.success) return refuse('invalid_command', `${name}: ${describeIssues(parameters.issues)}`);
  return {
    ok: true,
    id: envelope.output.command_id ?? undefined,
    // The schema is the one of `name`, which the compiler cannot follow through the table.
    command: { name, parameters: parameters.output } as Command,
  };
}

/** "device_id must be a text; camera_index must not be negative." The bad value itself may be huge: it is not repeated. */
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

/** At most 80 characters, without control characters: for messages that repeat what somebody sent. */
function shorten(original: string): string {
  const start = original.slice(0, 80).toWellFormed().replaceAll(new RegExp(CONTROL_CHARACTER, 'g'), '\uFFFD');
  return original.length > 80 ? `${start}…` : start;
}
