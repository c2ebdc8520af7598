import { describe, expect, it } from '@jest/globals';
import { SETTING_NAMES, settingSpec, type SettingName } from '../../../src/core/camera-settings.js';
import { checkCommand } from '../../../src/protocol/command-check.js';

/** One value of each setting that is accepted. */
const GOOD: Readonly<Record<SettingName, unknown>> = {
  exposureTimeUs: 5_000,
  gain: 2,
  exposureCompensationStops: -1.5,
  metering: 'spot',
  exposureMode: 'sport',
  flickerPeriodUs: 10_000,
  focusMode: 'manual',
  lensPositionDioptres: 2.5,
  focusRange: 'macro',
  focusSpeed: 'fast',
  focusWindow: [0.25, 0.25, 0.5, 0.5],
  whiteBalance: 'daylight',
  colourGains: [1.5, 2],
  saturation: 0,
  width: 1_456,
  height: 1_088,
  fps: 59.94,
  hflip: true,
  vflip: false,
  rotationDegrees: 180,
  regionOfInterest: [0, 0, 1, 1],
  brightness: -0.5,
  contrast: 1,
  sharpness: 1,
  noiseReduction: 'cdn_hq',
  jpegQuality: 95,
  hdr: 'off',
  sensorMode: '1640:1232:10:P',
  tuningFile: '/usr/share/libcamera/imx296.json',
  sync: 'client',
};

/** Ten values that are none of a setting's, by its kind. */
const BAD = {
  number: ['2', true, [], {}, Number.NaN, Infinity, -Infinity, -1e9, 1e9, [2]],
  whole: ['2', true, [], {}, Number.NaN, Infinity, 1.5, -1, 1e12, 2 ** 60],
  word: ['', 'Auto ', 'no-such-word', 7, true, [], {}, '--output=x', 'constructor', '__proto__'],
  choice: [90, 1, -180, 360, '180', true, [], {}, Number.NaN, 0.5],
  switch: ['true', 'yes', 1, 0, '', [], {}, 'constructor', Number.NaN, '--hflip'],
  pair: [1, '1,2', [], [1], [1, 2, 3], [0, 1], [1, 33], ['1', 2], [Number.NaN, 1], { 0: 1, 1: 2 }],
  rectangle: [
    1,
    '0,0,1,1',
    [],
    [0, 0, 1],
    [0, 0, 1, 1, 1],
    [2, 2, 2, 2],
    [0, 0, 0, 1],
    [0.6, 0, 0.6, 1],
    [-0.1, 0, 1, 1],
    [0, 0, Number.NaN, 1],
    [0, 0, 1e-7, 1], // it would be written as 0, which means all of it
  ],
  mode: [
    '',
    '1640:1232',
    '1640:1232:10:U',
    '0:0:10:P',
    '1640:1232:11:P',
    'a:b:c:P',
    7,
    [],
    {},
    '1:1:10:P --output x',
    '10:480:10:P',
    '640:16385:10:P',
  ],
  file: [
    '',
    'relative.json',
    './x.json',
    '--output=x',
    '/x\u0000y',
    '/x\ny',
    `/${'x'.repeat(5_000)}`,
    7,
    ['/x'],
    '/\uD800',
  ],
} as const;

const set = (settings: unknown, more: object = {}): ReturnType<typeof checkCommand> =>
  checkCommand({ command: 'set_settings', settings, ...more });

describe.each(SETTING_NAMES)('%s', (name) => {
  it('is accepted, and taken back by null', () => {
    expect(set({ [name]: GOOD[name] })).toMatchObject({
      ok: true,
      command: { parameters: { settings: { [name]: GOOD[name] } } },
    });
    expect(set({ [name]: null })).toMatchObject({ ok: true, command: { parameters: { settings: { [name]: null } } } });
  });

  it.each(BAD[settingSpec(name).kind].map((value) => [value]))('is refused by its name as %p', (value) => {
    // The good neighbour changes nothing either.
    const neighbour = name === 'gain' ? 'hflip' : 'gain';
    const checked = set({ [neighbour]: GOOD[neighbour], [name]: value });
    expect(checked).toMatchObject({ ok: false, code: 'invalid_setting' });
    expect(checked.ok ? '' : checked.error).toMatch(new RegExp(`^set_settings: settings\\.${name}[. ].*\\.$`));
  });
});

describe('the settings of set_settings', () => {
  it.each([
    [{ colour: 1 }, 'settings.colour is not a setting'],
    [{ ExposureTimeUs: 1 }, 'settings.ExposureTimeUs is not a setting'],
    [{ bufferCount: 4 }, 'settings.bufferCount is not a setting'],
    [{ tool: '/bin/sh' }, 'settings.tool is not a setting'],
    [{ constructor: 1 }, 'settings.constructor is not a setting'],
    [{ '--output=/x': 1 }, 'settings.--output=/x is not a setting'],
    [JSON.parse('{"__proto__":{"gain":2}}'), 'settings.__proto__ is not a setting'],
    [JSON.parse('{"gain":2,"__proto__":null}'), 'settings.__proto__ is not a setting'],
    [{}, 'settings must name at least one setting'],
    [{ gain: undefined }, 'settings must name at least one setting'],
    [[], 'settings must name at least one setting'],
    [[1], 'settings.0 is not a setting'],
    ['gain=2', 'settings must be an object'],
    [null, 'settings must be an object'],
    [7, 'settings must be an object'],
  ])('%j are refused: %s', (settings, why) => {
    expect(set(settings)).toMatchObject({ ok: false, code: 'invalid_setting', error: `set_settings: ${why}.` });
  });

  it('that are missing are refused', () => {
    const error = 'set_settings: settings is missing.';
    expect(checkCommand({ command: 'set_settings' })).toMatchObject({ ok: false, code: 'invalid_setting', error });
  });

  it('are not blamed for another parameter', () => {
    expect(set({ gain: 2 }, { device_id: 7 })).toMatchObject({ ok: false, code: 'invalid_command' });
  });

  it('quote no huge name', () => {
    const checked = set({ ['x'.repeat(10_000)]: 1 });
    expect(checked.ok ? '' : checked.error).toHaveLength(`set_settings: ${'x'.repeat(80)}… is not a setting.`.length);
  });
});

describe('the commands for size and rate', () => {
  it.each([
    [{ command: 'set_fps', fps: 0 }, 'set_fps: fps must be at least 0.005.'],
    [{ command: 'set_fps', fps: '30' }, 'set_fps: fps must be a number.'],
    [{ command: 'set_fps', fps: null }, 'set_fps: fps must be a number.'],
    [{ command: 'set_resolution', width: 640 }, 'set_resolution: height is missing.'],
    [{ command: 'set_resolution', width: 8, height: 480 }, 'set_resolution: width must be 0, or from 16 to 16384.'],
  ])('%j is refused: %s', (command, error) => {
    expect(checkCommand(command)).toMatchObject({ ok: false, code: 'invalid_setting', error });
  });

  it('take the size and the rate', () => {
    expect(checkCommand({ command: 'set_fps', fps: 29.97 })).toMatchObject({ ok: true });
    expect(checkCommand({ command: 'set_resolution', width: 0, height: 0 })).toMatchObject({ ok: true });
  });
});
