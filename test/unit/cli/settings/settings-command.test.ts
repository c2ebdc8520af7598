import { describe, expect, it } from '@jest/globals';
import { commandLine } from '../../../../src/cli/command-line.js';
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
    ['exposure-time-us=5000', { exposureTimeUs: 5000 }],
    ['--gain=2', { gain: 2 }],
    ['quality=70', { jpegQuality: 70 }],
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
    ['exposure=5', 'exposure is not a setting. Did you mean exposureTimeUs or exposureMode?'],
    ['iso=2', 'iso is not a setting. Did you mean gain?'],
    ['size=640x480', 'size is not a setting. Did you mean width or height?'],
    ['dance=2', 'dance is not a setting. See: csi-cameras settings'],
    ['colourGains=2', 'colourGains must be two numbers, red and blue.'],
    ['focusWindow=0,0,1', 'focusWindow must be four numbers: x, y, width and height.'],
    ['--output=x', '--output is not a setting. See: csi-cameras settings'],
    ['__proto__=1', '__proto__ is not a setting. See: csi-cameras settings'],
    ['gain=0.5', 'gain must be at least 1.'],
    ['rotationDegrees=90', 'rotationDegrees must be 0 or 180.'],
    ['tuningFile=imx296.json', 'tuningFile must be an absolute path.'],
  ])('refuses %p with a sentence', (text, why) => {
    expect(() => change(text)).toThrow(why);
  });
});

describe('a flag of record that is typed behind settings', () => {
  it.each([
    ['--exposure-time-us', 'exposureTimeUs'],
    ['--shutter', 'exposureTimeUs'],
    ['--gain', 'gain'],
    ['--quality', 'jpegQuality'],
  ])('is answered with --set: %s', (flag, name) => {
    let said = '';
    const root = commandLine();
    root.commands
      .find((command) => command.name() === 'settings')
      ?.configureOutput({
        writeErr: (text) => {
          said += text;
        },
      });
    expect(() => root.parse(['settings', flag, '2'], { from: 'user' })).toThrow(/unknown option/);
    expect(said).toBe(
      `error: settings has no flag ${flag}. To keep a value: --set ${name}=...\nFor help: csi-cameras settings --help\n`,
    );
  });
});
