import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { checkCommand, type CheckedCommand } from '../../../src/protocol/command-check.js';
import { COMMAND_NAMES, commandNameOf, COMMANDS } from '../../../src/protocol/commands.js';

function refusal(value: unknown): CheckedCommand & { ok: false } {
  const checked = checkCommand(value);
  if (checked.ok) throw new Error(`${JSON.stringify(value)} was accepted`);
  return checked;
}

function accepted(value: unknown): CheckedCommand & { ok: true } {
  const checked = checkCommand(value);
  if (!checked.ok) throw new Error(checked.error);
  return checked;
}

const LEAST_PARAMETERS: Record<string, object> = {
  assign_device: { device_id: 'picam:0' },
  set_log_level: { level: 'info' },
  toggle_preview: { enabled: true },
  set_settings: { settings: { gain: 2 } },
  set_resolution: { width: 640, height: 480 },
  set_fps: { fps: 30 },
};

describe('names', () => {
  it.each(COMMAND_NAMES.map((name) => [name]))('%s is accepted by its name and its aliases', (name) => {
    for (const spelling of [name, ...COMMANDS[name].aliases]) {
      expect(accepted({ command: spelling, ...LEAST_PARAMETERS[name] }).command.name).toBe(name);
    }
  });

  it('spell no two commands alike', () => {
    const spellings = COMMAND_NAMES.flatMap((name) => [name, ...COMMANDS[name].aliases]);
    expect(new Set(spellings).size).toBe(spellings.length);
  });

  it.each([['GET_STATUS'], [' get_status'], ['constructor'], ['__proto__'], ['toString'], ['']])(
    'do not include %p',
    (spelling) => {
      expect(commandNameOf(spelling)).toBeUndefined();
      expect(refusal({ command: spelling })).toMatchObject({ code: 'unknown_command' });
    },
  );
});

describe('checkCommand', () => {
  it('hands over the parameters, and ignores fields it does not know', () => {
    const { id, command } = accepted({
      command: 'record',
      command_id: 'rec_20260106_143052_001',
      timestamp: '2026-01-06T14:30:52.123Z',
      session_dir: '/data/session_1',
      trial_number: 7,
      trial_label: 'left, "fast"',
      colour: 'blue',
    });
    expect(id).toBe('rec_20260106_143052_001');
    expect(command).toEqual({
      name: 'start_recording',
      parameters: { session_dir: '/data/session_1', trial_number: 7, trial_label: 'left, "fast"' },
    });
  });

  it('takes null for left out, in optional parameters only', () => {
    const { id, command } = accepted({ command: 'unassign_device', device_id: null, command_id: null });
    expect(id).toBeUndefined();
    expect(command.parameters).toEqual({ device_id: null });
    expect(refusal({ command: 'assign_device', device_id: null }).error).toBe('assign_device: device_id must be text.');
  });

  it('takes the number of a camera for its id where the host names one by its number', () => {
    const idFor = (camera: unknown): unknown =>
      accepted({ command: 'toggle_preview', enabled: true, camera_id: camera }).command.parameters;
    expect(idFor(3)).toEqual({ enabled: true, camera_id: 'picam:3' });
    expect(idFor('front')).toEqual({ enabled: true, camera_id: 'front' });
    expect(idFor(null)).toEqual({ enabled: true, camera_id: null });
  });

  it('names the free texts that it cleaned, and no others', () => {
    expect(accepted({ command: 'record', trial_label: 'a\tb', display_name: 'c\td' }).cleaned).toEqual(['trial_label']);
    expect(accepted({ command: 'record', trial_label: null }).cleaned).toEqual([]);
    expect(accepted({ command: 'record' }).cleaned).toEqual([]);
  });

  it('understands log levels in any case', () => {
    for (const [spelling, level] of [
      ['WARNING', 'warning'],
      ['Info', 'info'],
      ['CRITICAL', 'critical'],
    ]) {
      expect(accepted({ command: 'set_log_level', level: spelling }).command.parameters).toEqual({ level });
    }
  });

  it.each([[undefined], [null], [true], [42], ['get_status'], [[{ command: 'get_status' }]], [Symbol('x')], [() => 1]])(
    'refuses %p: no object',
    (value) => {
      expect(refusal(value)).toMatchObject({
        code: 'invalid_command',
        id: undefined,
        spelling: 'invalid',
        error: 'A command must be a JSON object, for example {"command":"get_status"}.',
      });
    },
  );

  const assign = (fields: object): object => ({ command: 'assign_device', device_id: 'picam:0', ...fields });
  it.each<[string, unknown, string]>([
    ['without a command', {}, 'command is missing.'],
    ['whose command is no text', { command: 5 }, 'command must be text.'],
    ['whose id is no text', { command: 'get_status', command_id: 5 }, 'command_id must be text.'],
    ['whose id is empty', { command: 'get_status', command_id: '' }, 'command_id must not be empty.'],
    [
      'whose id is too long',
      { command: 'get_status', command_id: 'x'.repeat(257) },
      'command_id must have at most 256 characters.',
    ],
    ['without what it needs', { command: 'assign_device' }, 'assign_device: device_id is missing.'],
    ['with a wrong type', assign({ device_id: ['picam:0'] }), 'assign_device: device_id must be text.'],
    ['with an index below 0', assign({ camera_index: -1 }), 'assign_device: camera_index must not be negative.'],
    ['with half an index', assign({ camera_index: 0.5 }), 'assign_device: camera_index must be a whole number.'],
    [
      'with a huge index',
      assign({ camera_index: 1e300 }),
      'assign_device: camera_index must be a whole number; camera_index must be at most 63.',
    ],
    ['with an index in text', assign({ camera_index: '0' }), 'assign_device: camera_index must be a number.'],
    [
      'with a NUL in a path',
      { command: 'start_session', session_dir: '/data/\u0000' },
      'start_session: session_dir must not contain control characters.',
    ],
    [
      'with a line end in a device id',
      { command: 'start_recording', device_id: 'a\nb' },
      'start_recording: device_id must not contain control characters.',
    ],
    [
      'with half a surrogate pair in a path',
      { command: 'start_recording', session_dir: '\ud800' },
      'start_recording: session_dir must be valid Unicode.',
    ],
    ['with a number for a label', { command: 'record', trial_label: 7 }, 'start_recording: trial_label must be text.'],
    [
      'with a camera number that no camera has',
      { command: 'toggle_preview', enabled: true, camera_id: 64 },
      'toggle_preview: camera_id must be at most 63.',
    ],
    [
      'with a list of cameras',
      { command: 'toggle_preview', enabled: true, camera_id: [0] },
      'toggle_preview: camera_id must be text or a whole number.',
    ],
    [
      'with an empty path',
      { command: 'start_session', session_dir: '' },
      'start_session: session_dir must not be empty.',
    ],
    [
      'with a path beyond PATH_MAX',
      { command: 'start_session', session_dir: `/${'d'.repeat(4096)}` },
      'start_session: session_dir must have at most 4096 characters.',
    ],
    [
      'with an unknown level',
      { command: 'set_log_level', level: 'loud' },
      'set_log_level: level must be debug, info, warn or error.',
    ],
    ['with 1 for true', { command: 'toggle_preview', enabled: 1 }, 'toggle_preview: enabled must be true or false.'],
    ['with __proto__', JSON.parse('{"command":"get_status","__proto__":{}}'), 'The field "__proto__" is not allowed.'],
  ])('refuses a command %s', (_what, value, error) => {
    expect(refusal(value)).toMatchObject({ code: 'invalid_command', error });
  });

  it('names several mistakes at once, and the id all the same', () => {
    expect(refusal({ command: 'assign_device', command_id: 'a1', device_id: 1, camera_index: 'x' })).toEqual({
      ok: false,
      id: 'a1',
      spelling: 'assign_device',
      code: 'invalid_command',
      error: 'assign_device: device_id must be text; camera_index must be a number.',
    });
  });

  it('says which commands there are where one is unknown', () => {
    const { error } = refusal({ command: 'dance' });
    expect(error).toMatch(/^"dance" is not a command. The commands are: /);
    for (const name of COMMAND_NAMES) expect(error).toContain(name);
  });

  it('repeats of what was sent only a short and printable beginning', () => {
    const { error, spelling } = refusal({ command: `\u0000\ud800${'x'.repeat(1024 * 1024)}` });
    expect(spelling.length).toBeLessThan(100);
    expect(error.length).toBeLessThan(1000);
    expect(spelling).toMatch(/^\uFFFD\uFFFDx+…$/);
    expect(refusal(assign({ device_id: { huge: 'x'.repeat(1024 * 1024) } })).error.length).toBeLessThan(1000);
  });

  it('refuses fields that throw when they are read', () => {
    const trap = Object.defineProperty({}, 'command', {
      get: () => {
        throw new Error('a trap');
      },
    });
    for (const value of [
      trap,
      new Proxy(
        {},
        {
          has: () => {
            throw new Error('a trap');
          },
        },
      ),
    ]) {
      expect(refusal(value)).toMatchObject({ code: 'invalid_command' });
    }
  });

  it('never throws, whatever it is given, and says why in bounded sentences', () => {
    const name = fc.constantFrom<string>(...COMMAND_NAMES);
    const field = fc.constantFrom(
      'device_id',
      'session_dir',
      'trial_number',
      'level',
      'enabled',
      'command_id',
      'camera_id',
    );
    const anyCommand = fc
      .tuple(name, fc.dictionary(field, fc.anything()))
      .map(([command, fields]) => ({ ...fields, command }));
    fc.assert(
      fc.property(fc.oneof(fc.anything(), anyCommand), (value) => {
        const checked = checkCommand(value);
        if (checked.ok) return;
        expect(checked.error).toMatch(/\.$/);
        expect(checked.error.length).toBeLessThan(1000);
        expect(checked.spelling.length).toBeLessThan(100);
      }),
    );
  });
});
