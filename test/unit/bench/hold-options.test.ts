import { describe, expect, it } from '@jest/globals';
import { HOLD_HELP, readHoldOptions } from '../../../bench/hold/hold-options.mjs';
import { UsageError } from '../../../bench/usage.mjs';

describe('readHoldOptions', () => {
  it('holds everything by itself: cameras at 60 fps for ten minutes, a pair for one, a day, the page, viewers, verify', () => {
    expect(readHoldOptions([])).toMatchObject({
      choices: ['cameras', 'together', 'pair', 'day', 'page', 'viewers', 'verify'],
      cameras: 2,
      minutes: 10,
      fps: 60,
      together: { cameras: 4, minutes: 10, fps: 60, rounds: 3 },
      pair: { seconds: 60, fps: 30, killAfter: 20, processes: [1, 2] },
      page: { cameras: 4, minutes: 10, fps: 15 },
      viewers: { seconds: 30, fps: 60 },
      verify: { rounds: 9 },
    });
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
    const together = 'together --cameras 3 --minutes 0.5 --fps 50 --rounds 0 --size 640x480'.split(' ');
    expect(readHoldOptions(together).together).toEqual({
      cameras: 3,
      minutes: 0.5,
      fps: 50,
      rounds: 0,
      size: { width: 640, height: 480 },
    });
    const pair = 'pair --seconds 8 --kill-after 3 --fps 60 --processes 2'.split(' ');
    expect(readHoldOptions(pair).pair).toMatchObject({ seconds: 8, killAfter: 3, fps: 60, processes: [2] });
    const page = 'page --cameras 2 --minutes 1 --fps 30 --size 320x240'.split(' ');
    expect(readHoldOptions(page).page).toEqual({ cameras: 2, minutes: 1, fps: 30, size: { width: 320, height: 240 } });
    const viewers = 'viewers --seconds 5 --fps 30'.split(' ');
    expect(readHoldOptions(viewers).viewers).toEqual({ seconds: 5, fps: 30, size: undefined });
    expect(readHoldOptions('verify --rounds 3'.split(' ')).verify).toEqual({ rounds: 3 });
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
    [['viewers', '--minutes', '10']],
    [['cameras', '--hours', '1']],
    [['together', '--rounds', '-1']],
    [['together', '--seconds', '5']],
    [['together', '--size', 'large']],
    [['pair', '--minutes', '1']],
    [['pair', '--processes', '3']],
    [['pair', '--seconds', '5', '--kill-after', '5']],
    [['--unknown']],
  ])('refuses %j', (args) => {
    expect(() => readHoldOptions(args)).toThrow(UsageError);
  });

  it('explains each option', () => {
    const all = (
      '--cameras --minutes --fps --out --json --cpu-prof --module --rounds --size --seconds --kill-after --processes ' +
      '--hours --gigabytes --dir --help'
    ).split(' ');
    for (const option of all) expect(HOLD_HELP).toContain(option);
  });
});
