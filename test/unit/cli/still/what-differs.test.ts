import { describe, expect, it } from '@jest/globals';
import { whatDiffers } from '../../../../src/cli/still/what-differs.js';

const given = { exposureTimeUs: 9986, gain: 3.98, lensPositionDioptres: null };

describe('what a still was asked for and did not get', () => {
  it('is told where the camera gives something else', () => {
    expect(whatDiffers({ exposureTimeUs: 20_000, gain: 100 }, given)).toEqual([
      'exposureTimeUs: asked 20000, the camera gives 9986.',
      'gain: asked 100, the camera gives 3.98.',
    ]);
    expect(whatDiffers({ lensPositionDioptres: 3 }, { ...given, lensPositionDioptres: 2 })).toEqual([
      'lensPositionDioptres: asked 3, the camera gives 2.',
    ]);
  });

  it('is told of a lens that cannot move', () => {
    expect(whatDiffers({ lensPositionDioptres: 2 }, given)).toEqual([expect.stringContaining('cannot be moved')]);
  });

  it('is not told of a sensor line, of 2 %, of what was not asked, or where the tool tells nothing', () => {
    expect(whatDiffers({ exposureTimeUs: 10_000, gain: 4 }, given)).toEqual([]);
    expect(whatDiffers({ exposureTimeUs: 30 }, { ...given, exposureTimeUs: 15 })).toEqual([]);
    expect(whatDiffers({}, given)).toEqual([]);
    const nothing = { exposureTimeUs: null, gain: null, lensPositionDioptres: null };
    expect(whatDiffers({ exposureTimeUs: 5, gain: 9, lensPositionDioptres: 1 }, nothing)).toEqual([]);
  });
});
