import { describe, expect, it } from '@jest/globals';
import { NOTHING_GIVEN } from '../../../../src/core/given-settings.js';
import { fixedSettings } from '../../../../src/module/camera/changes/fixed-settings.js';

describe('the settings that fix what automatic found', () => {
  it.each([
    [33_333.6, 30, 33_333],
    [33_334, 30, 33_333],
    [16_683.3, 59.94, 16_683],
    [9_999.5, 30, 10_000],
    [0.2, 30, 1],
  ])('ask for an exposure of %d us at %d fps as %d us, which fits into a frame', (exposureTimeUs, fps, asked) => {
    expect(fixedSettings({ ...NOTHING_GIVEN, exposureTimeUs }, fps)).toEqual({ exposureTimeUs: asked });
    expect(asked).toBeLessThanOrEqual(1_000_000 / fps);
  });
});
