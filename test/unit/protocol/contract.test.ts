import { describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
import { INFO_SHAPE } from '../../../src/inspect/info/info-schema.js';
import { checkCommand } from '../../../src/protocol/command-check.js';
import { COMMAND_NAMES, COMMANDS, type CommandName } from '../../../src/protocol/commands.js';
import { DEFAULT_CONFIG, describeOptions, readConfig } from '../../../src/protocol/config.js';
import { SETTING_ENTRIES } from '../../../src/protocol/setting-schemas.js';
import { STATUSES, type StatusMessage } from '../../../src/protocol/statuses.js';
import { endHeldLines, HeldSession, heldLine } from '../../harness/held-lines.js';
import { infoExample } from '../../harness/info-files.js';
import { MarkdownDocument } from '../../harness/markdown-tables.js';
import { StatusLog } from '../../harness/mock-host.js';
import { againstSchema, type SchemaName } from '../../harness/published-schemas.js';
import * as told from '../../harness/told-statuses.js';

/** Right for some fields and wrong for most. */
const PROBES: readonly unknown[] = [
  [null, true, false, '', 'x', 'picam:0', '/tmp/x', '12', '1640:1232:10:P', 'a'.repeat(300), 'a'.repeat(5000)],
  [-1, 0, 0.001, 0.5, 1, 1.5, 2, 5, 16, 30, 90, 180, 640, 1200, 100_000, 1e7, 1e12, 2 ** 53, 1e300],
  [[], {}, [1, 1], [0.05, 1], [1, 1, 1], [0, 0, 1, 1], [0, 0, 0.5, 0.5, 1], [2, 0, 1, 1], { gain: 2 }],
  ['DEBUG', 'Warning', 'error', 'info', 'spot', 'manual', 'server', 'off', 'dropOldest', 'auto', 'sensor'],
].flat();

const NEEDED: Partial<Record<CommandName, object>> = {
  assign_device: { device_id: 'picam:0' },
  set_settings: { settings: { gain: 2 } },
  set_resolution: { width: 640, height: 480 },
  set_fps: { fps: 30 },
  set_log_level: { level: 'info' },
  toggle_preview: { enabled: true },
};

const isValid = (name: SchemaName, value: unknown): boolean => againstSchema(name, value) === undefined;

/** Expects that the schema takes what the module takes, and nothing else. `values` are told by their JSON. */
function expectSame(name: SchemaName, values: readonly object[], isTaken: (value: object) => boolean): void {
  const differing = values.filter((value) => isTaken(value) !== isValid(name, value));
  expect(differing.map((value) => `taken ${isTaken(value)}: ${JSON.stringify(value).slice(0, 300)}`)).toEqual([]);
  const taken = values.filter((value) => isTaken(value)).length;
  expect([taken, values.length - taken].every((count) => count > 0)).toBe(true);
}

/** The value with each of its fields, however deep, left out, and with each replaced by something else. */
function variants(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).flatMap((key) => {
    const { [key]: field, ...rest } = value as Record<string, unknown>;
    const put = (other: unknown): unknown =>
      Array.isArray(value) ? value.with(Number(key), other) : { ...value, [key]: other };
    const without = Array.isArray(value) ? value.toSpliced(Number(key), 1) : rest;
    return [without, ...[null, 'x', -1.5, {}, [true]].map(put), ...variants(field).map(put)];
  });
}

describe('the schema of commands', () => {
  const command = (name: CommandName, fields: object): object => ({ command: name, ...NEEDED[name], ...fields });
  const isTaken = (value: unknown): boolean => checkCommand(value).ok;

  it('takes each parameter of each command as the module does', () => {
    const values = COMMAND_NAMES.flatMap((name) =>
      ['command_id', 'unknown', ...Object.keys(COMMANDS[name].parameters)].flatMap((parameter) =>
        PROBES.map((probe) => command(name, { [parameter]: probe })),
      ),
    );
    expectSame('command', values, isTaken);
  });

  it('takes each setting as the module does', () => {
    const values = ['unknown', ...Object.keys(SETTING_ENTRIES)].flatMap((setting) =>
      PROBES.map((probe) => command('set_settings', { settings: { [setting]: probe } })),
    );
    expectSame('command', values, isTaken);
  });

  it('takes each name and each alias, with what the command needs', () => {
    const spellings = COMMAND_NAMES.flatMap((name) => [name, ...COMMANDS[name].aliases].map((one) => [one, name]));
    const values = spellings.flatMap(([spelling, name]) => [
      { command: spelling, ...NEEDED[name as CommandName] },
      { command: spelling },
    ]);
    expectSame('command', [...values, { command: 'dance' }, { command: 1 }, {}, []], isTaken);
  });

  it.each([
    ['control characters', { command: 'assign_device', device_id: 'picam:0\u0007' }],
    ['broken Unicode', { command: 'assign_device', device_id: '\ud800' }],
    ['a part beyond the whole', { command: 'set_settings', settings: { regionOfInterest: [0.5, 0, 0.6, 1] } }],
    ['a mode of an impossible size', { command: 'set_settings', settings: { sensorMode: '10:10:10:P' } }],
  ])('has no word for %s: the module refuses that itself', (_what, value) => {
    expect({ taken: isTaken(value), valid: isValid('command', value) }).toEqual({ taken: false, valid: true });
  });
});

describe('the schema of the configuration', () => {
  it('takes each option as the module does', () => {
    const values = describeOptions().flatMap(({ path }) => {
      const [section = '', name] = path.split('.');
      return PROBES.map((probe) => ({ [section]: name === undefined ? probe : { [name]: probe } }));
    });
    expectSame('config', values, (value) => readConfig(value).problems.length === 0);
  });

  it('takes all defaults, and options that it does not know', () => {
    expect(againstSchema('config', { ...DEFAULT_CONFIG, surprise: 1, camera: { surprise: 1 } })).toBeUndefined();
  });
});

describe('the schema of statuses', () => {
  const session = new MarkdownDocument('docs/host-protocol.md')
    .codeUnder('A session')
    .filter((line) => line.startsWith('< '))
    .map((line) => JSON.parse(line.slice(2)) as StatusMessage);
  const part = { take: 1, video_path: null, timing_path: null, info_path: '/a_info.json', frames: 3 };
  const samples: readonly StatusMessage[] = [
    ...session,
    told.started(),
    told.stopped({ parts: [part], given: { ...told.NOTHING_GIVEN, lux: [1, 2.5] } }),
    told.ready({ reconnected: true, attempts: 2, downtime_ms: 800 }),
    told.lost(),
    told.told({ status: 'heartbeat', data: told.report(told.recording()) }, 'an id'),
  ];

  it('takes data as the code does: with a field left out, and with another value in each field', () => {
    const values = samples.flatMap((message) => [
      message,
      ...variants(message.data).map((data) => ({ ...message, data })),
    ]);
    expectSame('status', values, (value) => {
      const { status, data } = value as StatusMessage;
      return v.is(STATUSES[status], data);
    });
  });

  it('takes fields that it does not know, and nothing without the envelope', () => {
    const [sample = told.started()] = samples;
    expect(againstSchema('status', { ...sample, surprise: 1, data: { ...sample.data, surprise: 1 } })).toBeUndefined();
    for (const field of ['type', 'status', 'timestamp', 'data'] as const) {
      const { [field]: _, ...rest } = sample;
      expect(againstSchema('status', rest)).toContain(`"missingProperty":"${field}"`);
    }
    expect(againstSchema('status', { ...sample, status: 'surprise' })).toContain('/status must be equal to one of');
    expect(againstSchema('status', { ...sample, timestamp: 'today' })).toContain('/timestamp must match pattern');
    expect(againstSchema('status', { ...told.started(), in_reply_to: 'one id' })).toContain('command_id');
  });
});

describe('the schema of info files', () => {
  it('takes one as the code does: with a field left out, and with another value in each field', () => {
    const { csi_cameras: facts, ...top } = infoExample();
    const timing = { ...facts.files.timing, sha256: '0f'.repeat(32) };
    const info = { ...top, csi_cameras: { ...facts, files: { ...facts.files, timing } } };
    const values = [info, ...variants(info)] as object[];
    // For valibot a list is a record too.
    expectSame('info', values, (value) => {
      const { success, output } = v.safeParse(INFO_SHAPE, value, { abortEarly: true });
      return success && !Array.isArray((value as typeof output).csi_cameras.settings.asked);
    });
  });
});

describe('a session that is held', () => {
  const { video_path: _, ...data } = told.started().data as Record<string, unknown>;
  const wrong = { ...told.started(), data } as StatusMessage;

  it('fails with a status that lacks a field, and says which', () => {
    const log = new StatusLog();
    log.hear(wrong);
    expect(() => {
      log.expectProper();
    }).toThrow("/data must have required property 'video_path'");
    expect(() => heldLine(new HeldSession(), JSON.stringify(wrong))).toThrow('video_path');
  });

  it('fails at the end of the suite where no test looked', () => {
    new StatusLog().hear(wrong);
    expect(endHeldLines).toThrow('video_path');
    expect(endHeldLines).not.toThrow();
  });

  it('fails where a command that is not valid is carried out, and not where it is refused', () => {
    const log = new StatusLog();
    log.sent('one', { command: 'assign_device' });
    log.hear(
      told.told({ status: 'command_nack', data: { success: false, code: 'invalid_command', error: '' } }, 'one'),
    );
    expect(log.expectProper.bind(log)).not.toThrow();
    log.hear(told.told({ status: 'device_ack', data: { device_id: 'picam:0' } }, 'one'));
    expect(log.expectProper.bind(log)).toThrow("must have required property 'device_id'");
  });
});
