import { Command } from 'commander';
import { describe, expect, it } from '@jest/globals';
import { commandLine } from '../../../../src/cli/command-line.js';
import { settingsOfFlags, withSettingFlags } from '../../../../src/cli/flags/setting-flags.js';
import { flagOf } from '../../../../src/cli/settings/setting-names.js';
import { CAMERA_SETTINGS, SETTING_GROUPS, SETTING_NAMES, settingSpec } from '../../../../src/core/camera-settings.js';
import { ROOT } from '../../../harness/paths.js';

/** What `record` or `still` understands, and what it says on stderr. */
function parsed(args: readonly string[], name = 'record'): { settings: unknown; said: string } {
  const command = commandLine().commands.find((one) => one.name() === name);
  if (command === undefined) throw new Error(`There is no ${name}.`);
  let said = '';
  command
    .exitOverride()
    .configureOutput({
      writeErr: (text) => {
        said += text;
      },
    })
    .action(() => {});
  try {
    command.parse([...args], { from: 'user' });
    return { settings: settingsOfFlags(command.opts()), said };
  } catch {
    return { settings: undefined, said };
  }
}

const TUNING = `${ROOT}package.json`;

describe.each(['record', 'still'])('the flags of settings of %s', (name) => {
  const only = (args: readonly string[]): unknown => parsed(args, name).settings;

  it.each([
    [['--exposure-time-us', '5000'], { exposureTimeUs: 5000 }],
    [['--gain', '2'], { gain: 2 }],
    [['--exposure-compensation-stops', '-1.5'], { exposureCompensationStops: -1.5 }],
    [['--metering', 'spot'], { metering: 'spot' }],
    [['--exposure-mode', 'sport'], { exposureMode: 'sport' }],
    [['--flicker-period-us', '10000'], { flickerPeriodUs: 10_000 }],
    [['--focus-mode', 'manual'], { focusMode: 'manual' }],
    [['--lens-position-dioptres', '0'], { lensPositionDioptres: 0 }],
    [['--focus-range', 'macro'], { focusRange: 'macro' }],
    [['--focus-speed', 'fast'], { focusSpeed: 'fast' }],
    [['--focus-window', '0.25,0.25,0.5,0.5'], { focusWindow: [0.25, 0.25, 0.5, 0.5] }],
    [['--white-balance', 'daylight'], { whiteBalance: 'daylight' }],
    [['--colour-gains', '1.7,1.5'], { colourGains: [1.7, 1.5] }],
    [['--saturation', '0'], { saturation: 0 }],
    [['--size', '640x480'], { width: 640, height: 480 }],
    [['--hflip', '--vflip'], { hflip: true, vflip: true }],
    [['--no-hflip'], { hflip: false }],
    [['--rotation-degrees', '180'], { rotationDegrees: 180 }],
    [['--region-of-interest', '0,0,0.5,0.5'], { regionOfInterest: [0, 0, 0.5, 0.5] }],
    [['--brightness', '-0.5'], { brightness: -0.5 }],
    [['--contrast=1.5'], { contrast: 1.5 }],
    [['--sharpness', '1'], { sharpness: 1 }],
    [['--noise-reduction', 'cdn_off'], { noiseReduction: 'cdn_off' }],
    [['--quality', '70'], { jpegQuality: 70 }],
    [['--hdr', 'single-exp'], { hdr: 'single-exp' }],
    [['--sensor-mode', '1640:1232:10:P'], { sensorMode: '1640:1232:10:P' }],
    [['--tuning-file', TUNING], { tuningFile: TUNING }],
    [[], {}],
  ])('understand %j', (args, settings) => {
    expect(only(args)).toEqual(settings);
  });

  it.each([
    ['--exposure-time-us', ['0', '-1', '1.5', '200000001', '5ms', '', 'NaN', '0x10', '1e400', '5000; reboot']],
    ['--gain', ['0', '0.99', '257', '-2', 'two', '', 'Infinity', '2,5', '$(id)', '2x']],
    ['--metering', ['center', 'Spot', '', 'all', 'spot,average', '0', '--output', 'constructor', 'spot;id', '`id`']],
    ['--colour-gains', ['1.7', '1.7,', '1.7;1.5', '0,1', '1,33', '1,2,3', '', 'a,b', '-1,1', '1.7 1.5']],
    ['--lens-position-dioptres', ['default', '-1', '33', '', 'far', '1/2', '2m', 'NaN', '1,5', '∞']],
    [
      '--focus-window',
      ['0,0,0,0', '0.5,0,0.6,1', '0,0,1', '0,0,1,1,1', '-0.1,0,1,1', '', '2,2,2,2', 'a,b,c,d', '0;0;1;1', ',,,'],
    ],
    ['--rotation-degrees', ['90', '270', '-180', '', 'left', '1', '360', '180.5', 'true', '0,180']],
    [
      '--sensor-mode',
      [
        '1640:1232',
        '1640x1232',
        '1640:1232:10',
        '1640:1232:9:P',
        '',
        ':::',
        '0:0:10:P',
        '1640:1232:10:P;id',
        'P',
        '1e3:1e3:10:P',
      ],
    ],
    [
      '--tuning-file',
      [
        'imx296.json',
        './x',
        '/nowhere/x.json',
        '/',
        '',
        '~/x.json',
        '--output=x',
        '/proc/self/mem/x',
        '$(id)',
        '/etc/passwd\n/x',
      ],
    ],
    ['--quality', ['0', '101', '85.5', '', 'best', '-1', '1e9', '85%', 'NaN', 'true']],
  ])('refuse ten bad values of %s, each with one sentence', (flag, values) => {
    expect(values).toHaveLength(10);
    for (const value of values) {
      const { settings, said } = parsed([`${flag}=${value}`], name);
      expect({ value, settings }).toEqual({ value, settings: undefined });
      expect(said).toMatch(/ is invalid\. It [^\n]+\.\nFor help: csi-cameras (?:record|still) --help\n$/);
    }
  });

  it.each([
    ['--shutter', '"--exposure-time-us"'],
    ['--shutter=5000', '"--exposure-time-us"'],
    ['--exposure', '"--exposure-time-us" or "--exposure-mode"'],
    ['--ev', '"--exposure-compensation-stops"'],
    ['--awb', '"--white-balance"'],
    ['--awbgains', '"--colour-gains"'],
    ['--color-gains', '"--colour-gains"'],
    ['--lens-position', '"--lens-position-dioptres"'],
    ['--focus', '"--focus-mode" or "--lens-position-dioptres"'],
    ['--autofocus-mode', '"--focus-mode"'],
    ['--ISO', '"--gain"'],
    ['--roi', '"--region-of-interest"'],
    ['--width', '"--size"'],
    ['--jpeg-quality', '"--quality"'],
  ])('answer %s with the flag that is meant', (typed, meant) => {
    const word = typed.replace(/=.*/, '');
    expect(parsed([typed, '1'], name).said).toBe(
      `error: unknown option '${word}', did you mean ${meant}?\nFor help: csi-cameras ${name} --help\n`,
    );
  });

  it('stand in --help under the headings of their groups, exposure and focus before the others', () => {
    const help =
      commandLine()
        .commands.find((command) => command.name() === name)
        ?.helpInformation() ?? '';
    const headings = [...help.matchAll(/^(\S.*):$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(['Options', ...Object.values(SETTING_GROUPS)]);
    const sections = help.split(/^(?=\S.*:$)/m);
    for (const setting of SETTING_NAMES) {
      if (['width', 'height', 'fps'].includes(setting)) continue;
      if (name === 'still' && setting === 'sync') continue; // a single picture has no partner
      const section = sections.find((one) => one.startsWith(`${SETTING_GROUPS[settingSpec(setting).group]}:`));
      expect(section).toContain(`  ${flagOf(setting)}`);
    }
  });
});

describe('the flag of synchronised cameras', () => {
  it('is one of a recording, and none of a still', () => {
    expect(parsed(['--sync', 'client'], 'record').settings).toEqual({ sync: 'client' });
    const { settings, said } = parsed(['--sync', 'client'], 'still');
    expect(settings).toBeUndefined();
    expect(said).toContain("unknown option '--sync'");
  });
});

describe('flags of settings', () => {
  it('are those of every setting of the table', () => {
    const command = withSettingFlags(new Command('x'));
    const made = command.options.filter((option) => !option.negate).map((option) => option.long);
    expect(made).toEqual(
      Object.keys(CAMERA_SETTINGS)
        .filter((name) => !['width', 'height', 'fps'].includes(name))
        .map((name) => (name === 'jpegQuality' ? '--quality' : flagOf(name as keyof typeof CAMERA_SETTINGS))),
    );
  });

  it('answer what is no word of anybody as every wrong flag', () => {
    expect(parsed(['--gian', '2']).said).toBe(
      "error: unknown option '--gian'\n(Did you mean --gain?)\nFor help: csi-cameras record --help\n",
    );
  });
});
