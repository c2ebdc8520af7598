import { describe, expect, it } from '@jest/globals';
import { stillOptions, withoutUnknown } from '../../../../src/capture/still/still-options.js';
import type { PartialSettings } from '../../../../src/core/camera-settings.js';

const plain = {
  camera: 0,
  nopreview: true,
  timeout: 2000,
  output: 'still.jpg',
  quality: 93,
  metadata: 'still.metadata',
};

describe('the options of a still', () => {
  it('ask for the whole sensor and leave everything automatic', () => {
    expect(stillOptions(0, {})).toEqual(plain);
    expect(stillOptions(1, { width: 640, height: 480, jpegQuality: 70, fps: 30 })).toEqual({
      ...plain,
      camera: 1,
      quality: 70,
      width: 640,
      height: 480,
    });
  });

  it('name no size that has one side only', () => {
    expect(stillOptions(0, { width: 640 })).toEqual(plain);
    expect(stillOptions(0, { height: 480 })).toEqual(plain);
    expect(stillOptions(0, { width: 640, height: 0 })).toEqual(plain);
    expect(stillOptions(0, { width: 0, height: 480 })).toEqual(plain);
  });

  const cases: readonly [PartialSettings, object][] = [
    [{ exposureTimeUs: 5000 }, { shutter: '5000' }],
    [{ gain: 2.5 }, { gain: '2.5' }],
    [{ exposureCompensationStops: -1 }, { ev: '-1' }],
    [{ metering: 'spot' }, { metering: 'spot' }],
    [{ exposureMode: 'sport' }, { exposure: 'sport' }],
    [{ flickerPeriodUs: 10_000 }, { 'flicker-period': '10000us' }],
    [{ focusMode: 'continuous' }, { 'autofocus-mode': 'continuous' }],
    [{ lensPositionDioptres: 0 }, { 'autofocus-mode': 'manual', 'lens-position': '0' }],
    [{ focusRange: 'macro' }, { 'autofocus-range': 'macro' }],
    [{ focusSpeed: 'fast' }, { 'autofocus-speed': 'fast' }],
    [{ focusWindow: [0.1, 0.1, 0.5, 0.5] }, { 'autofocus-window': '0.1,0.1,0.5,0.5' }],
    [{ whiteBalance: 'daylight' }, { awb: 'daylight' }],
    [{ colourGains: [1.7, 1.5] }, { awbgains: [1.7, 1.5] }],
    [{ saturation: 0 }, { saturation: '0' }],
    [{ hflip: true, vflip: false }, { hflip: true }],
    [{ rotationDegrees: 180 }, { rotation: '180' }],
    [{ regionOfInterest: [0, 0.25, 0.5, 0.000_001] }, { roi: { x: 0, y: 0.25, w: 0.5, h: 0.000_001 } }],
    [{ brightness: -0.5 }, { brightness: '-0.5' }],
    [{ contrast: 1.5 }, { contrast: '1.5' }],
    [{ sharpness: 0 }, { sharpness: '0' }],
    [{ noiseReduction: 'cdn_off' }, { denoise: 'cdn_off' }],
    [{ hdr: 'single-exp' }, { 'hdr=single-exp': true }],
    [{ sensorMode: '1640:1232:10:P' }, { mode: '1640:1232:10:P' }],
    [{ sync: 'client' }, {}],
    [{ tuningFile: '/a path/with; $(everything).json' }, { 'tuning-file': 'tuning.json' }],
  ];
  it.each(cases)('of %j are %j', (settings, options) => {
    expect(stillOptions(0, settings)).toEqual({ ...plain, ...options });
  });

  it.each(['auto; reboot', '$(id)', '`id`', 'a b', '--output=/x', "a'", 'a"', 'a\nb', '', '>x', 'a|b', 'a&', '~', '*'])(
    'are never the text %j, wherever it came from',
    (text) => {
      const settings = { whiteBalance: text } as unknown as PartialSettings;
      expect(() => stillOptions(0, settings)).toThrow(expect.objectContaining({ code: 'invalid_setting' }));
    },
  );

  it.each([Number.NaN, Infinity, -1, 1.5, 64])('are never for the camera %p', (index) => {
    expect(() => stillOptions(index, {})).toThrow(/camera cannot be/);
  });

  it('are never a number that is none', () => {
    expect(() => stillOptions(0, { gain: Number.NaN })).toThrow(/gain must be/);
    expect(() => stillOptions(0, { colourGains: [1, Infinity] })).toThrow(/colourGains must be/);
  });
});

describe('an option that an old tool does not know', () => {
  const options = stillOptions(0, { hdr: 'auto' });

  it('is left out', () => {
    const { 'hdr=auto': _, ...rest } = options;
    expect(withoutUnknown(options, ["ERROR: *** unrecognised option '--hdr' ***"])).toEqual({
      rest,
      leftOut: ['--hdr'],
    });
  });

  it('is left out with its relatives, which came with the same version', () => {
    const focused = stillOptions(0, { lensPositionDioptres: 2 });
    expect(withoutUnknown(focused, ["unrecognised option '--lens-position'"])).toEqual({
      rest: plain,
      leftOut: ['--autofocus-mode', '--lens-position'],
    });
  });

  it.each(['--output', '--camera', '--timeout', '--nopreview', '--gain', '--bogus'])(
    'cannot be left out if it is %s, which is needed or was not asked for',
    (name) => {
      expect(withoutUnknown(options, [`ERROR: *** unrecognised option '${name}' ***`])).toBeUndefined();
    },
  );
});
