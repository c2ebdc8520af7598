import { describe, expect, it } from '@jest/globals';
import { HELP, readOptions } from '../../../bench/options.mjs';
import { UsageError } from '../../../bench/usage.mjs';

describe('readOptions', () => {
  it('measures everything by itself, less where it has to be quick', () => {
    expect(readOptions([])).toMatchObject({ mode: 'full', runs: 5, gigabytes: 2, json: undefined, dir: undefined });
    expect(readOptions(['--quick'])).toMatchObject({ mode: 'quick', runs: 5, gigabytes: 1 });
    expect(readOptions(['--schedule'])).toMatchObject({ mode: 'schedule', runs: 5 });
    expect(readOptions(['--ci'])).toMatchObject({ mode: 'ci', runs: 3, gigabytes: 0.5 });
  });

  it('compares with a revision when it is told one', () => {
    expect(readOptions(['--against', 'HEAD~3'])).toMatchObject({ mode: 'against', against: 'HEAD~3', runs: 5 });
    const told = readOptions(['--against', 'v1', '--runs', '9', '--dir', '/d', '--json', 'a.json']);
    expect(told).toMatchObject({ mode: 'against', runs: 9, dir: '/d', json: 'a.json' });
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
    [['--ci', '--against', 'HEAD']],
    [['--against']],
    [['--schedule', '--quick']],
    [['--schedule', '--gb', '1']],
    [['--against', 'HEAD', '--gb', '1']],
    [['--against', 'HEAD', '--out', 'o']],
    [['--minutes', '10']],
  ])('refuses %j', (args) => {
    expect(() => readOptions(args)).toThrow(UsageError);
  });

  it('explains each option', () => {
    for (const option of '--quick --schedule --ci --against --json --out --runs --gb --dir --cpu-prof --module --help'.split(
      ' ',
    )) {
      expect(HELP).toContain(option);
    }
  });
});
