import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { ProgressLine } from '../../../../src/cli/progress.js';
import { outcomeOf, type Outcome } from '../../../../src/cli/record/outcome.js';
import type { Take } from '../../../../src/cli/record/summary.js';
import { takeOf } from './take-of.js';

const outcome = (cameras: number, ...takes: readonly Take[]): Promise<Outcome> =>
  outcomeOf(
    Array.from({ length: cameras }, (_, index) => ({
      deviceId: `picam:${index}`,
      model: 'imx296',
      view: '640x480',
      fps: 30,
    })),
    takes,
    false,
    new ProgressLine(new PassThrough()),
  );

const NOTHING = 'No frame was recorded. See csicameras.log.';

describe('the outcome of a recording', () => {
  it.each<[string, number, readonly Take[], number]>([
    ['one that is whole', 1, [takeOf(0)], 0],
    ['one that lost a frame', 1, [takeOf(0, { dropped: 1 })], 3],
    ['one that came back', 1, [takeOf(0), takeOf(0, { take: 2 })], 3],
    ['one without a frame', 1, [], 1],
    ['two that are whole', 2, [takeOf(0), takeOf(1)], 0],
    ['two of which one lost a frame in the camera', 2, [takeOf(0), takeOf(1, { source_gaps: 1 })], 3],
    ['two of which one came back', 2, [takeOf(0), takeOf(1), takeOf(1, { take: 2 })], 3],
    ['two of which one has no frame', 2, [takeOf(1)], 1],
    ['three of which one has no frame and one lost some', 3, [takeOf(0, { dropped: 9 }), takeOf(1)], 1],
    ['two without a frame', 2, [], 1],
  ])('of %s has the right exit code', async (_what, cameras, takes, code) => {
    expect((await outcome(cameras, ...takes)).code).toBe(code);
  });

  it('says which camera gave no frame, and summarises the others', async () => {
    const { errors, summary } = await outcome(2, takeOf(0));
    expect(errors).toEqual([`picam:1: ${NOTHING}`]);
    expect(summary).toMatch(/^picam:0 {2}Recorded 60 frames [^]*\n\npicam:1 {2}Recorded nothing\n$/);
    expect(await outcome(1)).toEqual({ code: 1, errors: [NOTHING], endedBy: NOTHING });
  });

  it('does not fail for offsets that are not known', async () => {
    const { code, summary } = await outcome(2, takeOf(0), takeOf(1));
    expect(code).toBe(0);
    expect(summary).toContain(
      '  picam:1  not known: picam:0 has timing files that were moved or removed, or whose disk is gone\n',
    );
  });

  it('takes the times of a long recording from all of its parts', async () => {
    const part = { take: 1, video_path: null, info_path: null, frames: 60 };
    const parts = [
      { ...part, timing_path: '/dev/null' },
      { ...part, take: 2, timing_path: null },
    ];
    const { summary } = await outcome(2, takeOf(0, { parts }), takeOf(1));
    expect(summary).toContain('picam:1  not known: picam:0 has a timing file that is not as it was written\n');
  });

  it('of one camera has its summary alone', async () => {
    const { summary, errors } = await outcome(1, takeOf(0));
    expect(errors).toBeUndefined();
    expect(summary).toMatch(/^Recorded 60 frames in 2\.00 s/);
    expect(summary).not.toMatch(/picam|Offset/);
  });
});
