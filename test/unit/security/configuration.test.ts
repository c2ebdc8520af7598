import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import {
  DEFAULT_SETTINGS,
  SETTING_NAMES,
  settingSpec,
  settingsIn,
  type SettingSpec,
} from '../../../src/core/camera-settings.js';
import { captureArguments } from '../../../src/capture/rpicam-arguments.js';
import { DEFAULT_CONFIG, readConfig } from '../../../src/protocol/config.js';

const WORDS = new Set<string>(SETTING_NAMES.flatMap((name) => wordsOf(settingSpec(name))));
const NUMBERS = /^-?\d+(?:\.\d+)?(?:us)?$|^\d+(?:\.\d+)?(?:,\d+(?:\.\d+)?){1,3}$/;
const MODE = /^[1-9]\d{1,4}:[1-9]\d{1,4}:\d{1,2}:P$/;

function wordsOf(spec: SettingSpec): readonly string[] {
  return spec.kind === 'word' ? spec.words : [];
}

/** What may stand on a command line, besides the path of `tuningFile`. */
function isNumberOrFixedWord(word: string): boolean {
  const isFixed = /^(?:--[a-z-]+|-|mjpeg|txt|--hdr=(?:off|auto|sensor|single-exp))$/.test(word);
  return isFixed || NUMBERS.test(word) || MODE.test(word) || WORDS.has(word);
}

describe('the configuration', () => {
  it('reaches the capture tool as numbers, fixed words and the absolute path of tuningFile, whatever it holds', () => {
    const hostile = fc.oneof(
      fc.constantFrom<unknown>('--output=/tmp/x', '-o', '30; reboot', '30', Number.NaN, Infinity, -1, 1e300, -0, [30]),
      fc.constantFrom<unknown>('$(reboot)', '/x --output /tmp/y', '/x\n--output', '/--output', '../x', '/a\0b', [
        'auto',
      ]),
      fc.constantFrom<unknown>('auto --hflip', 'off', 'manual', '64:64:10:P', '64:64:10:P;ls', [0, 0, 1, 1], [1, 1e-9]),
      fc.anything(),
    );
    const names = [...SETTING_NAMES, 'bufferCount', 'frameTimeoutMs', 'nonsense', '--output', '__proto__'];
    const camera = fc.dictionary(fc.constantFrom(...names), fc.oneof(hostile, fc.integer({ min: 0, max: 4_000 })));
    fc.assert(
      fc.property(camera, fc.integer({ min: 0, max: 63 }), (section, index) => {
        const { config } = readConfig({ camera: section });
        const { bufferCount, frameTimeoutMs, firstFrameTimeoutMs, syncTimeoutMs } = config.camera;
        const settings = { ...DEFAULT_SETTINGS, ...settingsIn(config.camera) };
        let args: readonly string[] = [];
        try {
          args = captureArguments(index, {
            bufferCount,
            frameTimeoutMs,
            firstFrameTimeoutMs,
            syncTimeoutMs,
            ...settings,
          });
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'invalid_setting' }); // a width without a height
        }
        expectHarmless(args, settings.tuningFile);
      }),
      { numRuns: 500 },
    );
  });

  it('reaches the capture tool no other way where nothing has checked it before', () => {
    const value = fc.oneof(fc.string(), fc.double(), fc.anything(), fc.constantFrom(...WORDS, '/x', '-1', '--hflip'));
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...SETTING_NAMES), value), (section) => {
        const unchecked = {
          bufferCount: 6,
          frameTimeoutMs: 1,
          firstFrameTimeoutMs: 1,
          syncTimeoutMs: 1,
          ...DEFAULT_SETTINGS,
          ...section,
        };
        let args: readonly string[] = [];
        try {
          args = captureArguments(0, unchecked);
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'invalid_setting' });
        }
        expectHarmless(args, section['tuningFile']);
      }),
      { numRuns: 1000 },
    );
  });

  function expectHarmless(args: readonly string[], tuningFile: unknown): void {
    if (args.length === 0) return;
    const pathAt = args.indexOf('--tuning-file') + 1;
    const others = args.filter((_, at) => pathAt === 0 || at !== pathAt);
    expect(others.filter((arg) => !isNumberOrFixedWord(arg))).toEqual([]);
    if (pathAt > 0) {
      expect(args[pathAt]).toBe(tuningFile);
      expect(args[pathAt]).toMatch(/^\/[^\p{Cc}]*$/u);
    }
    const options = others.filter((arg) => arg.startsWith('--'));
    expect(new Set(options).size).toBe(options.length);
    expect(args[args.indexOf('--output') + 1]).toBe('-');
  }

  it('is bounded in depth by nobody, and harms nothing', () => {
    const deep: unknown = JSON.parse(`${'{"camera":'.repeat(50_000)}1${'}'.repeat(50_000)}`);
    const { config, problems } = readConfig(deep);
    expect(config).toEqual(DEFAULT_CONFIG);
    expect(problems).toEqual(['camera.camera is not an option of this module; it is ignored.']);
  });

  it('changes no prototype', () => {
    const { problems } = readConfig(JSON.parse('{"__proto__":{"polluted":1},"camera":{"__proto__":{"fps":7}}}'));
    expect(problems).toHaveLength(2);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect('polluted' in {}).toBe(false);
  });
});
