import { describe, expect, it } from '@jest/globals';

import { FrameFaults } from '../../../src/virtual-camera/frame-faults.js';
import { parseMisbehaviours } from '../../../src/virtual-camera/misbehaviours.js';
import { type Drift, Readings } from '../../../src/virtual-camera/readings.js';
import { NO_CONTROLS } from '../../../src/virtual-camera/sensor/controls.js';
import { SyncedReadings } from '../../../src/virtual-camera/sync/synced-readings.js';
import { settledOn, type Wish } from './writer-of.js';

const drift = (value: string, base = 0): Drift | undefined =>
  new FrameFaults(parseMisbehaviours(`drift=${value}`), base).drift;

/** What frame `number` tells, by name. */
function told(wish: Wish, number = 100, drifting?: Drift, detail = 1): ReadonlyMap<string, string> {
  const lines = new Readings(settledOn(wish), detail).lines(number, drifting).flat();
  return new Map(lines.map((line): [string, string] => [line.replace(/=.*/, ''), line.replace(/^[^=]*=/, '')]));
}

describe('what the metadata tells', () => {
  it('is only what the camera has', () => {
    const of = (model: NonNullable<Wish['model']>): readonly string[] => [...told({ model }).keys()].sort();
    const everywhere =
      'AeState AnalogueGain DigitalGain ExposureTime FocusFoM FrameDuration Lux ScalerCrop SensorBlackLevels'.split(
        ' ',
      );
    expect(of('imx296')).toEqual(everywhere);
    expect(of('imx219')).toEqual([...everywhere, 'ColourGains', 'ColourTemperature'].sort());
    const focusing = ['ColourGains', 'ColourTemperature', 'AfPauseState', 'AfState', 'LensPosition'];
    expect(of('imx708')).toEqual([...everywhere, ...focusing, 'SensorTemperature'].sort());
  });

  it('drifts only from the frame on at which it was told to', () => {
    const exposureOf = (number: number): number =>
      Number(told({ exposureTimeUs: 5000, gain: 1 }, number, drift('exposure:10', 50)).get('ExposureTime'));
    expect(exposureOf(10)).toBe(exposureOf(50));
    expect(exposureOf(60)).toBeGreaterThan(1.9 * exposureOf(50));
  });

  it('has the form of libcamera', () => {
    const values = told({ model: 'imx708', exposureTimeUs: 5000, gain: 2, colourGains: [1.5, 2.25] });
    expect(values.get('ExposureTime')).toBe('4974');
    expect(values.get('AnalogueGain')).toBe('2.000000');
    expect(values.get('DigitalGain')).toBe('1.000000');
    expect(values.get('ColourGains')).toBe('[ 1.500000, 2.250000 ]');
    expect(values.get('LensPosition')).toBe('2.000000');
    expect(values.get('ScalerCrop')).toBe('(0, 0)/4608x2592');
  });

  it('tells the rate that a long exposure leaves', () => {
    const duration = Number(told({ exposureTimeUs: 100_000, gain: 1 }).get('FrameDuration'));
    expect(duration).toBeGreaterThan(100_000);
    expect(duration).toBeLessThan(100_100);
  });

  it('is the same for each frame where nothing moves', () => {
    const readings = new Readings(settledOn());
    expect(readings.lines(7, undefined)).toBe(readings.lines(5_000_000, undefined));
  });

  it('follows the lens while it searches, and the detail of the picture', () => {
    const [searching, found] = [told({ model: 'imx708' }, 6), told({ model: 'imx708' }, 25)];
    expect([searching.get('LensPosition'), searching.get('AfState')]).toEqual(['2.000000', '1']);
    expect([found.get('LensPosition'), found.get('AfState')]).toEqual(['2.000000', '2']);
    expect(Number(told({ model: 'imx708' }, 12).get('FocusFoM'))).toBeLessThan(300);
    const focus = { ...NO_CONTROLS.focus, lensPosition: 4 };
    expect(Number(told({ model: 'imx708', focus }, 100, undefined, 1 / 17).get('FocusFoM'))).toBe(60);
    expect(told({}, 1, undefined, 0.5).get('FocusFoM')).toBe('512');
  });
});

describe('what the metadata tells of a synchronised camera', () => {
  const sync = { timerUs: (number: number) => -number, durationUs: (number: number) => 16_000 + number };

  it('is that it is ready, how far it is off, and how long the frame really is', () => {
    const own = new Readings(settledOn());
    const [exposure, rest] = new SyncedReadings(own, sync).lines(7, undefined);
    expect(rest).toEqual(expect.arrayContaining(['SyncReady=true', 'SyncTimer=-7', 'FrameDuration=16007']));
    const isOwn = (line: string): boolean => !/^(?:Sync|FrameDuration)/u.test(line);
    const [ownExposure, ownRest] = own.lines(7, undefined);
    expect([exposure, rest.filter(isOwn)]).toEqual([ownExposure, ownRest.filter(isOwn)]);
    expect(rest.filter((line) => line.startsWith('FrameDuration='))).toHaveLength(1);
  });
});

describe('what drifts', () => {
  const FIXED: Wish = { model: 'imx708', exposureTimeUs: 5000, gain: 2, colourGains: [1.5, 2] };

  it.each([
    ['exposure:0.1', 'ExposureTime', '4974', 5458],
    ['gain:0.1', 'AnalogueGain', '2.000000', 2.2],
    ['gain:-0.1', 'AnalogueGain', '2.000000', 1.8],
    ['lens-position:1', 'LensPosition', '2.000000', 4],
  ])('with %s is %s, a little more with each frame', (value, name, before, after) => {
    expect(told(FIXED, 50, drift(value, 50)).get(name)).toBe(before);
    expect(Number(told(FIXED, 150, drift(value, 50)).get(name))).toBeCloseTo(after, after > 100 ? 0 : 6);
    const others = (values: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
      new Map([...values].filter(([one]) => one !== name && one !== 'FocusFoM'));
    expect(others(told(FIXED, 150, drift(value, 50)))).toEqual(others(told(FIXED, 150)));
  });

  it('are both colour gains together, and several things at once', () => {
    const values = told(FIXED, 100, drift('colour-gains:0.1+gain:1'));
    expect(values.get('ColourGains')).toBe('[ 1.650000, 2.200000 ]');
    expect(values.get('AnalogueGain')).toBe('4.000000');
  });

  it('ends at the limits of the sensor', () => {
    const values = told(FIXED, 1e6, drift('exposure:100+gain:100+lens-position:100'));
    expect(Number(values.get('ExposureTime'))).toBeLessThanOrEqual(112_015_443);
    expect([values.get('AnalogueGain'), values.get('LensPosition')]).toEqual(['16.000000', '15.000000']);
    expect(told(FIXED, 1e6, drift('gain:-50')).get('AnalogueGain')).toBe('1.122807');
  });

  it('moves a lens at infinity too', () => {
    const focus = { ...NO_CONTROLS.focus, lensPosition: 0 };
    expect(told({ ...FIXED, focus }, 50, drift('lens-position:1')).get('LensPosition')).toBe('0.500000');
  });
});
