import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { readSettings } from '../../../src/protocol/camera-sections.js';
import { DEFAULT_SETTINGS, SETTING_NAMES } from '../../../src/core/camera-settings.js';
import { DEFAULT_CONFIG, describeOptions, readConfig } from '../../../src/protocol/config.js';

describe('readConfig', () => {
  it.each([[undefined], [null], [{}]])('gives every default for %p', (value) => {
    expect(readConfig(value)).toEqual({ config: DEFAULT_CONFIG, problems: [] });
  });

  it('keeps what is given and takes defaults for the rest', () => {
    const { config, problems } = readConfig({ simulate: true, camera: { fps: 60 }, logs: { level: 'debug' } });
    expect(problems).toEqual([]);
    expect(config).toEqual({
      ...DEFAULT_CONFIG,
      simulate: true,
      camera: { ...DEFAULT_CONFIG.camera, fps: 60 },
      logs: { ...DEFAULT_CONFIG.logs, level: 'debug' },
    });
  });

  it.each([['text'], [7], [[1, 2]], [true]])('says that %p is no configuration', (value) => {
    const { config, problems } = readConfig(value);
    expect(config).toEqual(DEFAULT_CONFIG);
    expect(problems).toEqual(['The configuration must be an object. All defaults are used.']);
  });

  it('names every unknown option and keeps all the others', () => {
    const { config, problems } = readConfig({
      window: 1,
      geometry: 2,
      camera: { fsp: 60, widht: 10, fps: 25 },
      recording: { fps: 5 },
    });
    expect(config.camera).toEqual({ ...DEFAULT_CONFIG.camera, fps: 25 });
    expect(config.recording.fps).toBe(5);
    expect(problems).toEqual(
      ['window', 'geometry', 'camera.fsp', 'camera.widht'].map(
        (path) => `${path} is not an option of this module; it is ignored.`,
      ),
    );
  });

  it('names every unusable value once and keeps all the others', () => {
    const { config, problems } = readConfig({
      simulate: 'yes',
      camera: { width: -1.5, fps: '60', jpegQuality: 70 },
      logs: 5,
      buffer: { whenFull: 'panic' },
    });
    expect(config).toEqual({ ...DEFAULT_CONFIG, camera: { ...DEFAULT_CONFIG.camera, jpegQuality: 70 } });
    expect(problems).toEqual([
      'simulate must be true or false; the default is used.',
      'camera.width must be 0, or from 16 to 16384; the default is used.',
      'camera.fps must be a number; the default is used.',
      'buffer.whenFull must be dropOldest or pauseSource; the default is used.',
      expect.stringMatching(/^logs .*; the default is used\.$/),
    ]);
  });

  it.each([
    ['fps', [0.005, 1000], [0.0049, 1000.1, 0]],
    ['width', [0, 16, 16_384], [15, 16_385, 640.5]],
    ['height', [0, 16, 16_384], [15, 16_385, 640.5]],
  ])('takes a camera.%s of the whole range and of nothing beyond', (name, usable, unusable) => {
    for (const value of usable) expect(readConfig({ camera: { [name]: value } }).problems).toEqual([]);
    for (const value of unusable) expect(readConfig({ camera: { [name]: value } }).problems).toHaveLength(1);
  });

  it('repeats no huge names and values in its problems', () => {
    const { problems } = readConfig({ ['x'.repeat(100_000)]: 1, camera: 'y'.repeat(100_000) });
    expect(problems).toHaveLength(2);
    for (const problem of problems) expect(problem.length).toBeLessThan(400);
  });

  it('takes names that every object has for what they are: no options', () => {
    const { config, problems } = readConfig(JSON.parse('{"__proto__": {"simulate": true}, "constructor": 1}'));
    expect(config).toEqual(DEFAULT_CONFIG);
    expect(problems).toHaveLength(2);
  });

  const trap = (): never => {
    throw new Error('a trap');
  };

  it.each([
    ['getter', () => Object.defineProperty({}, 'camera', { get: trap, enumerable: true })],
    ['proxy', () => new Proxy({}, { ownKeys: trap })],
  ])('takes all defaults where a %s of a host in process throws', (_, make) => {
    const unreadable = make();
    expect(readConfig(unreadable)).toEqual({
      config: DEFAULT_CONFIG,
      problems: ['The configuration cannot be read. All defaults are used.'],
    });
    expect(readSettings(unreadable, 'settings')).toEqual({
      value: {},
      problems: ['settings cannot be read; it is ignored.'],
    });
  });

  it('gives a whole configuration for any JSON, and no problem goes with a default unnamed', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const { config } = readConfig(value);
        expect(readConfig(config)).toEqual({ config, problems: [] });
      }),
    );
  });

  it('keeps each usable option beside any unusable one', () => {
    const options = describeOptions().filter(({ path }) => path.includes('.'));
    fc.assert(
      fc.property(fc.constantFrom(...options), fc.anything(), ({ path }, value) => {
        const [section = '', name = ''] = path.split('.');
        const { config, problems } = readConfig({ simulate: true, [section]: { [name]: value } });
        expect(config.simulate).toBe(true);
        for (const problem of problems) expect(problem).toContain(path);
      }),
    );
  });
});

/** Settings of a camera have their defaults besides the configuration. */
const unset = Object.fromEntries(SETTING_NAMES.map((name) => [name, null]));
const IN_FORCE = { ...DEFAULT_CONFIG, camera: { ...unset, ...DEFAULT_SETTINGS, ...DEFAULT_CONFIG.camera } };

describe('describeOptions', () => {
  it('has a sentence for every option and the default that is in force', () => {
    for (const { path, default: value, description } of describeOptions()) {
      expect(description).toMatch(/^[A-Z].*\.$/);
      const held = path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], IN_FORCE);
      expect(value).toEqual(held);
    }
  });

  it('has every option there is', () => {
    const leaves = Object.entries(IN_FORCE).flatMap(([name, held]) =>
      typeof held === 'object' && name !== 'cameras' ? Object.keys(held).map((key) => `${name}.${key}`) : [name],
    );
    expect(
      describeOptions()
        .map(({ path }) => path)
        .sort(),
    ).toEqual(leaves.sort());
  });
});
