import { SETTING_NAMES, settingSpec, type SettingName, type SettingSpec } from '../../src/core/camera-settings.js';

/** Values that no setting of a kind may have. Ten or more of each kind; those of a range come from the range. */

const NOT_NUMBERS = ['2', 'fast', '', true, [2], { value: 2 }, Number.NaN, Infinity, -Infinity, 1e300];
const NOT_TEXT = [1, 0, true, ['auto'], { auto: 1 }, Number.NaN];

/** What a hostile host may put where a path is expected. None of it may reach a command line. */
export const HOSTILE_PATHS = [
  '--output=x',
  '-o/tmp/x',
  'imx296.json',
  './imx296.json',
  '../../etc/passwd',
  '',
  '/etc/x\n--output=/tmp/x',
  '/etc/x\0.json',
  '/tmp/\u001b[2J.json',
  `/${'x'.repeat(5000)}`,
  '/\ud800.json',
  'https://example.org/x.json',
  '$(reboot)',
  '`reboot`',
] as const;

/** What a hostile configuration may name a camera. */
export const HOSTILE_CAMERAS = [
  '__proto__',
  'constructor',
  'prototype\u0000',
  'toString',
  'hasOwnProperty',
  '--output=x',
  '-o',
  '',
  'x'.repeat(257),
  'picam:0\n',
  'picam:0\u001b[31m',
  '\u202epicam:0',
  'picam:0"; reboot',
  '$(reboot)',
  '\ud800',
  '../../../etc',
] as const;

function badOf(spec: SettingSpec): readonly unknown[] {
  switch (spec.kind) {
    case 'number':
    case 'whole': {
      const { min, max } = spec;
      const beyond = [min - 1, min - 0.001, max + 1, max * 2, -max - 1].filter(
        (value) => value !== 0 || spec.orZero !== true,
      );
      return [...NOT_NUMBERS, ...beyond, ...(spec.kind === 'whole' ? [min + 0.5] : [])];
    }
    case 'word':
      return [
        ...NOT_TEXT,
        '',
        'nonsense',
        `${spec.words[0]} `,
        spec.words[0]?.toUpperCase(),
        '--output=x',
        'auto\n',
        '__proto__',
        'constructor',
      ];
    case 'choice':
      return [...NOT_NUMBERS, 90, 270, -180, 1, 360, '180'];
    case 'switch':
      return ['true', 'false', 'yes', '', 1, 0, -1, [], {}, [true], Number.NaN, '--output=x'];
    case 'pair':
      return [
        1,
        '1,2',
        [],
        [1],
        [1, 2, 3],
        ['1', '2'],
        [0, 1],
        [1, 33],
        [Number.NaN, 1],
        [1, null],
        { 0: 1, 1: 2 },
        [-1, 1],
      ];
    case 'rectangle':
      return [
        1,
        '0,0,1,1',
        [],
        [0, 0, 1],
        [0, 0, 1, 1, 1],
        [0, 0, 0, 1],
        [0, 0, 1, 0],
        [0.5, 0, 0.6, 1],
        [-0.1, 0, 1, 1],
        [2, 2, 2, 2],
        [0, 0, Number.NaN, 1],
        ['0', '0', '1', '1'],
      ];
    case 'mode':
      return [
        ...NOT_TEXT,
        '',
        '1640:1232',
        '1640:1232:10',
        '1640:1232:10:U',
        '0:0:10:P',
        '1640:1232:11:P',
        '1640x1232',
        '1640:1232:10:P --output=x',
        '1640:1232:10:P\n',
        '999999:1:10:P',
      ];
    case 'file':
      return [...NOT_TEXT, ...HOSTILE_PATHS];
  }
}

/** Each setting with values that it may not have. */
export const BAD_SETTINGS: readonly (readonly [SettingName, readonly unknown[]])[] = SETTING_NAMES.map(
  (name) => [name, badOf(settingSpec(name))] as const,
);

/** The value as somebody writes it in a file of lines or behind a flag. */
export const asText = (value: unknown): string => (Array.isArray(value) ? value.map(String).join(',') : String(value));
