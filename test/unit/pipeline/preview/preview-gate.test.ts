import { describe, expect, it } from '@jest/globals';
import { PreviewGate } from '../../../../src/pipeline/preview/preview-gate.js';

/** How many of the frames of so many seconds pass. */
function passed(gateFps: number, sourceFps: number, seconds = 100): number {
  const gate = new PreviewGate(gateFps);
  const times = Array.from({ length: Math.round(sourceFps * seconds) }, (_, frame) => (frame * 1_000) / sourceFps);
  return times.filter((timeMs) => gate.passes(timeMs)).length;
}

describe('the gate of the preview', () => {
  it.each([
    [5, 30],
    [5, 59.94],
    [7, 30],
    [1.7, 59.94],
    [25, 30],
  ])('passes %s frames a second of %s', (gateFps, sourceFps) => {
    expect(Math.abs(passed(gateFps, sourceFps) - gateFps * 100)).toBeLessThanOrEqual(1);
  });

  it('passes nearly every frame of a camera at its own rate, however that wavers', () => {
    expect(passed(30, 30.003)).toBeGreaterThan(2_990);
    expect(passed(30, 29.99)).toBeGreaterThan(2_990);
    const gate = new PreviewGate(30);
    const wavering = Array.from({ length: 300 }, (_, frame) => frame * 33.333 + (frame % 2 === 0 ? 0.5 : 0));
    expect(wavering.filter((timeMs) => gate.passes(timeMs)).length).toBeGreaterThan(295);
  });

  it('passes every frame at 0', () => {
    expect(passed(0, 60, 1)).toBe(60);
  });

  it('begins anew with a new timeline', () => {
    const gate = new PreviewGate(1);
    expect([gate.passes(60_000), gate.passes(60_500)]).toEqual([true, false]);
    gate.restart();
    expect([gate.passes(0), gate.passes(500), gate.passes(1_000)]).toEqual([true, false, true]);
  });
});
