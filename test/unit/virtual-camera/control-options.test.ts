import { describe, expect, it } from '@jest/globals';

import { checkDenoise, CONTROL_SPECS } from '../../../src/virtual-camera/options/control-options.js';
import { parseStillOptions } from '../../../src/virtual-camera/options/still-options.js';
import { parseOptions } from '../../../src/virtual-camera/options/vid-options.js';
import { type CameraControls, NO_CONTROLS } from '../../../src/virtual-camera/sensor/controls.js';

const controlsOf = (line: string): CameraControls => parseOptions(line === '' ? [] : line.split(' ')).controls;
const focusOf = (line: string): CameraControls['focus'] => controlsOf(line).focus;

describe('the options for settings', () => {
  it.each<[string, Partial<CameraControls>]>([
    ['', {}],
    ['--shutter 5000', { exposureTimeUs: 5000 }],
    ['--shutter 5ms', { exposureTimeUs: 5000 }],
    ['--shutter 0.5s', { exposureTimeUs: 500_000 }],
    ['--gain 2.5', { gain: 2.5 }],
    ['--analoggain 2', { gain: 2 }],
    ['--ev -1.5', { exposureValue: -1.5 }],
    ['--metering matrix', { metering: 'average' }],
    ['--exposure sport', { exposureMode: 'short' }],
    ['--flicker-period 10000us', { flickerPeriodUs: 10_000 }],
    ['--flicker-period 8333', { flickerPeriodUs: 8333 }],
    ['--awb tungsten', { whiteBalance: 'tungsten' }],
    ['--awb normal', { whiteBalance: 'auto' }],
    ['--awbgains 1.5,2', { colourGains: [1.5, 2] }],
    ['--brightness -0.5 --contrast 2 --saturation 0', { brightness: -0.5, contrast: 2, saturation: 0 }],
    ['--sharpness 3 --denoise cdn_hq', { sharpness: 3, denoise: 'cdn_hq' }],
    ['--hflip', { isMirrored: true }],
    ['--vflip', { isUpsideDown: true }],
    ['--rotation 180', { isMirrored: true, isUpsideDown: true }],
    ['--rotation 180 --hflip', { isMirrored: false, isUpsideDown: true }],
    ['--rotation 0', {}],
    ['--roi 0.25,0.25,0.5,0.5', { regionOfInterest: { x: 0.25, y: 0.25, width: 0.5, height: 0.5 } }],
    ['--hdr', { hdr: 'auto' }],
    ['--hdr=single-exp', { hdr: 'single-exp' }],
    ['--tuning-file /usr/share/t.json', { tuningFile: '/usr/share/t.json' }],
    ['--tuning-file -', {}],
  ])('reads %s', (line, expected) => {
    expect(controlsOf(line)).toEqual({ ...NO_CONTROLS, ...expected });
  });

  it.each<[string, Partial<CameraControls['focus']>]>([
    ['--autofocus-mode auto --autofocus-range macro', { mode: 'auto', range: 'macro' }],
    ['--autofocus-speed fast', { speed: 'fast' }],
    ['--lens-position 2.5', { lensPosition: 2.5 }],
    ['--lens-position default', { lensPosition: 'default' }],
    ['--autofocus-window 0,0,0.1,0.1', { window: { x: 0, y: 0, width: 0.1, height: 0.1 } }],
  ])('reads %s', (line, expected) => {
    expect(focusOf(line)).toEqual({ ...NO_CONTROLS.focus, ...expected });
  });

  it.each<[string, Partial<CameraControls>]>([
    ['--ev 99', { exposureValue: 99 }],
    ['--brightness 7', { brightness: 1 }],
    ['--contrast 99', { contrast: 15.99 }],
    ['--saturation -3', { saturation: 0 }],
    ['--roi 2,2,2,2', { regionOfInterest: { x: 2, y: 2, width: 2, height: 2 } }],
    ['--roi 1,1,0,0', {}],
    ['--roi nonsense', {}],
    ['--roi 0.1,0.1,0.5', {}],
    ['--awbgains 0,0', {}],
    ['--awbgains 2,0', {}],
    ['--lens-position 2dioptres', { focus: { ...NO_CONTROLS.focus, lensPosition: 2 } }],
    ['--autofocus-window x', {}],
    ['--tuning-file /not/there', { tuningFile: '/not/there' }],
  ])('takes %s without a word', (line, expected) => {
    expect(controlsOf(line)).toEqual({ ...NO_CONTROLS, ...expected });
  });

  it.each([
    ['--shutter soon', 'Invalid time string provided'],
    ['--flicker-period 50Hz', 'Invalid time string provided'],
    ['--gain x', "the argument ('x') for option '--gain' is invalid"],
    ['--ev bright', "the argument ('bright') for option '--ev' is invalid"],
    ['--rotation 1.5', "the argument ('1.5') for option '--rotation' is invalid"],
    ['--rotation 90', 'transforms requiring transpose not supported'],
    ['--rotation -90', 'transforms requiring transpose not supported'],
    ['--rotation 45', 'illegal rotation value'],
    ['--metering foo', 'Invalid metering mode: foo'],
    ['--exposure foo', 'Invalid exposure mode:foo'],
    ['--awb foo', 'Invalid AWB mode: foo'],
    ['--awb constructor', 'Invalid AWB mode: constructor'],
    ['--awbgains 2', 'Invalid AWB gains'],
    ['--awbgains red,blue', 'Invalid AWB gains'],
    ['--autofocus-mode foo', 'Invalid AfMode:foo'],
    ['--autofocus-range foo', 'Invalid AfRange mode:foo'],
    ['--autofocus-speed foo', 'Invalid afSpeed mode:foo'],
    ['--lens-position near', 'Invalid lens position: near'],
    ['--hdr=foo', 'Invalid HDR option provided: foo'],
  ])('refuses %s', (line, message) => {
    expect(() => controlsOf(line)).toThrow(message);
  });

  it('refuses a word for the noise reduction when the camera is open, and not before', () => {
    const controls = controlsOf('--denoise foo');
    expect(() => checkDenoise(controls)).toThrow('Invalid denoise mode foo');
    expect(() => checkDenoise(NO_CONTROLS)).not.toThrow();
  });

  it('names the first wrong one in the order of the tool', () => {
    expect(() => controlsOf('--awb foo --metering bar --hdr=baz')).toThrow('Invalid HDR option provided: baz');
  });

  it('can all be unknown to an old version', () => {
    for (const { name, kind } of CONTROL_SPECS) {
      const args = kind === 'flag' ? [`--${name}`] : [`--${name}`, '1'];
      for (const parse of [parseOptions, parseStillOptions]) {
        expect(() => parse(args, [`--${name}`])).toThrow(`unrecognised option '--${name}'`);
      }
    }
  });
});

describe('the options of a still', () => {
  it('are the whole sensor at quality 93, and the same settings', () => {
    expect(parseStillOptions('-n -t 1 --immediate -o a.jpg --gain 2 --encoding jpg'.split(' '))).toMatchObject({
      width: 0,
      height: 0,
      quality: 93,
      timeoutMs: 1,
      isImmediate: true,
      output: 'a.jpg',
      controls: { ...NO_CONTROLS, gain: 2 },
    });
  });

  it('have the encodings of the tool', () => {
    expect(() => parseStillOptions(['--encoding', 'gif'])).toThrow('invalid encoding format gif');
    expect(parseStillOptions(['-e', 'png']).encoding).toBe('png');
    expect(() => parseStillOptions(['--codec', 'mjpeg'])).toThrow("unrecognised option '--codec'");
  });
});
