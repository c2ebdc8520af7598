import { describe, expect, it } from '@jest/globals';
import { valueText } from '../../../../src/cli/settings/value-text.js';
import { DEFAULT_SETTINGS, SETTING_NAMES } from '../../../../src/core/camera-settings.js';

describe('a value in the table of settings', () => {
  it.each([
    ['exposureTimeUs', 5000, '5000 us'],
    ['gain', 2.5, '2.5'],
    ['lensPositionDioptres', 2, '2 dioptres'],
    ['fps', 30, '30 frames a second'],
    ['width', 0, 'widest view'],
    ['height', 480, '480 pixels'],
    ['hflip', false, 'no'],
    ['vflip', true, 'yes'],
    ['colourGains', [1.7, 1.5], '1.7,1.5'],
    ['whiteBalance', 'auto', 'auto'],
  ] as const)('of %s: %j is %j', (name, value, text) => {
    expect(valueText(name, { ...DEFAULT_SETTINGS, [name]: value })).toBe(text);
  });

  it.each(SETTING_NAMES)('that nobody set says what the camera does then: %s', (name) => {
    expect(valueText(name, DEFAULT_SETTINGS)).not.toMatch(/not set|undefined|^0$/);
  });
});
