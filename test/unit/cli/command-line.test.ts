import { describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import { commandLine } from '../../../src/cli/command-line.js';

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
  ])('do not include %s %p', (flag, value) => {
    expect(() => optionsOf([flag, value])).toThrow(/is invalid/);
  });
});

describe('record', () => {
  it('understands its flags, and has a camera by default', () => {
    expect(optionsOf([], 'record')).toEqual({ camera: 0 });
    const flags = ['--camera', '1', '--duration', '2.5', '--fps', '60', '--size', '1456x1088', '--out', './x'];
    expect(optionsOf(flags, 'record')).toEqual({
      camera: 1,
      duration: 2.5,
      fps: 60,
      size: { width: 1456, height: 1088 },
      out: './x',
    });
  });

  it.each([
    ['--duration', '0'],
    ['--duration', 'long'],
    ['--fps', '-1'],
    ['--fps', 'Infinity'],
    ['--size', '1456'],
    ['--size', '1456x'],
    ['--camera', 'front'],
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
