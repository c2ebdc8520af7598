import { describe, expect, it } from '@jest/globals';
import { HELP, UsageError, readOptions } from '../../../bench/options.mjs';

describe('readOptions', () => {
  it('measures five rounds of 2 GB by itself, of 1 GB when it has to be quick', () => {
    expect(readOptions([])).toMatchObject({ quick: false, runs: 5, gigabytes: 2, json: undefined, dir: undefined });
    expect(readOptions(['--quick'])).toMatchObject({ quick: true, runs: 5, gigabytes: 1 });
  });

  it('takes what it is given', () => {
    const given = [
      '--quick',
      '--json',
      'a.json',
      '--runs',
      '7',
      '--gb',
      '0.5',
      '--dir',
      '/d',
      '--cpu-prof',
      '/p',
      '--module',
      'm',
    ];
    expect(readOptions(given)).toEqual({
      quick: true,
      json: 'a.json',
      runs: 7,
      gigabytes: 0.5,
      dir: '/d',
      cpuProfile: '/p',
      module: 'm',
      help: false,
    });
  });

  it.each([
    [['--runs', '0']],
    [['--runs', '2.5']],
    [['--runs', '']],
    [['--gb', '-1']],
    [['--gb', 'much']],
    [['--gb', 'Infinity']],
    [['--unknown']],
    [['stray']],
    [['--json']],
  ])('refuses %j', (args) => {
    expect(() => readOptions(args)).toThrow(UsageError);
  });

  it('explains each option', () => {
    for (const option of ['--quick', '--json', '--runs', '--gb', '--dir', '--cpu-prof', '--module', '--help']) {
      expect(HELP).toContain(option);
    }
  });
});
