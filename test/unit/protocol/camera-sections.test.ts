import { expect, it } from '@jest/globals';
import { controlArguments } from '../../../src/capture/controls/control-arguments.js';
import { readCameraSections } from '../../../src/protocol/camera-sections.js';
import { checkSettings } from '../../../src/protocol/setting-schemas.js';

it('counts a setting of null as left out, and complains about nothing', () => {
  const read = readCameraSections({ 'picam:0': { gain: null, contrast: 2 } });
  expect(read).toEqual({ value: { 'picam:0': { contrast: 2 } }, problems: [] });
});

it('takes the same longest path at both doors', () => {
  const longest = `/${'a'.repeat(4095)}`;
  expect(checkSettings({ tuningFile: longest }).bad).toEqual([]);
  expect(controlArguments({ tuningFile: longest })).toHaveLength(1);
  expect(checkSettings({ tuningFile: `${longest}a` }).bad).toHaveLength(1);
  expect(() => controlArguments({ tuningFile: `${longest}a` })).toThrow(/tuningFile/);
});
