import { describe, expect, it } from '@jest/globals';
import type { PartialSettings } from '../../../../src/core/camera-settings.js';
import { settingsOfStill } from '../../../../src/module/settings/still-settings.js';

describe('what a still is asked for', () => {
  const cases: readonly [string, PartialSettings, PartialSettings, PartialSettings][] = [
    ['nothing', {}, {}, {}],
    ['what is kept', { gain: 2, hflip: true }, {}, { gain: 2, hflip: true }],
    ['flags, which win over what is kept', { gain: 2, hflip: true }, { gain: 4 }, { gain: 4, hflip: true }],
    [
      'not the format of a video',
      { width: 640, height: 480, fps: 10, jpegQuality: 50, sensorMode: '640:480:10:P', sync: 'client' },
      {},
      {},
    ],
    [
      'a format that flags name',
      { width: 320, height: 240 },
      { width: 640, height: 480, jpegQuality: 50, sensorMode: '640:480:10:P' },
      { width: 640, height: 480, jpegQuality: 50, sensorMode: '640:480:10:P' },
    ],
    [
      'an exposure longer than a frame of a video',
      { fps: 60 },
      { exposureTimeUs: 10_000_000 },
      { exposureTimeUs: 10_000_000 },
    ],
  ];
  it.each(cases)('is %s', (_what, kept, flags, settings) => {
    expect(settingsOfStill(kept, flags)).toEqual({ settings, ignored: [] });
  });

  it('leaves out what is kept where a flag does not go with it, and says so', () => {
    const { settings, ignored } = settingsOfStill({ lensPositionDioptres: 2 }, { focusMode: 'auto' });
    expect(settings).toEqual({ focusMode: 'auto' });
    expect(ignored).toMatchObject([{ name: 'lensPositionDioptres', origin: 'kept' }]);
  });

  it('refuses flags that do not go together', () => {
    const { ignored } = settingsOfStill({}, { lensPositionDioptres: 2, focusMode: 'auto' });
    expect(ignored).toMatchObject([{ origin: 'flag' }]);
  });
});
