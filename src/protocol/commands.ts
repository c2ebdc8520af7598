import * as v from 'valibot';
import { CAMERA_INDEX_RANGE, MAX_PATH } from '../core/capture-limits.js';
import { CONTROL_CHARACTER } from '../core/safe-text.js';
import { freeText } from './free-text.js';
import { anyCaseWords } from './json-words.js';
import { SETTING_ENTRIES, settingSchema } from './setting-schemas.js';

/**
 * The host's commands: names, aliases and parameters. The checks, `plugin.json` and `docs/host-protocol.md` all use
 * this table, and tests compare them with it. What is done with what a host sends does not belong here: it is checked in
 * `command-check.ts`, and carried out in `module/commands/`.
 */

/** Longest line that a host may send, in bytes without the newline. */
export const MAX_LINE_BYTES = 64 * 1024;

const MAX_TEXT = 256;

const plainText = (maxLength: number) =>
  v.pipe(
    v.string('must be text'),
    v.maxLength(maxLength, `must have at most ${maxLength} characters`),
    v.check((text) => !CONTROL_CHARACTER.test(text), 'must not contain control characters'),
    v.check((text) => text.isWellFormed(), 'must be valid Unicode'),
  );

/** A name that identifies something. */
export const id = v.pipe(plainText(MAX_TEXT), v.nonEmpty('must not be empty'));
const text = plainText(MAX_TEXT);
const path = v.pipe(plainText(MAX_PATH), v.nonEmpty('must not be empty'));
const wholeNumber = (max: number) =>
  v.pipe(
    v.number('must be a number'),
    v.safeInteger('must be a whole number'),
    v.minValue(0, 'must not be negative'),
    v.maxValue(max, `must be at most ${max}`),
  );

const NO_INSTANT = 'must be nanoseconds: text of digits, or a whole number below 2^53';
/** A number of 2^53 and more has lost its last digits already. The field's text has room for 64 bits. */
const instant = v.pipe(
  v.union(
    [
      v.pipe(v.string(), v.regex(/^\d{1,20}$/, NO_INSTANT)),
      v.pipe(v.number(), v.safeInteger(NO_INSTANT), v.minValue(0, NO_INSTANT)),
    ],
    NO_INSTANT,
  ),
  v.transform((named): bigint => BigInt(named)),
);

/** Some hosts send null for a parameter without a value. It counts as left out. */
const optional = <S extends v.GenericSchema>(schema: S) => v.nullish(schema);

const describe = <S extends v.GenericSchema>(schema: S, description: string) =>
  v.pipe(schema, v.description(description));

/** Hosts name a camera by its number too: N is `picam:N`. */
const cameraId = v.pipe(
  v.union([id, wholeNumber(CAMERA_INDEX_RANGE.max)], 'must be text or a whole number'),
  v.transform((named) => (typeof named === 'number' ? `picam:${named}` : named)),
);

const deviceId = describe(id, 'The device, for example "picam:0".');
const anyDeviceId = { device_id: optional(describe(id, 'The device. Default: every assigned camera.')) };

const settings = v.pipe(
  v.strictObject(SETTING_ENTRIES, ({ expected }) => (expected === 'never' ? 'is not a setting' : 'must be an object')),
  v.check((named) => Object.values(named).some((value) => value !== undefined), 'must name at least one setting'),
  v.metadata({ minProperties: 1 }),
);

const LEVEL_WORDS = ['debug', 'info', 'warn', 'warning', 'error', 'critical'] as const;

interface CommandDefinition {
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly parameters: v.ObjectEntries;
}

export const COMMANDS = {
  assign_device: {
    aliases: [],
    summary: 'Opens a camera. Sends device_ack at once, then device_ready after the first frame, or device_error.',
    parameters: {
      device_id: deviceId,
      camera_index: optional(
        describe(
          wholeNumber(CAMERA_INDEX_RANGE.max),
          'Index in the list of the capture tool. Default: the number in device_id.',
        ),
      ),
      camera_stable_id: optional(
        describe(id, 'libcamera id, or its stable end. It decides which camera is opened, whatever its index.'),
      ),
      camera_hw_model: optional(
        describe(id, 'Sensor model, for example imx296. It decides which camera is opened, whatever its index.'),
      ),
      display_name: optional(describe(freeText, 'Friendly name. It becomes part of the file names.')),
      session_dir: optional(describe(path, 'Also sets the session directory.')),
      keep_trying: optional(
        describe(
          v.boolean('must be true or false'),
          'Whether an assignment that fails is tried again until a frame comes, as for a lost camera. Default: false.',
        ),
      ),
    },
  },
  unassign_device: {
    aliases: [],
    summary: 'Stops a recording and releases the camera. Sends device_unassigned.',
    parameters: { ...anyDeviceId },
  },
  unassign_all_devices: {
    aliases: [],
    summary: 'Releases every camera. Sends device_unassigned with port_released.',
    parameters: {},
  },
  start_session: {
    aliases: [],
    summary: 'Sets the session directory. Sends command_ack.',
    parameters: {
      session_dir: optional(
        describe(path, 'Absolute path, or path relative to the data directory. Default: the data directory.'),
      ),
    },
  },
  stop_session: {
    aliases: [],
    summary: 'Stops a recording and clears the session directory. Sends command_ack.',
    parameters: {},
  },
  start_recording: {
    aliases: ['record', 'start_record', 'resume_recording'],
    summary: 'Starts a take. Sends recording_started when its first frame is in the file, or recording_error.',
    parameters: {
      session_dir: optional(describe(path, 'Also sets the session directory.')),
      trial_number: optional(
        describe(wholeNumber(999_999_999), 'Number of the trial. Default: the number of the last trial plus one.'),
      ),
      trial_label: optional(describe(freeText, 'Label of the trial. It is written into the timing file.')),
      start_mono_ns: optional(
        describe(
          instant,
          'Instant (CLOCK_MONOTONIC, nanoseconds) at which the take begins, at most 60 s ahead. Default: now.',
        ),
      ),
      ...anyDeviceId,
    },
  },
  stop_recording: {
    aliases: ['pause', 'stop_record'],
    summary: 'Ends the take. Sends recording_stopped.',
    parameters: { ...anyDeviceId },
  },
  take_snapshot: {
    aliases: [],
    summary: 'Writes the next frame as a JPEG into the session directory. Sends snapshot_taken.',
    parameters: { ...anyDeviceId },
  },
  set_settings: {
    aliases: [],
    summary: 'Changes settings of the camera and keeps them. Sends settings_changed. Refused while recording.',
    parameters: {
      ...anyDeviceId,
      settings: describe(
        settings,
        'Settings by their names in the configuration, for example {"exposureTimeUs": 5000}. null takes one back.',
      ),
    },
  },
  get_settings: {
    aliases: [],
    summary: 'Sends settings: what the camera is asked for, what it gives, and what is kept.',
    parameters: { ...anyDeviceId },
  },
  fix_settings: {
    aliases: [],
    summary: 'Fixes and keeps the present exposure, gain, colour gains and lens position. Sends settings_changed.',
    parameters: { ...anyDeviceId },
  },
  set_resolution: {
    aliases: [],
    summary: 'Changes width and height as set_settings does. Sends settings_changed.',
    parameters: { ...anyDeviceId, width: settingSchema('width'), height: settingSchema('height') },
  },
  set_fps: {
    aliases: [],
    summary: 'Changes the rate as set_settings does. Sends settings_changed.',
    parameters: { ...anyDeviceId, fps: settingSchema('fps') },
  },
  get_status: { aliases: [], summary: 'Sends a status_report.', parameters: {} },
  set_log_level: {
    aliases: [],
    summary: 'Sets the level of csicameras.log. Sends log_level_changed.',
    parameters: {
      level: describe(
        v.pipe(
          plainText(16),
          v.metadata(anyCaseWords(LEVEL_WORDS)),
          v.toLowerCase(),
          v.picklist(LEVEL_WORDS, 'must be debug, info, warn or error'),
        ),
        'debug, info, warn or error, in upper or lower case. "warning" and "critical" are accepted too.',
      ),
      target: optional(
        describe(text, 'Accepted because other modules have several logs. Ignored, because this one has one log.'),
      ),
    },
  },
  toggle_preview: {
    aliases: [],
    summary: 'Turns the preview on or off. Sends preview_toggled.',
    parameters: {
      camera_id: optional(
        describe(cameraId, 'The camera. A number N means "picam:N". Default: every assigned camera.'),
      ),
      enabled: describe(v.boolean('must be true or false'), 'Whether frames go to the preview.'),
    },
  },
  show_window: {
    aliases: [],
    summary: "Opens the monitor's page in this machine's browser, if there are both. Sends command_ack.",
    parameters: {},
  },
  hide_window: { aliases: [], summary: 'There is no window. Sends command_ack with supported: false.', parameters: {} },
  get_geometry: {
    aliases: [],
    summary: 'There is no window. Sends command_ack with supported: false.',
    parameters: {},
  },
  quit: {
    aliases: ['shutdown'],
    summary: 'Shuts the module down. Sends shutdown_complete, then the process exits with 0.',
    parameters: {},
  },
} as const satisfies Record<string, CommandDefinition>;

export type CommandName = keyof typeof COMMANDS;

export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly CommandName[];

type OutputOf<E> = E extends v.ObjectEntries ? v.InferOutput<v.ObjectSchema<E, undefined>> : never;

export type CommandParameters<N extends CommandName> = OutputOf<(typeof COMMANDS)[N]['parameters']>;

/** A command that was checked. `name` is never an alias. */
export type Command = {
  [N in CommandName]: { readonly name: N; readonly parameters: CommandParameters<N> };
}[CommandName];

const NAME_OF = new Map<string, CommandName>(
  COMMAND_NAMES.flatMap((name) => [name, ...COMMANDS[name].aliases].map((spelling) => [spelling, name] as const)),
);

/** The name of the command for a name or an alias, or `undefined`. */
export function commandNameOf(spelling: string): CommandName | undefined {
  return NAME_OF.get(spelling);
}

/** The schema of a command's parameters, for `plugin.json` and for checks. */
export function parametersSchema(name: CommandName): v.ObjectSchema<v.ObjectEntries, undefined> {
  return v.object(COMMANDS[name].parameters);
}
