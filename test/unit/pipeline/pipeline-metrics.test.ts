import { describe, expect, it } from '@jest/globals';
import { noDrops } from '../../../src/core/frame-drop.js';
import { PipelineMetrics } from '../../../src/pipeline/pipeline-metrics.js';
import { SlidingWindow } from '../../../src/pipeline/sliding-window.js';

const ELSEWHERE = {
  bufferedFrames: 3,
  bufferedBytes: 300,
  bufferFill: 0.1,
  drops: noDrops(),
  given: null,
  focus: null,
  sync: null,
  recording: null,
};

describe('SlidingWindow', () => {
  it('gives the rate of an even series exactly', () => {
    const window = new SlidingWindow();
    for (let index = 0; index < 300; index += 1) window.add((index * 1_000) / 29.97);
    expect(window.rate((299 * 1_000) / 29.97)).toBeCloseTo(29.97, 6);
  });

  it('knows the last two seconds only', () => {
    const window = new SlidingWindow();
    for (let timeMs = 0; timeMs < 10_000; timeMs += 10) window.add(timeMs);
    for (let timeMs = 10_000; timeMs <= 13_000; timeMs += 50) window.add(timeMs);
    expect(window.rate(13_000)).toBeCloseTo(20, 6);
  });

  it('lets the rate of a series that stopped go to 0', () => {
    const window = new SlidingWindow();
    for (let timeMs = 0; timeMs <= 2_000; timeMs += 100) window.add(timeMs);
    expect(window.rate(3_000)).toBeCloseTo(5, 0);
    expect(window.rate(4_500)).toBe(0);
  });

  it('knows no rate before the second value, nor of values at one moment', () => {
    const window = new SlidingWindow();
    expect(window.rate(0)).toBe(0);
    window.add(5);
    expect(window.rate(5)).toBe(0);
    window.add(5);
    expect(window.rate(5)).toBe(0);
  });

  it('knows the rate of a camera that gives less than one frame in two seconds', () => {
    const window = new SlidingWindow();
    for (let timeMs = 0; timeMs <= 1_000_000; timeMs += 200_000) {
      window.add(timeMs, 7);
      expect(window.rate(timeMs)).toBe(timeMs === 0 ? 0 : 0.005);
      expect(window.intervalDeviation(timeMs)).toBe(0);
      expect(window.medianAndMax(timeMs)).toEqual({ median: 7, max: 7 });
    }
    expect(window.rate(1_299_000)).toBe(0.005);
    expect(window.rate(1_301_000)).toBe(0);
    expect(window.medianAndMax(1_003_000)).toEqual({ median: 0, max: 0 });
  });

  it('holds its size at rates beyond its capacity, and the rate stays right', () => {
    const window = new SlidingWindow();
    for (let index = 0; index < 8_000; index += 1) window.add(index / 2);
    expect(window.rate(3_999.5)).toBeCloseTo(2_000, 6);
  });

  it('gives the deviation of the intervals', () => {
    const window = new SlidingWindow();
    expect(window.intervalDeviation(0)).toBe(0);
    let timeMs = 0;
    for (let index = 0; index < 100; index += 1) {
      window.add(timeMs);
      timeMs += index % 2 === 0 ? 9 : 11;
    }
    expect(window.intervalDeviation(timeMs)).toBeCloseTo(1, 2);
  });

  it('gives median and maximum of the values in the window', () => {
    const window = new SlidingWindow();
    expect(window.medianAndMax(0)).toEqual({ median: 0, max: 0 });
    window.add(0, 99);
    for (const [index, value] of [5, 1, 3, 2, 30].entries()) window.add(3_000 + index, value);
    expect(window.medianAndMax(3_004)).toEqual({ median: 3, max: 30 });
  });

  it('begins anew when time runs backwards', () => {
    const window = new SlidingWindow();
    for (let timeMs = 0; timeMs <= 1_000; timeMs += 10) window.add(timeMs);
    for (let timeMs = 0; timeMs <= 1_000; timeMs += 100) window.add(timeMs);
    expect(window.rate(1_000)).toBeCloseTo(10, 6);
  });
});

describe('PipelineMetrics', () => {
  it('gives the rates of capture, record and preview, jitter and latency', () => {
    const metrics = new PipelineMetrics();
    for (let index = 0; index < 180; index += 1) {
      const timeMs = (index * 1_000) / 60;
      metrics.capture(timeMs);
      if (index % 2 === 0) metrics.write(timeMs, index === 170 ? 80 : 12);
      if (index % 12 === 0) metrics.preview(timeMs);
    }
    const figures = metrics.figures(ELSEWHERE, 0n);
    expect(figures).toMatchObject({ ...ELSEWHERE, framesDelivered: 180, latencyMs: { median: 12, max: 80 } });
    expect(figures.captureFps).toBeCloseTo(60, 6);
    expect(figures.recordFps).toBeCloseTo(30, 6);
    expect(figures.previewFps).toBeCloseTo(5, 6);
    expect(figures.jitterMs).toBeCloseTo(0, 6);
  });

  it('shows nothing of a recording and a preview that are over', () => {
    const metrics = new PipelineMetrics();
    for (let timeMs = 0; timeMs < 500; timeMs += 10) {
      metrics.capture(timeMs);
      metrics.write(timeMs, 5);
      metrics.preview(timeMs);
    }
    metrics.endRecording();
    metrics.endPreview();
    expect(metrics.figures(ELSEWHERE, 0n)).toMatchObject({
      recordFps: 0,
      previewFps: 0,
      latencyMs: { median: 0, max: 0 },
    });
  });

  it.each([
    { fps: 60, stillMs: 1_500 },
    { fps: 2, stillMs: 2_500 },
    { fps: 0.01, stillMs: 500_000 },
  ])('has no rate at $fps fps when no frame came for $stillMs ms', ({ fps, stillMs }) => {
    const metrics = new PipelineMetrics();
    const capture = (index: number): void => {
      metrics.capture((index * 1_000) / fps);
      metrics.write((index * 1_000) / fps, 5);
    };
    const ratesAt = (ms: number): number[] => {
      const { captureFps, recordFps, jitterMs, latencyMs } = metrics.figures(ELSEWHERE, BigInt(ms) * 1_000_000n);
      return [captureFps, recordFps, jitterMs, latencyMs.max].map((rate) => Math.round(rate * 100) / 100);
    };
    for (let index = 0; index < 10; index += 1) capture(index);
    expect(ratesAt(1_000)).toEqual([fps, fps, 0, 5]);
    expect(ratesAt(1_000 + stillMs - 1)).toEqual([fps, fps, 0, 5]);
    expect(ratesAt(1_000 + stillMs)).toEqual([0, 0, 0, 0]);
    expect(ratesAt(1_000 + 2 * stillMs)).toEqual([0, 0, 0, 0]);
    capture(10);
    expect(ratesAt(1_001 + 2 * stillMs)).toEqual([fps, fps, 0, 5]);
  });
});
