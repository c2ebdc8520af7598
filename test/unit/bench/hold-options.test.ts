import { describe, expect, it } from '@jest/globals';
import { HOLD_HELP, readHoldOptions } from '../../../bench/hold/hold-options.mjs';
import { UsageError } from '../../../bench/usage.mjs';

describe('readHoldOptions', () => {
  it('holds everything by itself: two cameras at 60 fps for ten minutes, then a day', () => {
    expect(readHoldOptions([])).toMatchObject({ choices: ['cameras', 'day'], cameras: 2, minutes: 10, fps: 60 });
  });

  it('holds what it is told, in its own order', () => {
    expect(readHoldOptions(['day']).choices).toEqual(['day']);
    expect(readHoldOptions(['day', 'cameras']).choices).toEqual(['cameras', 'day']);
  });

  it('takes what it is given', () => {
    const cameras =
      'cameras --cameras 4 --minutes 0.5 --fps 30 --dir /d --out o --json j --cpu-prof /p --module m'.split(' ');
    expect(readHoldOptions(cameras)).toMatchObject({
      cameras: 4,
      minutes: 0.5,
      fps: 30,
      dir: '/d',
      out: 'o',
      json: 'j',
      cpuProfile: '/p',
      module: 'm',
    });
    expect(readHoldOptions(['day', '--hours', '66', '--gigabytes', '0'])).toMatchObject({
      hours: '66',
      gigabytes: '0',
    });
  });

  it.each([
    [['week']],
    [['cameras', '--cameras', '1.5']],
    [['cameras', '--cameras', '99']],
    [['cameras', '--minutes', '0']],
    [['day', '--hours', '-1']],
    [['day', '--hours', '']],
    [['day', '--gigabytes', 'much']],
    [['day', '--minutes', '10']],
    [['cameras', '--hours', '1']],
    [['--unknown']],
  ])('refuses %j', (args) => {
    expect(() => readHoldOptions(args)).toThrow(UsageError);
  });

  it('explains each option', () => {
    const all = '--cameras --minutes --fps --out --json --cpu-prof --module --hours --gigabytes --dir --help'.split(
      ' ',
    );
    for (const option of all) expect(HOLD_HELP).toContain(option);
  });
});
