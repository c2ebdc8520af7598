import { describe, expect, it } from '@jest/globals';
import type { Apart, Offset } from '../../../../src/cli/record/offsets.js';
import { summaryOfSeveral } from '../../../../src/cli/record/several-summary.js';
import { howToHold, type Take } from '../../../../src/cli/record/summary.js';
import { takeOf } from './take-of.js';

const take = (index: number, more: Partial<Take> = {}): Take => {
  const files = {
    video_path: `/media/usb/session/${index}.avi`,
    timing_path: `/media/usb/session/${index}_timing.csv`,
  };
  const plain = takeOf(index, files);
  return { ...plain, given: { ...plain.given, exposure_time_us: [4993, 4993], gain: [2, 2] }, ...more };
};

const camera = (index: number, ...takes: readonly Take[]) => ({
  deviceId: `picam:${index}`,
  view: '640x480',
  takes,
});

const APART: Apart = {
  medianNs: 16_871_900,
  quartilesNs: [16_860_600, 16_880_200],
  extremesNs: [-16_460_500, 16_911_300],
  resolutionNs: 254,
  pairs: 301,
  comparedNs: undefined,
};

const offset = (apart: Partial<Apart> | string = {}, beginsAfterNs = 16_900_000): Offset => ({
  deviceId: 'picam:1',
  apart: typeof apart === 'string' ? apart : { ...APART, ...apart },
  beginsAfterNs,
});

const always = (): boolean => true;

/** The lines about the offsets. */
function told(...offsets: readonly Offset[]): readonly string[] {
  const text = summaryOfSeveral([camera(0, take(0)), camera(1, take(1))], offsets, always);
  return /^Offset [^]*?\n\n/m.exec(text)?.[0].trimEnd().split('\n').slice(1) ?? [];
}

describe('the summary of several cameras', () => {
  it('has that of each camera with its name, the offsets, and how to look at the first video', () => {
    const lost = take(1, { frames: 20, duration_s: 0.67, reason: 'device_error' });
    const back = take(1, { take: 2, frames: 30, duration_s: 1, video_path: '/media/usb/session/1_take2.avi' });
    const text = summaryOfSeveral([camera(0, take(0)), camera(1, lost, back)], [offset()], always);
    expect(text).toBe(`picam:0  Recorded 60 frames in 2.00 s (30 fps, 3.6 MB)
  video    /media/usb/session/0.avi
  timing   /media/usb/session/0_timing.csv
  frames   0 dropped, 0 lost in the camera, 0 skipped on purpose
  exposure 4993 us in every frame
  gain     2 in every frame
  view     640x480

picam:1  Recorded 20 frames in 0.67 s (29.85 fps, 3.6 MB), ended by device_error
  video    /media/usb/session/1.avi
  timing   /media/usb/session/1_timing.csv
  frames   0 dropped, 0 lost in the camera, 0 skipped on purpose
  exposure 4993 us in every frame
  gain     2 in every frame
picam:1  Recorded 30 frames in 1.00 s (30 fps, 3.6 MB)
  video    /media/usb/session/1_take2.avi
  timing   /media/usb/session/1_timing.csv
  frames   0 dropped, 0 lost in the camera, 0 skipped on purpose
  exposure 4993 us in every frame
  gain     2 in every frame
  view     640x480

Offset of each frame from the nearest frame of picam:0, by sensor time (negative: earlier):
  picam:1  median 16.872 ms, quartiles 16.861 and 16.880 ms, extremes -16.460 and 16.911 ms (301 pairs of frames)
           first frame 16.9 ms after that of picam:0

Play the first video (VLC and mpv can play it too):
  ffplay '/media/usb/session/0.avi'
Count its frames:
  ffprobe -v error -count_packets -show_entries stream=nb_read_packets '/media/usb/session/0.avi'
Convert it, frame for frame:
  ffmpeg -i '/media/usb/session/0.avi' -fps_mode passthrough -enc_time_base -1 '/media/usb/session/0.mp4'
Verify the session:
  csi-cameras verify '/media'
`);
  });

  it('says of which camera nothing was recorded, and compares with the first of the others', () => {
    const cameras = [camera(0), camera(1, take(1)), camera(2, take(2))];
    const text = summaryOfSeveral(cameras, [{ ...offset(), deviceId: 'picam:2' }], always);
    expect(text).toMatch(/^picam:0 {2}Recorded nothing\n\npicam:1 {2}Recorded 60 frames/);
    expect(text).toContain('the nearest frame of picam:1, by');
    expect(text).toContain("ffplay '/media/usb/session/1.avi'");
  });

  it('tells no offset where one camera alone recorded, and no command where no video is there', () => {
    const text = summaryOfSeveral([camera(0, take(0)), camera(1)], [], () => false);
    expect(text).not.toContain('Offset');
    expect(text).toMatch(/\n\npicam:1 {2}Recorded nothing\n$/);
  });

  it('says for each camera that moved how to hold it', () => {
    const gain = { ...take(0).given, gain: [1, 2] as [number, number] };
    expect(howToHold([take(0), take(1, { given: gain }), take(2, { given: gain })], true)).toMatch(
      /:\n {2}csi-cameras settings --camera 1 --fix --simulate\n {2}csi-cameras settings --camera 2 --fix --simulate\n$/,
    );
  });
});

describe('an offset', () => {
  it('is a sentence that says why where it is not known, and still how the camera began', () => {
    expect(told({ ...offset('picam:1 told no sensor times'), beginsAfterNs: undefined })).toEqual([
      '  picam:1  not known: picam:1 told no sensor times',
    ]);
    expect(told(offset('they did not record at the same time', 12_000_400_000))).toEqual([
      '  picam:1  not known: they did not record at the same time',
      '           first frame 12.00 s after that of picam:0',
    ]);
  });

  it.each([
    [49_000, 'first frame together with that of picam:0'],
    [-49_000, 'first frame together with that of picam:0'],
    [3_214_159, 'first frame 3.2 ms after that of picam:0'],
    [-3_214_159, 'first frame 3.2 ms before that of picam:0'],
    [999_940_000, 'first frame 999.9 ms after that of picam:0'],
    [-999_960_000, 'first frame 1.00 s before that of picam:0'],
  ])('of the first frames of %p ns is "%s"', (ns, words) => {
    expect(told(offset({}, ns))[1]?.trim()).toBe(words);
  });

  it('has a sign where it is earlier, and none where it is nothing', () => {
    const [line] = told(
      offset({ medianNs: -400, quartilesNs: [-3_214_159, 20_000], extremesNs: [-4e6, -1], pairs: 1 }),
    );
    expect(line).toContain(
      'median 0.000 ms, quartiles -3.214 and 0.020 ms, extremes -4.000 and 0.000 ms (1 pair of frames)',
    );
  });

  it('has as many decimals as it means', () => {
    const [line] = told(offset({ medianNs: 1.5e9, quartilesNs: [1.4e9, 1.6e9], resolutionNs: 1.5e6 }));
    expect(line).toContain('median 1500 ms, quartiles 1400 and 1600 ms, ');
  });

  it('says where the rest was not compared', () => {
    expect(told(offset({ comparedNs: 18_130e9 }))[0]).toContain(
      '(301 pairs of frames in the first 5:02:10; more takes too long)',
    );
  });

  it('of each camera stands below the others', () => {
    const lines = told(offset(), { ...offset(), deviceId: 'picam:12' });
    expect(lines.map((line) => line.search(/median|first frame/))).toEqual([12, 12, 12, 12]);
  });
});
