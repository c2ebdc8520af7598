import { describe, expect, it } from '@jest/globals';
import { isWhole, summaryOf, type Take } from '../../../src/cli/record-summary.js';

const TAKE: Take = {
  device_id: 'picam:0',
  camera_id: 'picam:0',
  trial_number: 1,
  take: 1,
  video_path: '/data/s/trial 1.avi',
  timing_path: '/data/s/trial 1_timing.csv',
  frames: 1200,
  duration_s: 10,
  delivered: 1200,
  dropped: 0,
  skipped: 0,
  source_gaps: 0,
  timestamps_disordered: 0,
  bytes: 1_000_000,
  reason: 'command',
};

describe('the summary of a recording', () => {
  it('says how to play it, to count its frames, and to convert it without losing one', () => {
    const [play, count, convert] = summaryOf([TAKE])
      .split('\n')
      .filter((line) => /^ {2}ff/u.test(line));
    expect(play).toBe("  ffplay '/data/s/trial 1.avi'");
    expect(count).toMatch(/^ {2}ffprobe .*'\/data\/s\/trial 1\.avi'$/);
    expect(convert).toBe(
      "  ffmpeg -i '/data/s/trial 1.avi' -fps_mode passthrough -enc_time_base -1 '/data/s/trial 1.mp4'",
    );
  });

  it('tells of timestamps out of order, where there are some', () => {
    expect(summaryOf([TAKE])).not.toContain('timestamps');
    expect(summaryOf([{ ...TAKE, timestamps_disordered: 7 }])).toContain('7 sensor timestamps are out of order');
    expect(isWhole([{ ...TAKE, timestamps_disordered: 7 }])).toBe(true);
  });

  it('has no commands where there is no video', () => {
    expect(summaryOf([{ ...TAKE, video_path: null, timing_path: null, frames: 0 }])).not.toContain('ffmpeg');
  });
});
