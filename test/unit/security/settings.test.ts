import { describe, expect, it } from '@jest/globals';
import { SETTING_NAMES, settingSpec } from '../../../src/core/camera-settings.js';
import { change } from '../../../src/cli/settings/settings-command.js';
import { readSettings } from '../../../src/protocol/camera-sections.js';
import { DEFAULT_CONFIG, readConfig } from '../../../src/protocol/config.js';
import { readConfigText } from '../../../src/protocol/config-text.js';
import { checkSettings, settingFromText } from '../../../src/protocol/setting-schemas.js';
import { asText, BAD_SETTINGS, HOSTILE_CAMERAS, HOSTILE_PATHS } from '../../harness/bad-settings.js';

describe('a setting with a value that cannot be', () => {
  it('has ten of them here, whichever it is', () => {
    expect(BAD_SETTINGS.map(([name]) => name)).toEqual(SETTING_NAMES);
    for (const [, values] of BAD_SETTINGS) expect(new Set(values).size).toBeGreaterThanOrEqual(10);
    expect(HOSTILE_PATHS.length).toBeGreaterThanOrEqual(10);
    expect(HOSTILE_CAMERAS.length).toBeGreaterThanOrEqual(10);
  });

  it.each(BAD_SETTINGS)(
    'is left out of the configuration, of all cameras and of one, and named: %s',
    (name, values) => {
      for (const value of values) {
        const { config, problems } = readConfig({
          camera: { [name]: value, bufferCount: 6 },
          cameras: { 'picam:0': { [name]: value }, 'picam:1': { hflip: true } },
        });
        expect(config.camera).toEqual({ ...DEFAULT_CONFIG.camera, bufferCount: 6 });
        expect(config.cameras).toEqual({ 'picam:0': {}, 'picam:1': { hflip: true } });
        expect(problems).toEqual([
          expect.stringMatching(new RegExp(`^cameras\\."picam:0"\\.${name} must .*; it is ignored\\.$`)),
          expect.stringMatching(new RegExp(`^camera\\.${name} must .*; the default is used\\.$`)),
        ]);
      }
    },
  );

  it.each(BAD_SETTINGS)(
    'is no setting of a host beside the configuration, and none that is kept: %s',
    (name, values) => {
      for (const value of values) {
        const other = name === 'contrast' ? 'saturation' : 'contrast';
        expect(readSettings({ [name]: value, [other]: 2 }, 'settings').value).toEqual({ [other]: 2 });
        expect(checkSettings({ [name]: value })).toEqual({
          settings: {},
          bad: [{ name, why: expect.stringMatching(/^must /) }],
        });
      }
    },
  );

  it.each(BAD_SETTINGS)('is refused as text too: %s', (name, values) => {
    const texts = new Set(values.map((value) => asText(value)));
    let refused = 0;
    for (const text of texts) {
      const { bad } = checkSettings({ [name]: settingFromText(name, text) });
      if (bad.length === 0) continue; // the text of a number, or a word with a blank behind it, is what a person may write
      refused += 1;
      const trimmed = text.trim();
      if (trimmed !== '' && trimmed !== 'null') expect(() => change(`${name}=${text}`)).toThrow(`${name} must `);
      const { config, problems } = readConfigText(
        `camera.${name} = "${text}"\ncameras."picam:0".${name} = "${text}"`,
        'It',
      );
      expect(JSON.stringify(config)).not.toContain('output');
      if (trimmed !== '' && !/["\n\r]/.test(text) && text.length < 4000) {
        expect(config).toEqual({});
        expect(problems.join('\n')).toContain(name);
      }
    }
    expect(refused).toBeGreaterThanOrEqual(settingSpec(name).kind === 'switch' ? 4 : 6);
  });
});

describe('a name of a camera that is hostile', () => {
  it.each(HOSTILE_CAMERAS)('has no effect in JSON, and a problem: %j', (name) => {
    const text = `{"cameras": {${JSON.stringify(name)}: {"gain": 2}, "picam:0": {"gain": 3}}}`;
    const { config, problems } = readConfig(JSON.parse(text));
    expect(config.cameras).toEqual({ 'picam:0': { gain: 3 } });
    expect(problems).toEqual([
      expect.stringMatching(/^cameras\..* is not the device id or stable id of a camera; it is ignored\.$/),
    ]);
    expect(problems[0]).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(Object.hasOwn(Object.prototype, 'gain')).toBe(false);
    expect('gain' in {}).toBe(false);
  });

  it.each(HOSTILE_CAMERAS)('has no effect in a file of lines, and a problem: %j', (name) => {
    const { config, problems } = readConfigText(
      `cameras."${name}".gain = 2\ncameras.${name}.gain = 2\ncamera.fps = 25`,
      'It',
    );
    // A line break in the name cuts the line in two, of which the first is no pair and the second may name a camera.
    const { cameras = {}, ...others } = config as { cameras?: object };
    expect(others).toEqual({ camera: { fps: 25 } });
    expect(Object.keys(cameras)).toEqual([]);
    expect(problems.length).toBeGreaterThan(0);
    expect('gain' in {}).toBe(false);
  });

  it('is one whose settings are hostile too, wherever they stand', () => {
    const { config, problems } = readConfig(
      JSON.parse(
        '{"cameras": {"picam:0": {"__proto__": {"gain": 9}, "constructor": 1, "--output": "x", "gain": 2}, "picam:1": [1], "picam:2": "x"}}',
      ),
    );
    expect(config.cameras).toEqual({ 'picam:0': { gain: 2 }, 'picam:1': {}, 'picam:2': {} });
    expect(problems).toHaveLength(5);
    expect(Object.getPrototypeOf(config.cameras['picam:0'])).toBe(Object.prototype);
  });

  it.each([[[]], ['x'], [1], [true]])('is not needed for a section that is %j', (cameras) => {
    const { config, problems } = readConfig({ cameras });
    expect(config).toEqual(DEFAULT_CONFIG);
    expect(problems).toEqual(['cameras must be an object of settings by device id or stable id; it is ignored.']);
  });

  it('is one of at most 64', () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`picam:${index}`, { gain: 2 }]));
    const { config, problems } = readConfig({ cameras: many });
    expect(Object.keys(config.cameras)).toHaveLength(64);
    expect(problems).toEqual(['cameras has more than 64 cameras; the rest is ignored.']);
  });
});
