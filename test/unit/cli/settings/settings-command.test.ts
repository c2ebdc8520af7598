import { describe, expect, it } from '@jest/globals';
import { change } from '../../../../src/cli/settings/settings-command.js';

describe('--set', () => {
  it.each([
    ['gain=2', { gain: 2 }],
    [' gain = 2.5 ', { gain: 2.5 }],
    ['hflip=yes', { hflip: true }],
    ['vflip=off', { vflip: false }],
    ['colourGains=1.7, 1.5', { colourGains: [1.7, 1.5] }],
    ['regionOfInterest=0.25,0.25,0.5,0.5', { regionOfInterest: [0.25, 0.25, 0.5, 0.5] }],
    ['tuningFile=/etc/a=b.json', { tuningFile: '/etc/a=b.json' }],
    ['gain=', { gain: null }],
    ['gain=null', { gain: null }],
  ])('understands %p', (text, expected) => {
    expect(change(text)).toEqual(expected);
  });

  it('may be repeated; of two for one setting the last one counts', () => {
    expect(['gain=2', 'hflip=on', 'gain=3'].reduce((before, text) => change(text, before), {})).toEqual({
      gain: 3,
      hflip: true,
    });
  });

  it.each([
    ['gain', 'It must look like gain=2.'],
    ['', 'It must look like gain=2.'],
    ['=2', ' is not a setting. See: csi-cameras settings'],
    ['gian=2', 'gian is not a setting. Did you mean gain?'],
    ['exposure=5', 'exposure is not a setting. See: csi-cameras settings'],
    ['--output=x', '--output is not a setting. See: csi-cameras settings'],
    ['__proto__=1', '__proto__ is not a setting. See: csi-cameras settings'],
    ['gain=0.5', 'gain must be at least 1.'],
    ['rotationDegrees=90', 'rotationDegrees must be 0 or 180.'],
    ['tuningFile=imx296.json', 'tuningFile must be an absolute path.'],
  ])('refuses %p with a sentence', (text, why) => {
    expect(() => change(text)).toThrow(why);
  });
});
