import { describe, expect, it } from '@jest/globals';
import type { FrameDrop } from '../../../src/core/frame-drop.js';
import { dropLine, FrameDropLog } from '../../../src/logging/frame-drop-log.js';
import { ManualClock } from '../../harness/manual-clock.js';

const drop: FrameDrop = {
  reason: 'buffer_full',
  monoNs: 123456789n,
  frameNumber: 1234,
  deviceId: 'picam:0',
  trial: 1,
};

interface DropRecord {
  reason: string;
  device_id: string;
  frame_num: number;
  count?: number;
  summarised?: number;
  last_frame_num?: number;
}

function logged(lines: string[]): DropRecord[] {
  return lines.map((line) => JSON.parse(line) as DropRecord);
}

describe('dropLine', () => {
  it('has the format of the specification, byte for byte', () => {
    expect(dropLine(drop, 1704567890123)).toBe(
      '{"ts":1704567890.123,"mono_ns":123456789,"reason":"buffer_full","frame_num":1234,"device_id":"picam:0","trial":1}',
    );
  });

  it('writes every digit of the nanoseconds, three decimals of the time, null and the count', () => {
    expect(dropLine({ ...drop, monoNs: 9_223_372_036_854_775_807n, trial: null, count: 3 }, 1704567890100)).toBe(
      '{"ts":1704567890.100,"mono_ns":9223372036854775807,"reason":"buffer_full","frame_num":1234,"device_id":"picam:0","trial":null,"count":3}',
    );
  });

  it('quotes and bounds what a host chose', () => {
    const { device_id: deviceId } = JSON.parse(dropLine({ ...drop, deviceId: `"\n${'x'.repeat(99_999)}` }, 0)) as {
      device_id: string;
    };
    expect(deviceId).toMatch(/^"\nx{62}\[cut: 100001 characters\]$/);
  });
});

describe('FrameDropLog', () => {
  it('gives each of the first hundred drops a second its own line', async () => {
    const clock = new ManualClock();
    const lines: string[] = [];
    const log = new FrameDropLog(clock, (line) => lines.push(line));
    for (let frame = 0; frame < 100; frame += 1) log.add({ ...drop, frameNumber: frame });
    expect(lines).toHaveLength(100);
    await clock.advance(1_000);
    for (let frame = 100; frame < 200; frame += 1) log.add({ ...drop, frameNumber: frame });
    expect(logged(lines).map((line) => line.frame_num)).toEqual(Array.from({ length: 200 }, (_, frame) => frame));
    expect(clock.timers).toBe(0);
  });

  it('summarises a flood by reason, device and trial so that the counts still add up', async () => {
    const clock = new ManualClock();
    const lines: string[] = [];
    const log = new FrameDropLog(clock, (line) => lines.push(line));
    for (let frame = 1; frame <= 100_000; frame += 1) {
      const deviceId = frame % 2 === 0 ? 'picam:0' : 'picam:1';
      log.add({ ...drop, deviceId, frameNumber: frame });
      if (frame % 10_000 === 0) await clock.advance(1_000); // 10,000 a second for ten seconds
    }
    const records = logged(lines);
    expect(lines.length).toBeLessThanOrEqual(10 * 102);
    expect(records.reduce((sum, { count }) => sum + (count ?? 1), 0)).toBe(100_000);
    const summary = records.find(({ summarised }) => summarised !== undefined);
    expect(summary).toMatchObject({ count: 4_950, summarised: 4_950, frame_num: 101, last_frame_num: 9_999 });
    expect(summary?.device_id).toBe('picam:1');
  });

  it('adds the counts of drops that stood for several frames, and leaves a single one as it is', async () => {
    const clock = new ManualClock();
    const lines: string[] = [];
    const log = new FrameDropLog(clock, (line) => lines.push(line));
    for (let frame = 0; frame < 100; frame += 1) log.add(drop);
    log.add({ ...drop, reason: 'source_gap', count: 7 });
    log.add({ ...drop, reason: 'source_gap', count: 5 });
    log.add({ ...drop, reason: 'corrupt' });
    expect(lines).toHaveLength(100);
    await clock.advance(1_000);
    const [gaps, corrupt] = logged(lines.slice(100));
    expect(gaps).toMatchObject({ reason: 'source_gap', count: 12, summarised: 2 });
    expect(corrupt).not.toHaveProperty('count');
    expect(lines).toHaveLength(102);
  });

  it('writes the summaries at once when flushed, and leaves no timer', () => {
    const clock = new ManualClock();
    const lines: string[] = [];
    const log = new FrameDropLog(clock, (line) => lines.push(line));
    for (let frame = 0; frame < 102; frame += 1) log.add(drop);
    log.flush();
    log.flush();
    expect(lines).toHaveLength(101);
    expect(clock.timers).toBe(0);
  });

  it('holds a bounded number of runs', () => {
    const clock = new ManualClock();
    const lines: string[] = [];
    const log = new FrameDropLog(clock, (line) => lines.push(line));
    for (let trial = 0; trial < 1_000; trial += 1) log.add({ ...drop, trial });
    log.flush();
    expect(lines).toHaveLength(1_000);
  });
});
