import { describe, expect, it } from '@jest/globals';

import { FrameSchedule, WallClock } from '../../../src/virtual-camera/frame-schedule.js';
import { lineEnds } from '../../../src/virtual-camera/metadata.js';
import { writerOf } from './writer-of.js';
import { readMetadata } from '../../harness/read-stream.js';

const ORIGIN_US = 9_297_983_128_000;
const PLAIN = { hasSensorTimestamp: true, wallClock: 'nanoseconds' } as const;

describe('the schedule', () => {
  it('keeps to the grid without drift: frame 5,000,000 is where the rate puts it, to the microsecond', () => {
    const schedule = new FrameSchedule(ORIGIN_US, 60);
    expect(schedule.timestampUs(1)).toBe(ORIGIN_US);
    expect(schedule.timestampUs(2) - ORIGIN_US).toBe(16_667);
    expect(schedule.timestampUs(61) - ORIGIN_US).toBe(1_000_000);
    expect(schedule.timestampUs(5_000_001) - ORIGIN_US).toBe(Math.round(5e12 / 60));
  });

  it('completes a frame when its readout is over', () => {
    const schedule = new FrameSchedule(ORIGIN_US, 10);
    expect(schedule.lastComplete(ORIGIN_US)).toBe(0);
    expect(schedule.lastComplete(ORIGIN_US + 15_999)).toBe(0);
    expect(schedule.lastComplete(ORIGIN_US + 16_000)).toBe(1);
    expect(schedule.lastComplete(ORIGIN_US + 116_000)).toBe(2);
    expect(schedule.msUntil(2, ORIGIN_US + 16_000)).toBe(100);
    expect(schedule.msUntil(2, ORIGIN_US + 500_000)).toBe(0);
  });

  it('counts all frames of a long delay', () => {
    expect(new FrameSchedule(ORIGIN_US, 1000).lastComplete(ORIGIN_US + 3_001_000)).toBe(3001);
  });
});

describe('the wall clock of a frame', () => {
  it('is what the wall clock shows at that moment', () => {
    const clock = new WallClock();
    const beforeMs = Date.now();
    const shownMs = clock.at(Number(process.hrtime.bigint() / 1000n)) / 1000;
    expect(shownMs).toBeGreaterThan(beforeMs - 20);
    expect(shownMs).toBeLessThan(Date.now() + 20);
  });

  it('follows when somebody sets it, and not when it ticks', () => {
    const clock = new WallClock();
    const before = clock.at(1_000_000);
    clock.follow(1_000_000, Math.floor(before / 1000) + 15);
    expect(clock.at(1_000_000)).toBe(before);
    clock.follow(1_000_000, Math.floor(before / 1000) + 3_600_000);
    expect(clock.at(1_000_000) - before).toBeGreaterThan(3_599_000_000);
  });
});

describe('metadata', () => {
  it('is a block of lines with nanoseconds that no double could hold', () => {
    const writer = writerOf('txt', 60, false);
    const block = readMetadata(writer.block(1, ORIGIN_US, 1_767_700_800_000_001, PLAIN));
    expect(block.get('SensorTimestamp')).toBe('9297983128000000');
    expect(block.get('FrameWallClock')).toBe('1767700800000001000');
    expect(block.get('FrameDuration')).toBe('16667');
    for (const name of ['ExposureTime', 'AnalogueGain', 'DigitalGain', 'ColourTemperature', 'Lux']) {
      expect(block.get(name)).toMatch(/^[0-9.]+$/);
    }
    expect(writer.ending()).toBe('');
  });

  it('has no fixed order, and no colours where the sensor has none', () => {
    const writer = writerOf('txt', 60, true);
    const [one, other] = [1, 2].map((number) => [...readMetadata(writer.block(number, 5, 6, PLAIN)).keys()]);
    expect(one).not.toEqual(other);
    expect(one?.toSorted()).toEqual(other?.toSorted());
    expect(one).not.toContain('ColourTemperature');
  });

  it('can be without its times, or in microseconds', () => {
    const writer = writerOf('txt', 60, true);
    const bare = readMetadata(writer.block(1, 5, 6, { hasSensorTimestamp: false, wallClock: 'absent' }));
    expect([...bare.keys()].filter((name) => /Timestamp|Wall/.test(name))).toEqual([]);
    expect(readMetadata(writer.block(1, 5, 6, { ...PLAIN, wallClock: 'microseconds' })).get('FrameWallClock')).toBe(
      '6',
    );
  });

  it('is one list in JSON once it is ended', () => {
    const writer = writerOf('json', 60, false);
    const text = writer.block(1, 5, 6, PLAIN) + writer.block(2, 7, 8, PLAIN) + writer.ending();
    expect(JSON.parse(text)).toMatchObject([
      { SensorTimestamp: 5000, ColourGains: [1.712, 1.834], ScalerCrop: '(0, 0)/3280x2464' },
      { SensorTimestamp: 7000, DigitalGain: 1 },
    ]);
    expect(JSON.parse(writerOf('json', 1, true).ending() || '0')).toEqual([]);
  });

  it('can be cut behind each line', () => {
    expect(lineEnds(Buffer.from('xx\na\nbc\n\nyy'), 3, 9)).toEqual([5, 8, 9]);
  });
});
