import { describe, expect, it } from '@jest/globals';

import { lookOf } from '../../../src/virtual-camera/look-of.js';
import { PLAIN_LOOK } from '../../../src/virtual-camera/picture/look.js';
import { NO_CONTROLS } from '../../../src/virtual-camera/sensor/controls.js';
import { rectangleText } from '../../../src/virtual-camera/sensor/crop.js';
import { lineTimeUs } from '../../../src/virtual-camera/sensor/exposure.js';
import { lensAt, stateAt } from '../../../src/virtual-camera/sensor/focus.js';
import { ALL_SENSORS, cameraListing, chooseStream, withSensorHdr } from '../../../src/virtual-camera/sensor/sensors.js';
import { settledOn as on } from './writer-of.js';

const IMX708 = ALL_SENSORS.filter(({ model }) => model === 'imx708');

describe('a third camera', () => {
  it('is listed with the modes of an imx708', () => {
    const listing = cameraListing(IMX708);
    expect(listing).toContain('0 : imx708 [4608x2592 10-bit RGGB] (/base/axi/pcie@120000/rp1/i2c@70000/imx708@1a)');
    expect(listing).toContain('1536x864 [120.13 fps - (768, 432)/3072x1728 crop]');
    expect(listing).toContain('2304x1296 [56.03 fps - (0, 0)/4608x2592 crop]');
    expect(listing).toContain('4608x2592 [14.35 fps - (0, 0)/4608x2592 crop]');
  });

  it('has smaller and slower modes with high dynamic range, which no other sensor has', () => {
    const [imx296, , imx708] = ALL_SENSORS;
    if (!imx296 || !imx708) throw new Error('no sensors');
    const format = chooseStream(withSensorHdr(imx708), { width: 4608, height: 2592, fps: 60 });
    expect(format).toMatchObject({ width: 2304, height: 1296, fps: 30, isAdjusted: true });
    expect(withSensorHdr(imx296)).toBe(imx296);
  });
});

describe('an exposure', () => {
  it('is whole lines of the sensor', () => {
    const { exposureTimeUs, format } = on({ exposureTimeUs: 5000, gain: 1 });
    const lines = exposureTimeUs / lineTimeUs(format.mode);
    expect(lines).toBeCloseTo(Math.round(lines), 1);
    expect(exposureTimeUs).toBe(4993);
    // What was given can be asked for, and is given again.
    expect(on({ exposureTimeUs: 4993, gain: 1 }).exposureTimeUs).toBe(4993);
  });

  it('has one line at least, and an end', () => {
    expect(on({ exposureTimeUs: 1 }).exposureTimeUs).toBe(15);
    expect(on({ exposureTimeUs: 1e9 }).exposureTimeUs).toBeLessThanOrEqual(15_534_385);
    expect(on({ model: 'imx708', exposureTimeUs: 1e9 }).exposureTimeUs).toBeGreaterThan(100_000_000);
  });

  it('that is fixed and longer than a frame lowers the rate', () => {
    expect(on({ exposureTimeUs: 33_000, fps: 30 }).fps).toBe(30);
    const { fps, exposureTimeUs } = on({ exposureTimeUs: 100_000, fps: 30 });
    expect(exposureTimeUs).toBeGreaterThan(99_900);
    expect(fps).toBeLessThan(10);
    expect(fps).toBeGreaterThan(9.9);
  });

  it('that is automatic stays within a frame, and the gain makes up for it', () => {
    const wish = { exposureValue: 4, fps: 60 };
    const { exposureTimeUs, analogueGain, fps, relativeLight } = on(wish);
    expect(fps).toBe(60);
    expect(exposureTimeUs).toBeLessThan(1e6 / 60);
    expect(analogueGain).toBeGreaterThan(2.5);
    expect(relativeLight).toBeCloseTo(16, 0);
    expect(on({ ...wish, exposureValue: 99 })).toMatchObject({ exposureTimeUs, fps: 60 });
    expect(on({ ...wish, exposureValue: 99 }).analogueGain).toBeCloseTo(15.67, 2);
  });

  it('follows metering, exposure mode, flicker and compensation', () => {
    const product = (wish: Parameters<typeof on>[0]): number => {
      const { exposureTimeUs, analogueGain } = on(wish);
      return exposureTimeUs * analogueGain;
    };
    expect(product({ metering: 'spot' }) / product({})).toBeCloseTo(1.4, 1);
    expect(product({ metering: 'average' }) / product({})).toBeCloseTo(0.8, 1);
    expect(product({ exposureValue: -2 }) / product({})).toBeCloseTo(0.25, 1);
    const sport = on({ exposureMode: 'short' });
    expect(sport.exposureTimeUs).toBeLessThanOrEqual(1000);
    expect(sport.analogueGain).toBeGreaterThan(2.9);
    expect(sport.relativeLight).toBe(1);
    const flicker = on({ exposureValue: 2, flickerPeriodUs: 10_000 });
    expect(flicker.exposureTimeUs).toBeGreaterThan(9_980);
    expect(flicker.exposureTimeUs).toBeLessThanOrEqual(10_000);
    expect(on({ flickerPeriodUs: 10_000 }).exposureTimeUs).toBe(on().exposureTimeUs);
  });

  it('finds the other one where one of exposure and gain is fixed', () => {
    const fixedGain = on({ gain: 4 });
    expect(fixedGain.exposureTimeUs).toBeCloseTo(750, -2);
    expect(fixedGain).toMatchObject({ relativeLight: 1, aeState: 2 });
    const fixedExposure = on({ exposureTimeUs: 300 });
    expect(fixedExposure.analogueGain).toBeCloseTo(10, 0);
    expect(fixedExposure.relativeLight).toBe(1);
    expect(on({ exposureTimeUs: 300, gain: 1 })).toMatchObject({ aeState: 0 });
    expect(on({ exposureTimeUs: 300, gain: 1 }).relativeLight).toBeCloseTo(0.1, 2);
  });

  it('is fooled where it is told to, and a person can help', () => {
    expect(on({ fooledByStops: 4 }).relativeLight).toBeCloseTo(1 / 16, 1);
    expect(on({ fooledByStops: 4, exposureValue: 4 }).relativeLight).toBe(1);
    expect(on({ fooledByStops: 4, exposureTimeUs: 3000, gain: 1 }).relativeLight).toBe(1);
  });
});

describe('a gain', () => {
  it.each([
    ['imx296', 2, 1.9953],
    ['imx296', 0.5, 1],
    ['imx296', 100, 15.6675],
    ['imx219', 2, 2],
    ['imx219', 3, 2.9767],
    ['imx219', 100, 10.6667],
    ['imx708', 1, 1.1228],
    ['imx708', 100, 16],
  ] as const)('of the %s: %d becomes %d', (model, asked, given) => {
    expect(on({ model, gain: asked }).analogueGain).toBeCloseTo(given, 3);
  });

  it('is raised digitally where a colour would lose', () => {
    expect(on({ model: 'imx219', colourGains: [0.5, 2] }).digitalGain).toBe(2);
    expect(on({ model: 'imx219', colourGains: [1.5, 2] }).digitalGain).toBe(1);
    expect(on({ model: 'imx296', colourGains: [0.5, 2] }).digitalGain).toBe(1);
  });
});

describe('colours', () => {
  it('are there only on a sensor that has them', () => {
    expect(on({ colourGains: [1, 2] }).colours).toBeUndefined();
    expect(on({ model: 'imx219' }).colours).toEqual({ temperatureK: 4512, red: 1.712, blue: 1.834 });
    expect(on({ model: 'imx219', colourGains: [1, 99] }).colours).toMatchObject({ red: 1, blue: 15.99 });
  });

  it('follow the mode: lamps want little red and much blue', () => {
    const tungsten = on({ model: 'imx219', whiteBalance: 'tungsten' }).colours;
    expect(tungsten?.temperatureK).toBe(3500);
    expect(tungsten?.red).toBeLessThan(1.712);
    expect(tungsten?.blue).toBeGreaterThan(1.834);
    expect(on({ model: 'imx219', whiteBalance: 'daylight' }).colours?.temperatureK).toBe(5500);
    expect(on({ model: 'imx219', whiteBalance: 'fluorescent' }).colours?.temperatureK).toBe(4512);
  });
});

describe('a lens', () => {
  const { focus: none } = NO_CONTROLS;
  const course = (focus: Partial<typeof none>): NonNullable<ReturnType<typeof on>['focus']> => {
    const found = on({ model: 'imx708', focus: { ...none, ...focus } }).focus;
    if (!found) throw new Error('no lens');
    return found;
  };

  it('is there only on a camera that can focus', () => {
    expect(on({ focus: { ...none, lensPosition: 5 } }).focus).toBeUndefined();
    expect(on({ model: 'imx219', focus: { ...none, mode: 'auto' } }).focus).toBeUndefined();
  });

  it('hunts without being asked for, and ends where the scene is sharp', () => {
    const found = course({});
    const positions = Array.from({ length: 30 }, (_, i) => lensAt(found, i + 1));
    expect(Math.max(...positions)).toBe(3);
    expect(positions.at(-1)).toBe(2);
    expect([stateAt(found, 1), stateAt(found, 24), stateAt(found, 25)]).toEqual([1, 1, 2]);
    expect(stateAt(course({ speed: 'fast' }), 9)).toBe(2);
  });

  it('stays where it is put', () => {
    expect(course({ lensPosition: 5 })).toMatchObject({ position: 5, state: 0, searchFrames: 0 });
    expect(course({ mode: 'manual' })).toMatchObject({ position: 1, state: 0 });
    expect(course({ lensPosition: 'default' })).toMatchObject({ position: 1, state: 0 });
    expect(course({ lensPosition: 99 })).toMatchObject({ position: 15 });
    expect(course({ lensPosition: -3 })).toMatchObject({ position: 0 });
  });

  it('looks for something else in another range or window, or forgets its position', () => {
    expect(course({ range: 'macro' })).toMatchObject({ position: 3, state: 3 });
    expect(course({ window: { x: 0, y: 0, width: 0.1, height: 0.1 } })).toMatchObject({ position: 0.5, state: 2 });
    expect(course({ window: { x: 0.4, y: 0.4, width: 0.2, height: 0.2 } })).toMatchObject({ position: 2 });
    expect(course({ mode: 'continuous', lensPosition: 5 })).toMatchObject({ position: 2, from: 5, state: 2 });
    expect(course({ mode: 'auto', lensPosition: 5 })).toMatchObject({ position: 2, from: 1 });
  });
});

describe('a crop', () => {
  const crop = (wish: Parameters<typeof on>[0]): string => rectangleText(on(wish).crop);

  it('is the area of the mode in the shape of the picture', () => {
    expect(crop({})).toBe('(0, 0)/1456x1088');
    expect(crop({ width: 640, height: 480 })).toBe('(2, 0)/1451x1088');
    expect(crop({ model: 'imx219', width: 640, height: 480 })).toBe('(1000, 752)/1280x960');
    expect(crop({ model: 'imx708', width: 1536, height: 864 })).toBe('(768, 432)/3072x1728');
  });

  it('is the region that was asked for, in pixels of the sensor', () => {
    const regionOfInterest = { x: 0.25, y: 0.5, width: 0.5, height: 0.25 };
    expect(crop({ regionOfInterest })).toBe('(364, 544)/728x272');
    expect(crop({ model: 'imx708', width: 1536, height: 864, regionOfInterest })).toBe('(1536, 1296)/1536x432');
  });

  it('never leaves the sensor', () => {
    expect(crop({ regionOfInterest: { x: 2, y: 2, width: 2, height: 2 } })).toBe('(0, 0)/1456x1088');
    expect(crop({ regionOfInterest: { x: 0.9, y: -1, width: 0.5, height: 0.0001 } })).toBe('(728, 0)/728x64');
  });
});

describe('the look of a picture', () => {
  it.each(['imx296', 'imx219', 'imx708'] as const)('of the %s is plain where nothing is set, at any rate', (model) => {
    for (const fps of [1, 14, 30, 60, 200]) {
      expect(lookOf(on({ model, fps, width: 640, height: 480 }), NO_CONTROLS)).toEqual(PLAIN_LOOK);
    }
  });
});
