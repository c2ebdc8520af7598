import { describe, expect, it } from '@jest/globals';
import type { PartialSettings } from '../../../../src/core/camera-settings.js';
import type { FrameMetadata } from '../../../../src/core/frame.js';
import type { SensorMode } from '../../../../src/capture/camera-source.js';
import { SettingsCheck, type CheckedStream } from '../../../../src/capture/stream/settings-check.js';

/** What a colour camera with a lens tells. */
const TOLD: FrameMetadata = {
  exposureTimeUs: 5000,
  gain: 2,
  redGain: 1.5,
  blueGain: 2,
  colourTemperatureK: 4500,
  lensPositionDioptres: 1,
  focusFoM: 1000,
  lux: 400,
  scalerCrop: [0, 0, 3280, 2464],
  isSyncReady: null,
  syncTimerUs: null,
  text: '',
};
const WHOLE: SensorMode = { width: 1640, height: 1232, maxFps: 41.85, crop: [0, 0, 3280, 2464] };
const CUT_OUT: SensorMode = { width: 1920, height: 1080, maxFps: 47.57, crop: [680, 692, 1920, 1080] };
const STREAM: CheckedStream = {
  format: { mode: WHOLE, sensor: { width: 3280, height: 2464 } },
  areas: [WHOLE.crop],
  leftOut: [],
};
/** Enough for any difference to be told. */
const FRAMES = 20;

/** What is told of frames that all say the same. */
function differences(
  asked: PartialSettings,
  given: Partial<FrameMetadata> | null = {},
  stream: CheckedStream = STREAM,
): readonly string[] {
  const messages: string[] = [];
  const check = new SettingsCheck(asked, stream, (_setting, message) => messages.push(message));
  for (let frame = 0; frame < FRAMES; frame += 1) check.frame(given === null ? null : { ...TOLD, ...given });
  return messages;
}

describe('synchronisation', () => {
  it.each(['server', 'client'] as const)('as %s is without effect where no frame tells it', (sync) => {
    expect(differences({ sync })).toEqual([
      `sync: asked ${sync}, the camera gives no SyncReady (it does not synchronise).`,
    ]);
    expect(differences({ sync }, { isSyncReady: true })).toEqual([]);
    expect(differences({ sync }, { isSyncReady: false, syncTimerUs: 5 })).toEqual([]);
  });

  it('is not looked for where nobody asked for it, or where the tool was not told', () => {
    expect(differences({ sync: 'off' })).toEqual([]);
    expect(differences({ sync: 'client' }, {}, { ...STREAM, leftOut: ['sync'] })).toEqual([]);
  });
});

describe('a setting that the camera gives', () => {
  it('is no difference', () => {
    const asked: PartialSettings = {
      exposureTimeUs: 5000,
      gain: 2,
      colourGains: [1.5, 2],
      whiteBalance: 'custom',
      lensPositionDioptres: 1,
      focusMode: 'manual',
      focusRange: 'macro',
      focusSpeed: 'fast',
      focusWindow: [0, 0, 1, 1],
      regionOfInterest: [0, 0, 1, 1],
    };
    expect(differences(asked)).toEqual([]);
    expect(differences({})).toEqual([]);
  });

  it.each<[string, PartialSettings, Partial<FrameMetadata>]>([
    ['an exposure one line of the sensor away', { exposureTimeUs: 5000 }, { exposureTimeUs: 5000 - 19 }],
    ['an exposure one line of an HDR mode away', { exposureTimeUs: 5000, hdr: 'sensor' }, { exposureTimeUs: 4940 }],
    ['a long exposure 0.1 % away', { exposureTimeUs: 1_000_000 }, { exposureTimeUs: 999_100 }],
    ['a gain 2 % away', { gain: 2 }, { gain: 2.039 }],
    ['colour gains 2 % away', { colourGains: [1, 3] }, { redGain: 1.019, blueGain: 2.95 }],
    ['a lens position near infinity', { lensPositionDioptres: 0 }, { lensPositionDioptres: 0.04 }],
    ['a lens position 2 % away', { lensPositionDioptres: 10 }, { lensPositionDioptres: 10.19 }],
    [
      'a region a few pixels away',
      { regionOfInterest: [0.25, 0.25, 0.5, 0.5] },
      { scalerCrop: [822, 614, 1636, 1232] },
    ],
    [
      'a region cut to the shape of the picture',
      { regionOfInterest: [0.25, 0.25, 0.5, 0.5] },
      { scalerCrop: [820, 770, 1640, 922] },
    ],
    [
      'a region cut to a narrow picture',
      { regionOfInterest: [0.25, 0.25, 0.5, 0.5] },
      { scalerCrop: [1200, 616, 900, 1232] },
    ],
  ])('is no difference with %s', (_what, asked, given) => {
    expect(differences(asked, given)).toEqual([]);
  });
});

describe('a setting that the camera gives otherwise', () => {
  it.each<[PartialSettings, Partial<FrameMetadata>, string]>([
    [{ exposureTimeUs: 5000 }, { exposureTimeUs: 4979 }, 'exposureTimeUs: asked 5000, the camera gives 4979.'],
    [{ exposureTimeUs: 1e6 }, { exposureTimeUs: 998_900 }, 'exposureTimeUs: asked 1000000, the camera gives 998900.'],
    [{ gain: 2 }, { gain: 1.95 }, 'gain: asked 2, the camera gives 1.95.'],
    [{ gain: 100 }, { gain: 16 }, 'gain: asked 100, the camera gives 16.'],
    [{ colourGains: [1.5, 2] }, { redGain: 1.6 }, 'colourGains: asked 1.5,2, the camera gives 1.6,2.'],
    [{ colourGains: [1.5, 2] }, { blueGain: 1.9 }, 'colourGains: asked 1.5,2, the camera gives 1.5,1.9.'],
    [{ lensPositionDioptres: 0 }, {}, 'lensPositionDioptres: asked 0, the camera gives 1.'],
    [
      { regionOfInterest: [0.25, 0.25, 0.5, 0.5] },
      {},
      'regionOfInterest: asked 0.25,0.25,0.5,0.5, the camera gives 0,0,1,1.',
    ],
    [
      { regionOfInterest: [0, 0, 1, 1] },
      { scalerCrop: [820, 616, 1640, 1232] },
      'regionOfInterest: asked 0,0,1,1, the camera gives 0.25,0.25,0.5,0.5.',
    ],
    [
      { regionOfInterest: [0.5, 0, 0.5, 1] },
      { scalerCrop: [0, 0, 1640, 2464] },
      'regionOfInterest: asked 0.5,0,0.5,1, the camera gives 0,0,0.5,1.',
    ],
  ])('%j is told once, with both values', (asked, given, message) => {
    expect(differences(asked, given)).toEqual([message]);
  });

  const NO_LENS = 'no lens position (a fixed lens)';
  const NO_COLOURS = 'no colour gains (a monochrome sensor)';
  const NONE = 'none: it does not have it, or does not tell it';

  it.each<[PartialSettings, string]>([
    [{ focusMode: 'continuous' }, `focusMode: asked continuous, the camera gives ${NO_LENS}.`],
    [{ focusRange: 'macro' }, `focusRange: asked macro, the camera gives ${NO_LENS}.`],
    [{ focusSpeed: 'fast' }, `focusSpeed: asked fast, the camera gives ${NO_LENS}.`],
    [{ focusWindow: [0, 0, 0.5, 1] }, `focusWindow: asked 0,0,0.5,1, the camera gives ${NO_LENS}.`],
    [{ lensPositionDioptres: 2 }, `lensPositionDioptres: asked 2, the camera gives ${NONE}.`],
    [{ whiteBalance: 'daylight' }, `whiteBalance: asked daylight, the camera gives ${NO_COLOURS}.`],
    [{ colourGains: [1.5, 2] }, `colourGains: asked 1.5,2, the camera gives ${NONE}.`],
    [{ gain: 2 }, `gain: asked 2, the camera gives ${NONE}.`],
    [{ regionOfInterest: [0, 0, 1, 1] }, `regionOfInterest: asked 0,0,1,1, the camera gives ${NONE}.`],
  ])('%j has no effect where a camera tells an exposure and nothing of it', (asked, message) => {
    const nothing = { redGain: null, blueGain: null, lensPositionDioptres: null, gain: null, scalerCrop: null };
    expect(differences(asked, nothing)).toEqual([message]);
    expect(differences(asked, { ...nothing, exposureTimeUs: null })).toEqual([]);
    expect(differences(asked, null)).toEqual([]);
  });

  it('is judged by 2 % where the sensor mode is not known', () => {
    const unknown = { ...STREAM, format: { mode: null } };
    expect(differences({ exposureTimeUs: 5000 }, { exposureTimeUs: 4901 }, unknown)).toEqual([]);
    expect(differences({ exposureTimeUs: 5000 }, { exposureTimeUs: 4899 }, unknown)).toHaveLength(1);
  });

  it('is told of each setting', () => {
    expect(differences({ exposureTimeUs: 100, gain: 1, lensPositionDioptres: 9 })).toHaveLength(3);
  });

  it('is told once only of a setting whose option was left out: then that was told already', () => {
    expect(differences({ gain: 1, focusMode: 'auto' }, {}, { ...STREAM, leftOut: ['gain'] })).toEqual([]);
  });
});

describe('a region of interest', () => {
  const stream: CheckedStream = { ...STREAM, format: { ...STREAM.format, mode: CUT_OUT }, areas: [CUT_OUT.crop] };
  const asked: PartialSettings = { regionOfInterest: [0.5, 0.5, 0.5, 0.5] };

  it('may be meant of what the mode reads, or of the whole sensor', () => {
    expect(differences(asked, { scalerCrop: [680 + 960, 692 + 540, 960, 540] }, stream)).toEqual([]);
    expect(differences(asked, { scalerCrop: [1640, 1232, 1640, 1232] }, stream)).toEqual([]);
    expect(differences(asked, { scalerCrop: [680, 692, 960, 540] }, stream)).toHaveLength(1);
  });

  it('may be meant of any mode where it is not known which one the tool took', () => {
    const unknown: CheckedStream = {
      ...STREAM,
      format: { ...STREAM.format, mode: null },
      areas: [WHOLE.crop, CUT_OUT.crop],
    };
    expect(differences(asked, { scalerCrop: [680 + 960, 692 + 540, 960, 540] }, unknown)).toEqual([]);
    expect(differences(asked, { scalerCrop: [1640, 1232, 1640, 1232] }, unknown)).toEqual([]);
    expect(differences(asked, { scalerCrop: [680, 692, 960, 540] }, unknown)).toHaveLength(1);
  });

  it('is compared with every frame, also where it moves later', () => {
    const messages: string[] = [];
    const check = new SettingsCheck({ regionOfInterest: [0, 0, 0.5, 0.5] }, STREAM, (_setting, message) => {
      messages.push(message);
    });
    const [given, moved] = [[0, 0, 1640, 1232] as const, [1640, 1232, 1640, 1232] as const];
    for (let frame = 0; frame < FRAMES; frame += 1) check.frame({ ...TOLD, scalerCrop: given });
    expect(messages).toEqual([]);
    for (let frame = 0; frame < FRAMES; frame += 1) check.frame({ ...TOLD, scalerCrop: moved });
    expect(messages).toEqual(['regionOfInterest: asked 0,0,0.5,0.5, the camera gives 0.5,0.5,0.5,0.5.']);
  });

  it('is not compared where the size of the sensor is not known', () => {
    for (const sensor of [undefined, null, { width: 0, height: 0 }]) {
      const format = sensor === undefined ? { mode: null } : { mode: null, sensor };
      expect(differences(asked, { scalerCrop: null }, { ...STREAM, format })).toEqual([]);
    }
  });
});

describe('frames', () => {
  /** The numbers of the frames, from 1, at which a difference was told. */
  function toldAt(exposures: readonly number[]): readonly number[] {
    const at: number[] = [];
    let frame = 0;
    const check = new SettingsCheck({ exposureTimeUs: 5000 }, STREAM, () => at.push(frame));
    for (const exposureTimeUs of exposures) {
      frame += 1;
      check.frame({ ...TOLD, exposureTimeUs });
    }
    return at;
  }
  const run = (count: number, exposureTimeUs: number): readonly number[] =>
    Array.from({ length: count }, () => exposureTimeUs);

  it('are compared from the tenth on, and five in a row must differ', () => {
    expect(toldAt(run(100, 4000))).toEqual([14]);
    expect(toldAt([...run(9, 4000), ...run(91, 5000)])).toEqual([]);
    expect(toldAt([...run(30, 5000), ...run(4, 4000), 5000, ...run(4, 4000), 5000])).toEqual([]);
  });

  it('find a camera that drifts away after an hour', () => {
    const anHour = run(3600 * 30, 5000);
    const drifting = Array.from({ length: 100 }, (_, index) => 5000 + index);
    // The sensor's line has 19.4 us: 5020 is the first that is further away.
    expect(toldAt([...anHour, ...drifting])).toEqual([anHour.length + 25]);
  });
});
