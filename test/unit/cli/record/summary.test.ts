import { describe, expect, it } from '@jest/globals';
import { howToHold, isWhole, summaryOf, type IsThere, type Take } from '../../../../src/cli/record/summary.js';
import { takeOf } from './take-of.js';

const FILES = { video_path: '/media/usb/session/a.avi', timing_path: '/media/usb/session/a_timing.csv' };

const take = (more: Partial<Take> = {}): Take => takeOf(0, { ...FILES, ...more });

const ELSEWHERE = 'on a disk that is no longer mounted, or that another one is mounted over';

const VIEW = '1456x1088, whole sensor';

function summary(takes: readonly Take[], isThere?: IsThere): string {
  return summaryOf(takes, VIEW, isThere);
}

const always = (): boolean => true;

describe('the summary of a recording', () => {
  it('names the files, and how to play and count them', () => {
    const text = summary([take()], always);
    expect(text).toContain('  video    /media/usb/session/a.avi\n  timing   /media/usb/session/a_timing.csv\n');
    expect(text).toContain(`\n  view     ${VIEW}\n`);
    expect(text).toContain("ffplay '/media/usb/session/a.avi'");
  });

  it('says that exposure, gain and lens were the same in every frame, or from where to where they went', () => {
    const given = (more: Partial<Take['given']>): Take => take({ given: { ...take().given, ...more } });
    const held = given({ exposure_time_us: [4993, 4993], gain: [2, 2], lens_position_dioptres: [2, 2] });
    expect(summary([held], always)).toContain(
      '  exposure 4993 us in every frame\n  gain     2 in every frame\n  lens     2 dioptres in every frame\n',
    );
    const moved = given({ exposure_time_us: [183, 2999], gain: [1, 1.5], colour_temperature_k: [4500, 4600] });
    expect(summary([moved], always)).toContain(
      '  exposure from 183 to 2999 us\n  gain     from 1 to 1.5\n  colours  from 4500 to 4600 K\n',
    );
    const untold = summary([take()], always);
    expect(untold).toContain('  exposure not told by the camera\n  gain     not told by the camera\n');
    expect(untold).not.toMatch(/ {2}(?:lens|colours) /);
  });

  it('says how to hold what moved, and nothing where nothing did', () => {
    const given = (more: Partial<Take['given']>): Take => take({ given: { ...take().given, ...more } });
    const held = given({ exposure_time_us: [4993, 4993], gain: [2, 2] });
    expect(howToHold([held, take()], false)).toBe('');
    expect(howToHold([held, given({ gain: [1, 1.5] })], false)).toMatch(
      /\n {2}csi-cameras settings --camera 0 --fix\n$/,
    );
    expect(howToHold([given({ lens_position_dioptres: [1, 2] })], true)).toMatch(/--fix --simulate\n$/);
  });

  it('names the file of metadata where there is one', () => {
    expect(summary([take()], always)).not.toContain('metadata');
    const path = '/media/usb/session/a_metadata.csv';
    expect(summary([take({ metadata_path: path })], always)).toContain(`a_timing.csv\n  metadata ${path}\n`);
    expect(summary([take({ metadata_path: null })], always)).toContain(`\n  metadata ${ELSEWHERE}\n`);
  });

  it('names the files of every part, up to ten', () => {
    const part = (number: number) => ({
      take: number,
      video_path: `/v${number}.avi`,
      timing_path: `/t${number}.csv`,
      info_path: null,
      frames: 20,
    });
    const parts = (count: number) => Array.from({ length: count }, (_, index) => part(index + 1));
    const text = summary([take({ video_path: '/v1.avi', timing_path: '/t1.csv', parts: parts(3) })], always);
    expect(text.match(/^ {2}(?:video|timing) .*$/gm)?.map((line) => line.slice(11))).toEqual([
      '/v1.avi',
      '/t1.csv',
      '/v2.avi',
      '/t2.csv',
      '/v3.avi',
      '/t3.csv',
    ]);
    expect(summary([take({ parts: parts(40) })], always)).toContain('\n  and 30 more parts beside them\n');
  });

  it('says how to convert it without losing a frame', () => {
    const [play, count, convert] = summary([take({ video_path: '/data/trial 1.avi' })], always)
      .split('\n')
      .filter((line) => /^ {2}ff/u.test(line));
    expect(play).toBe("  ffplay '/data/trial 1.avi'");
    expect(count).toMatch(/^ {2}ffprobe .*'\/data\/trial 1\.avi'$/);
    expect(convert).toBe("  ffmpeg -i '/data/trial 1.avi' -fps_mode passthrough -enc_time_base -1 '/data/trial 1.mp4'");
  });

  it('tells of timestamps out of order, where there are some', () => {
    expect(summary([take()], always)).not.toContain('timestamps');
    const disordered = take({ timestamps_disordered: 7 });
    expect(summary([disordered], always)).toContain('7 sensor timestamps are out of order');
    expect(summary([take({ timestamps_disordered: 1 })], always)).toContain('1 sensor timestamp is out of order');
    expect(isWhole([disordered])).toBe(true);
  });

  it.each([
    ['leads nowhere any more', take(), () => false, `moved, removed, or ${ELSEWHERE}`],
    ['is not told', take({ video_path: null, timing_path: null }), always, ELSEWHERE],
  ])('names no file whose path %s', (_why, one, isThere, place) => {
    const text = summary([one], isThere);
    expect(text).toContain(`  video    ${place}\n  timing   ${place}\n`);
    expect(text).not.toMatch(/a\.avi|ffplay|ffprobe/);
    expect(text).toMatch(/^Recorded 60 frames in 2\.00 s/);
  });

  it('shows how to play the first take that is there', () => {
    const takes = [take(), take({ take: 2, video_path: '/home/pi/b.avi' })];
    const text = summary(takes, (path) => path.startsWith('/home'));
    expect(text).toContain("ffplay '/home/pi/b.avi'");
    expect(text).not.toContain('a.avi');
  });

  it('looks at the real files by itself', () => {
    expect(summary([take({ video_path: '/proc/self/exe' })])).toContain('  video    /proc/self/exe\n');
    expect(summary([take({ video_path: '/nowhere/a.avi' })])).toContain('no longer mounted');
  });
});
