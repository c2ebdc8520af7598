import { describe, expect, it } from '@jest/globals';
import { HELP, UsageError, readOptions } from '../../../bench/options.mjs';

describe('readOptions', () => {
  it('measures everything by itself, less where it has to be quick', () => {
    expect(readOptions([])).toMatchObject({ mode: 'full', runs: 5, gigabytes: 2, json: undefined, dir: undefined });
    expect(readOptions(['--quick'])).toMatchObject({ mode: 'quick', runs: 5, gigabytes: 1 });
    expect(readOptions(['--ci'])).toMatchObject({ mode: 'ci', runs: 3, gigabytes: 0.5 });
  });

  it('holds two cameras at 60 fps for as long as it is told', () => {
    expect(readOptions(['--minutes', '10'])).toMatchObject({ mode: 'hold', minutes: 10, cameras: 2, fps: 60 });
    const told = readOptions(['--cameras', '4', '--fps', '30', '--minutes', '0.5']);
    expect(told).toMatchObject({ mode: 'hold', minutes: 0.5, cameras: 4, fps: 30 });
  });

  it('takes what it is given', () => {
    const given = '--quick --json a.json --out o --runs 7 --gb 0.5 --dir /d --cpu-prof /p --module m'.split(' ');
    expect(readOptions(given)).toMatchObject({
      mode: 'quick',
      json: 'a.json',
      out: 'o',
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
    [['--ci', '--quick']],
    [['--ci', '--minutes', '1']],
    [['--cameras', '2']],
    [['--fps', '60']],
    [['--minutes', '1', '--cameras', '1.5']],
    [['--minutes', '1', '--cameras', '99']],
  ])('refuses %j', (args) => {
    expect(() => readOptions(args)).toThrow(UsageError);
  });

  it('explains each option', () => {
    for (const option of '--quick --ci --minutes --cameras --fps --json --out --runs --gb --dir --cpu-prof --module --help'.split(
      ' ',
    )) {
      expect(HELP).toContain(option);
    }
  });
});
