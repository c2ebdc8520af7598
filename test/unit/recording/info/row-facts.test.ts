import { describe, expect, it } from '@jest/globals';
import { pixelFormatOf } from '../../../../src/recording/info/pixel-format.js';
import { StepMeter } from '../../../../src/recording/info/step-meter.js';

describe('what the info file tells of rows and frames', () => {
  it('is a median within 1 %, and the least and the most to the nanosecond', () => {
    for (const period of [1_000, 33_333_333, 16_666_667, 3_600_000_000_000]) {
      const meter = new StepMeter();
      for (const share of [0.5, 0.999, 1, 1.001, 3]) meter.note(Math.round(period * share));
      expect(Math.abs((meter.median ?? 0) / period - 1)).toBeLessThanOrEqual(0.01);
      expect([meter.least, meter.most]).toEqual([Math.round(period * 0.5), period * 3]);
    }
  });

  it('is nothing where there is no step, and takes steps back as they are', () => {
    expect([new StepMeter().least, new StepMeter().median, new StepMeter().most]).toEqual([null, null, null]);
    const meter = new StepMeter();
    meter.note(-5);
    expect([meter.least, meter.median, meter.most]).toEqual([-5, -5, -5]);
  });

  it.each([
    [[0x22, 0x11, 0x11], 'yuvj420p'],
    [[0x21, 0x11, 0x11], 'yuvj422p'],
    [[0x11, 0x11, 0x11], 'yuvj444p'],
    [[0x11], 'gray'],
    [[0x44, 0x11, 0x11], null],
  ])('names the sampling %j as %s', (factors, name) => {
    const components = factors.flatMap((factor, index) => [index + 1, factor, 0]);
    const head = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 8 + components.length, 8, 0, 48, 0, 64];
    const bytes = Buffer.from([...head, factors.length, ...components, 0xff, 0xda, 0, 2]);
    expect(pixelFormatOf([bytes])).toBe(name);
    expect(pixelFormatOf([bytes.subarray(0, 9), bytes.subarray(9)])).toBe(name);
    expect(pixelFormatOf([bytes.subarray(0, 9)])).toBeNull();
  });
});
