import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { DEFAULT_SETTINGS, settingsIn } from '../../../src/core/camera-settings.js';
import { captureArguments } from '../../../src/capture/rpicam-arguments.js';
import { DEFAULT_CONFIG, readConfig } from '../../../src/protocol/config.js';

describe('the configuration', () => {
  it('reaches the capture tool as numbers alone, whatever it holds', () => {
    const hostile = fc.oneof(
      fc.constantFrom<unknown>('--output=/tmp/x', '-o', '30; reboot', '30', Number.NaN, Infinity, -1, 1e300, -0, [30]),
      fc.anything(),
    );
    const names = ['width', 'height', 'fps', 'jpegQuality', 'bufferCount', 'frameTimeoutMs', 'nonsense', '--output'];
    const camera = fc.dictionary(fc.constantFrom(...names), fc.oneof(hostile, fc.integer({ min: 0, max: 4_000 })));
    fc.assert(
      fc.property(camera, fc.integer({ min: 0, max: 63 }), (section, index) => {
        const { config } = readConfig({ camera: section });
        const { bufferCount, frameTimeoutMs, firstFrameTimeoutMs } = config.camera;
        const settings = { ...DEFAULT_SETTINGS, ...settingsIn(config.camera) };
        let args: readonly string[] = [];
        try {
          args = captureArguments(index, { bufferCount, frameTimeoutMs, firstFrameTimeoutMs, ...settings });
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'unsupported_mode' }); // a width without a height
        }
        const options = args.filter((arg) => arg.startsWith('--'));
        expect(options.filter((arg) => !/^--[a-z-]+$/.test(arg))).toEqual([]);
        expect(new Set(options).size).toBe(options.length);
        expect(args.filter((arg) => !/^(?:--[a-z-]+|-|mjpeg|txt|\d+(?:\.\d+)?)$/.test(arg))).toEqual([]);
        const output = args.indexOf('--output');
        if (args.length > 0) expect(args[output + 1]).toBe('-');
      }),
    );
  });

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
