import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import * as v from 'valibot';
import { commandLine } from '../../../src/cli/command-line.js';
import { TRIAL_RANGE } from '../../../src/cli/flags/flag-values.js';
import { CAMERA_INDEX_RANGE, FPS_RANGE, SIDE_RANGE } from '../../../src/core/capture-limits.js';
import { parametersSchema } from '../../../src/protocol/commands.js';

/** What the flags are understood as, without running anything. */
function optionsOf(args: readonly string[], subcommand?: string): Record<string, unknown> {
  const root = commandLine();
  const command: Command | undefined =
    subcommand === undefined ? root : root.commands.find((one) => one.name() === subcommand);
  if (command === undefined) throw new Error(`There is no ${subcommand}.`);
  command.configureOutput({ writeErr: () => undefined }).exitOverride();
  const { unknown, operands } = command.parseOptions([...args]);
  expect([...unknown, ...operands]).toEqual([]);
  return command.opts();
}

describe('the flags of a host', () => {
  it('are understood', () => {
    const flags = ['--output-dir', '/data', '--config-path', '/c.json', '--instance-id', 'left', '--log-dir', '/logs'];
    expect(optionsOf([...flags, '--camera-index', '1', '--simulate', '--capture-tool', '/vid'])).toMatchObject({
      outputDir: '/data',
      configPath: '/c.json',
      instanceId: 'left',
      logDir: '/logs',
      cameraIndex: 1,
      simulate: true,
      captureTool: '/vid',
    });
  });

  it.each([[undefined], ['record']])('switch the monitor on, with a port or without (%s)', (subcommand) => {
    expect(optionsOf(['--monitor'], subcommand)).toMatchObject({ monitor: true });
    expect(optionsOf(['--monitor', '9000', '--monitor-control'], subcommand)).toMatchObject({
      monitor: 9000,
      monitorControl: true,
    });
    expect(optionsOf(['--monitor=0'], subcommand)).toMatchObject({ monitor: 0 });
    expect(optionsOf([], subcommand)).not.toHaveProperty('monitor');
  });

  it.each([
    ['debug', 'debug'],
    ['INFO', 'info'],
    ['Warning', 'warn'],
    ['warn', 'warn'],
    ['error', 'error'],
    ['CRITICAL', 'error'],
  ])('take the log level %s for %s', (spelling, logLevel) => {
    expect(optionsOf(['--log-level', spelling])).toMatchObject({ logLevel });
  });

  it.each([[['--is-raspberry-pi']], [['--is-raspberry-pi', 'true']], [['--is-raspberry-pi=false']]])(
    'take %p with a value or without',
    (args) => {
      expect(optionsOf(args)).toHaveProperty('isRaspberryPi');
    },
  );

  it.each([
    ['--log-level', 'loud'],
    ['--log-level', 'constructor'],
    ['--camera-index', '-1'],
    ['--camera-index', '1.5'],
    ['--camera-index', ''],
    ['--camera-index', '9999999999'],
    ['--camera-index', '64'],
    ['--camera-index', '0x1'],
    ['--min-free-bytes', '-1'],
    ['--min-free-bytes', '1e9'],
    ['--min-free-bytes', '9007199254740992'],
    ['--min-free-bytes', '1 GB'],
    ['--monitor', '65536'],
    ['--monitor', '127.0.0.1:80'],
    ['--monitor', '-1'],
    ['--capture-tool', ''],
    ['--capture-tool', ' '],
    ['--log-dir', ''],
  ])('do not include %s %p', (flag, value) => {
    expect(() => optionsOf([flag, value])).toThrow(/is invalid/);
  });
});

describe('record', () => {
  it('understands its flags, and has a camera by default', () => {
    expect(optionsOf([], 'record')).toEqual({ camera: [0] });
    const flags = ['--camera', '1', '--duration', '2.5', '--fps', '60', '--size', '1456x1088', '--out', './x'];
    expect(optionsOf(flags, 'record')).toEqual({
      camera: [1],
      duration: 2.5,
      fps: 60,
      size: { width: 1456, height: 1088 },
      out: './x',
    });
  });

  it.each([
    ['--fps', '0.005', 0.005],
    ['--fps', '1000', 1000],
    ['--fps', '1e3', 1000],
    ['--fps', '29.97', 29.97],
    ['--fps', '.5', 0.5],
    ['--duration', '2592000', 2_592_000],
    ['--size', '16X16384', { width: 16, height: 16_384 }],
    ['--camera', '63', [63]],
    ['--camera', 'picam:1', [1]],
    ['--camera', '2,picam:0', [2, 0]],
    ['--camera', 'all', 'all'],
    ['--trial', '0', 0],
    ['--trial', '999999999', 999_999_999],
    ['--label', '', ''],
    ['--min-free-bytes', '9007199254740991', Number.MAX_SAFE_INTEGER],
  ])('understands %s %s', (flag, text, value) => {
    expect(Object.values(optionsOf([flag, text], 'record'))).toContainEqual(value);
  });

  it('understands several cameras, in the order of the flags', () => {
    expect(optionsOf(['--camera', '1', '--camera', '0'], 'record')).toEqual({ camera: [1, 0] });
    expect(optionsOf(['--camera', '2,3', '--camera', '0'], 'record')).toEqual({ camera: [2, 3, 0] });
  });

  it.each([
    [['0', '0'], 'picam:0 is named twice.'],
    [['0', '1,picam:0'], 'picam:0 is named twice.'],
    [['all', '1'], '`all` means every camera, so it stands alone.'],
    [['1', 'all'], '`all` means every camera, so it stands alone.'],
    [['all', 'all'], '`all` means every camera, so it stands alone.'],
  ])('does not take the cameras %j, and says why', (values, why) => {
    const flags = values.flatMap((value) => ['--camera', value]);
    expect(() => optionsOf(flags, 'record')).toThrow(why);
  });

  it('takes the numbers of trials that the module takes', () => {
    const { trial_number: schema } = parametersSchema('start_recording').entries;
    if (schema === undefined) throw new Error('There is no trial_number.');
    const isTaken = (value: number): boolean => v.is(schema, value);
    expect([TRIAL_RANGE.min, TRIAL_RANGE.max].map(isTaken)).toEqual([true, true]);
    expect([TRIAL_RANGE.min - 1, TRIAL_RANGE.max + 1].map(isTaken)).toEqual([false, false]);
  });

  it('names the ranges in its help', () => {
    const help = commandLine()
      .commands.find((command) => command.name() === 'record')
      ?.helpInformation()
      .replaceAll(/\s+/g, ' ');
    for (const { min, max } of [FPS_RANGE, SIDE_RANGE, CAMERA_INDEX_RANGE, TRIAL_RANGE])
      expect(help).toContain(`${min} to ${max}`);
  });

  it.each([
    ['--duration', '0'],
    ['--duration', '1e300'],
    ['--duration', 'NaN'],
    ['--duration', '0x10'],
    ['--duration', ''],
    ['--fps', ''],
    ['--fps', '2000'],
    ['--fps', '0.001'],
    ['--fps', '0'],
    ['--size', '20000x20000'],
    ['--size', '15x16'],
    ['--size', '16x15'],
    ['--size', '640x20000'],
    ['--size', '-640x480'],
    ['--camera', '99'],
    ['--camera', 'picam:'],
    ['--camera', 'picam:64'],
    ['--out', ''],
    ['--capture-tool', ''],
    ['--min-free-bytes', 'x'],
    ['--duration', 'long'],
    ['--fps', '-1'],
    ['--fps', 'Infinity'],
    ['--size', '1456'],
    ['--size', '1456x'],
    ['--camera', 'front'],
    ['--camera', '0,'],
    ['--camera', '0,0'],
    ['--camera', '1,picam:1'],
    ['--camera', 'all,0'],
    ['--trial', '-1'],
    ['--trial', '1.5'],
    ['--trial', '1000000000'],
    ['--trial', ''],
  ])('does not understand %s %p', (flag, value) => {
    expect(() => optionsOf([flag, value], 'record')).toThrow(/is invalid/);
  });
});

describe('a flag before the subcommand', () => {
  it.each([
    [['--simulate', 'record'], '--simulate'],
    [['--log-dir', '/logs', 'cameras'], '--log-dir'],
  ])('is refused, because it would have no effect: %p', async (args, flag) => {
    const root = commandLine().configureOutput({ writeErr: () => undefined });
    await expect(root.parseAsync(args, { from: 'user' })).rejects.toThrow(`${flag} stands before`);
  });
});

describe('the flags of settings', () => {
  it('are understood, with values that were checked and with folders as absolute paths', () => {
    const flags = ['--camera', '1', '--set', 'gain=2', '--set', 'hflip=on', '--state-dir', 'here', '--reset', '--fix'];
    expect(optionsOf([...flags, '--simulate', '--json'], 'settings')).toMatchObject({
      camera: 1,
      set: { gain: 2, hflip: true },
      stateDir: resolve('here'),
      reset: true,
      fix: true,
      simulate: true,
      json: true,
    });
  });

  it.each([['record'], ['settings'], [undefined]])('of %s name where settings are kept', (subcommand) => {
    expect(optionsOf(['--state-dir', '/state'], subcommand)).toMatchObject({ stateDir: '/state' });
  });
});

describe('wrong usage', () => {
  const errorsOf = async (args: readonly string[]): Promise<string> => {
    let text = '';
    const root = commandLine();
    for (const command of [root, ...root.commands]) {
      command.exitOverride().configureOutput({
        writeErr: (part) => {
          text += part;
        },
      });
    }
    await expect(root.parseAsync([...args], { from: 'user' })).rejects.toThrow();
    return text;
  };

  it.each([
    [['recrod'], 'error: unknown command "recrod", did you mean "record"?\nFor help: csi-cameras --help\n'],
    [
      ['recrod', '--duration', '5'],
      'error: unknown command "recrod", did you mean "record"?\nFor help: csi-cameras --help\n',
    ],
    [
      ['dance'],
      'error: unknown command "dance". The commands are: record, still, settings, cameras, service, watch, doctor, verify, report, align, clip, trace, integrate.\nFor help: csi-cameras --help\n',
    ],
    [['--bogus'], "error: unknown option '--bogus'\nFor help: csi-cameras --help\n"],
    [
      ['record', '--fsp', '3'],
      "error: unknown option '--fsp'\n(Did you mean --fps?)\nFor help: csi-cameras record --help\n",
    ],
    [
      ['record', '--fps', '2000'],
      "error: option '--fps <n>' argument '2000' is invalid. It must be a number, 0.005 to 1000.\nFor help: csi-cameras record --help\n",
    ],
    [
      ['cameras', 'all'],
      "error: too many arguments for 'cameras'. Expected 0 arguments but got 1.\nFor help: csi-cameras cameras --help\n",
    ],
    [
      ['service', '--print', '--camera', '0'],
      'error: --camera is a flag of record: put -- before it, as in csi-cameras service --print -- --camera ...\nFor help: csi-cameras service --help. Flags of record stand behind --\n',
    ],
    [
      ['service', '--prnit'],
      "error: unknown option '--prnit'\n(Did you mean --print?)\nFor help: csi-cameras service --help. Flags of record stand behind --\n",
    ],
    [['--record'], 'error: --record needs to know the camera. Add --camera-index N.\nFor help: csi-cameras --help\n'],
  ])('%j is told in few lines, with how to get help', async (args, text) => {
    expect(await errorsOf(args)).toBe(text);
  });
});

describe('help', () => {
  it.each([
    [['help'], 'Usage: csi-cameras [options] [command]\n'],
    [['help', 'record'], 'Usage: csi-cameras record [options]\n'],
    [['record', '--help'], 'Usage: csi-cameras record [options]\n'],
  ])('comes for %j too', async (args, start) => {
    let text = '';
    const root = commandLine();
    for (const command of [root, ...root.commands])
      command.exitOverride().configureOutput({
        writeOut: (part) => {
          text += part;
        },
      });
    await expect(root.parseAsync(args, { from: 'user' })).rejects.toMatchObject({ exitCode: 0 });
    expect(text.startsWith(start)).toBe(true);
  });

  it.each(['', 'record', 'still', 'settings', 'cameras', 'service'])(
    'has no line over 80 columns at 80, nor over 100 at 300: %s',
    (name) => {
      const { columns } = process.stdout;
      try {
        for (const [wide, most] of [
          [80, 80],
          [300, 100],
        ] as const) {
          process.stdout.columns = wide;
          const root = commandLine();
          const command = name === '' ? root : root.commands.find((one) => one.name() === name);
          let said = '';
          command?.configureOutput({
            writeOut: (text) => {
              said += text;
            },
          });
          command?.outputHelp();
          expect(said).toContain('Exit codes');
          expect(said.split('\n').filter((line) => line.length > most)).toEqual([]);
        }
      } finally {
        process.stdout.columns = columns;
      }
    },
  );
});
