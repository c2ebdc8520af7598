import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import * as v from 'valibot';
import { SETTING_NAMES, type PartialSettings, type SettingName } from '../../../../src/core/camera-settings.js';
import type { CaptureSettings } from '../../../../src/capture/camera-source.js';
import {
  CONTROL_OPTIONS,
  controlArguments,
  isUnknownWith,
} from '../../../../src/capture/controls/control-arguments.js';
import { captureArguments, leftOutOf } from '../../../../src/capture/rpicam-arguments.js';
import { settingSchema } from '../../../../src/protocol/setting-schemas.js';
import { ASKED, badValues } from './asked-settings.js';

const SETTINGS: CaptureSettings = {
  width: 0,
  height: 0,
  fps: 30,
  jpegQuality: 85,
  bufferCount: 12,
  frameTimeoutMs: 2000,
  firstFrameTimeoutMs: 5000,
  syncTimeoutMs: 60_000,
};
const ALWAYS =
  '--nopreview --timeout 0 --codec mjpeg --flush --output - --metadata - --metadata-format txt --camera 0 ' +
  '--framerate 30 --quality 85 --buffer-count 12 --no-raw';

/** What is on every command line, and has another value where a setting says so. */
const REPLACED: Partial<Record<SettingName, string>> = {
  fps: '--framerate 30',
  jpegQuality: '--quality 85',
  sensorMode: '--no-raw',
};

function lineFor(asked: PartialSettings): string {
  return captureArguments(0, { ...SETTINGS, ...asked }).join(' ');
}

describe('synchronisation', () => {
  it.each(['server', 'client'] as const)('as %s is an option of the tool', (sync) => {
    expect(lineFor({ sync })).toBe(`${ALWAYS} --sync ${sync}`);
  });

  it('that is off is none, so that an old tool needs not know it', () => {
    expect(lineFor({ sync: 'off' })).toBe(ALWAYS);
    expect(leftOutOf({ ...SETTINGS, sync: 'off' }, new Set(['--sync']), null)).toEqual({ options: [], settings: [] });
  });

  it('is told as without effect where the tool does not know it', () => {
    const asked = { ...SETTINGS, sync: 'client' } as const;
    const leftOut = new Set(['--sync'] as const);
    expect(leftOutOf(asked, leftOut, null)).toEqual({ options: ['--sync'], settings: ['sync'] });
    expect(captureArguments(0, asked, leftOut).join(' ')).toBe(ALWAYS);
  });
});

describe('a setting', () => {
  it('has an example in this table, and at least ten bad values', () => {
    expect(Object.keys(ASKED)).toEqual(expect.arrayContaining([...SETTING_NAMES]));
    expect(SETTING_NAMES.filter((name) => badValues(name).length < 10)).toEqual([]);
  });

  it.each(SETTING_NAMES)('%s becomes its option on the command line, and changes nothing else', (name) => {
    const { asked, commandLine } = ASKED[name];
    const before = REPLACED[name];
    expect(lineFor(asked)).toBe(
      before === undefined ? `${ALWAYS} ${commandLine}` : ALWAYS.replace(before, commandLine),
    );
    expect(asked[name]).toBeDefined();
  });

  it.each(SETTING_NAMES.flatMap((name) => badValues(name).map((value) => [name, value] as const)))(
    '%s is refused as %j, before anything is written',
    (name, value) => {
      const asked = { ...SETTINGS, ...ASKED[name].asked, [name]: value };
      expect(() => captureArguments(0, asked)).toThrow(
        expect.objectContaining({
          code: 'invalid_setting',
          message: expect.stringMatching(
            new RegExp(`^${name} must be .* docs/configuration.md lists names and ranges.$`),
          ),
          context: expect.objectContaining({ setting: name }),
        }),
      );
    },
  );

  it('passes here exactly where the schema lets it pass', () => {
    const values = fc.oneof(
      { weight: 2, arbitrary: fc.double() },
      fc.integer(),
      fc.boolean(),
      fc.string(),
      fc.constantFrom('auto', 'off', 'normal', 'manual', '/x', '64:64:10:P', '99999:64:16:P', 0, 180, 16, 1),
      fc.array(fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1e-7, 1e-6, 0.5, 1)), {
        minLength: 1,
        maxLength: 5,
      }),
      fc.anything(),
    );
    fc.assert(
      fc.property(fc.constantFrom(...SETTING_NAMES), values, (name, value) => {
        fc.pre(value !== null && value !== undefined);
        const passes = (): boolean => {
          try {
            controlArguments({ [name]: value });
            return true;
          } catch {
            return false;
          }
        };
        expect(passes()).toBe(v.safeParse(settingSchema(name), value).success);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the command line', () => {
  it('is what it always was where nothing is set', () => {
    expect(lineFor({})).toBe(ALWAYS);
    expect(lineFor({ hflip: false, vflip: false })).toBe(ALWAYS);
  });

  it('has the controls behind everything else, in the order of the table, each once', () => {
    const all: PartialSettings = Object.assign({}, ...SETTING_NAMES.map((name) => ASKED[name].asked));
    const options = captureArguments(0, { ...SETTINGS, ...all })
      .filter((word) => word.startsWith('--'))
      .map((word) => word.replace(/=.*/, ''));
    expect(new Set(options).size).toBe(options.length);
    const inOrder = SETTING_NAMES.flatMap((name) => ASKED[name].commandLine.split(/[ =]/)).filter(
      (word, at, words) => CONTROL_OPTIONS.some((option) => option === word) && words.indexOf(word) === at,
    );
    expect(options.slice(-CONTROL_OPTIONS.length)).toEqual(inOrder);
  });

  it('holds the lens where a position is asked for, but not against a mode', () => {
    expect(lineFor({ lensPositionDioptres: 0 })).toContain('--autofocus-mode manual --lens-position 0');
    expect(lineFor({ lensPositionDioptres: 2, focusMode: 'auto' })).toContain(
      '--autofocus-mode auto --lens-position 2',
    );
    expect(lineFor({ focusMode: 'manual' })).not.toContain('--lens-position');
  });

  it('has the sensor mode that was asked for in place of the one that was found, and of --no-raw', () => {
    const line = captureArguments(0, { ...SETTINGS, sensorMode: '64:48:10:P' }, new Set(), '1640:1232:8:P').join(' ');
    expect(line).toContain('--mode 64:48:10:P');
    expect(line).not.toMatch(/--no-raw|1640/);
  });

  it('has no exponent, however small or large a number is', () => {
    const line = lineFor({
      exposureTimeUs: 200_000_000,
      gain: 1.000_000_1,
      brightness: -1e-7,
      contrast: 1e-300,
      focusWindow: [1e-7, 0, 0.000_001, 1],
    });
    expect(line).toContain('--shutter 200000000 --gain 1 --autofocus-window 0,0,0.000001,1');
    expect(line).toContain('--brightness 0 --contrast 0');
    expect(line).not.toMatch(/\de[-+\d]/);
  });
});

describe('options that the tool does not know', () => {
  const asked: CaptureSettings = {
    ...SETTINGS,
    lensPositionDioptres: 2,
    hdr: 'auto',
    sensorMode: '64:48:10:P',
    gain: 2,
  };

  it('are left out, with the options that came together with them', () => {
    const line = captureArguments(0, asked, new Set(['--lens-position', '--hdr', '--mode'])).join(' ');
    expect(line).toMatch(/--no-raw --gain 2$/);
    expect(isUnknownWith('--gain', '--hdr')).toBe(false);
  });

  it('are told with the settings that have no effect', () => {
    expect(leftOutOf(asked, new Set(['--metadata', '--lens-position', '--hdr', '--mode', '--denoise']), null)).toEqual({
      options: ['--metadata', '--lens-position', '--hdr', '--mode', '--autofocus-mode'],
      settings: ['lensPositionDioptres', 'hdr', 'sensorMode'],
    });
  });

  it('are not told where nothing asks for them', () => {
    expect(leftOutOf(SETTINGS, new Set(['--hdr', '--mode']), null)).toEqual({ options: [], settings: [] });
    expect(leftOutOf(SETTINGS, new Set(['--mode']), '64:48:10:P')).toEqual({ options: ['--mode'], settings: [] });
    // A mode takes the place of --no-raw.
    expect(leftOutOf(SETTINGS, new Set(['--no-raw']), '64:48:10:P')).toEqual({ options: [], settings: [] });
    expect(leftOutOf(SETTINGS, new Set(['--no-raw']), null)).toEqual({ options: ['--no-raw'], settings: [] });
  });
});
