import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { LOAD_LEVELS, type LoadLevel } from '../../../../src/core/load-level.js';
import {
  NO_LOAD,
  nextLoadLevel,
  SAMPLES_TO_FALL,
  SAMPLES_TO_RISE,
  type LoadFigures,
} from '../../../../src/module/load/load-judgement.js';

const CALM: LoadFigures = {
  bufferFill: 0,
  writeDelayMs: 0,
  eventLoopDelayMs: 0,
  temperatureC: null,
  isUnderVoltage: null,
};

function levels(samples: readonly Partial<LoadFigures>[], from: LoadLevel = 'normal'): LoadLevel[] {
  let load = { ...NO_LOAD, level: from };
  return samples.map((sample) => {
    load = nextLoadLevel(load, { ...CALM, ...sample });
    return load.level;
  });
}

const repeated = (sample: Partial<LoadFigures>, times: number): Partial<LoadFigures>[] =>
  Array.from({ length: times }, () => sample);

const anySample: fc.Arbitrary<LoadFigures> = fc.record({
  bufferFill: fc.constantFrom(0, 0.2, 0.3, 0.5, 1),
  writeDelayMs: fc.constantFrom(0, 150, 300, 500, 9_000),
  eventLoopDelayMs: fc.constantFrom(0, 80, 100, 200, 3_000),
  temperatureC: fc.constantFrom(null, 40, 75, 77, 80, 99),
  isUnderVoltage: fc.constantFrom(null, false, true),
});

describe('the load level', () => {
  it.each<[string, Partial<LoadFigures>]>([
    ['the buffer', { bufferFill: 0.5 }],
    ['the disk', { writeDelayMs: 500 }],
    ['the event loop', { eventLoopDelayMs: 200 }],
  ])('gives up preview, then reporting, in the order of the specification, when %s is late', (_what, late) => {
    const seen = levels(repeated(late, 8));
    expect(seen).toEqual([
      'normal',
      'previewThinned',
      'previewThinned',
      'previewPaused',
      'previewPaused',
      'reportingSlowed',
      'reportingSlowed',
      'reportingSlowed',
    ]);
  });

  it('takes everything back in the reverse order, slowly', () => {
    const seen = levels(repeated({}, 3 * SAMPLES_TO_FALL), 'reportingSlowed');
    expect(seen.filter((level, index) => level !== seen[index - 1])).toEqual([
      'reportingSlowed',
      'previewPaused',
      'previewThinned',
      'normal',
    ]);
    expect(seen.indexOf('previewPaused')).toBe(SAMPLES_TO_FALL - 1);
    expect(seen.at(-2)).toBe('previewThinned');
  });

  it.each<[string, Partial<LoadFigures>, Partial<LoadFigures>]>([
    ['the buffer', { bufferFill: 0.49 }, { bufferFill: 0.21 }],
    ['the disk', { writeDelayMs: 499 }, { writeDelayMs: 151 }],
    ['the event loop', { eventLoopDelayMs: 199 }, { eventLoopDelayMs: 81 }],
    ['the temperature', { temperatureC: 79.9 }, { temperatureC: 75.1 }],
  ])('stays as it is while %s is between its limits', (_what, belowHigh, aboveLow) => {
    for (const between of [belowHigh, aboveLow]) {
      expect(new Set(levels(repeated(between, 60)))).toEqual(new Set(['normal']));
      expect(new Set(levels(repeated(between, 60), 'previewThinned'))).toEqual(new Set(['previewThinned']));
    }
  });

  it('is not moved by a single stall', () => {
    const stalls = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? { eventLoopDelayMs: 900 } : {}));
    expect(new Set(levels(stalls))).toEqual(new Set(['normal']));
  });

  it.each<[string, Partial<LoadFigures>]>([
    ['heat', { temperatureC: 85 }],
    ['a weak supply', { isUnderVoltage: true }],
  ])('gives half of the preview, and no more, for %s alone', (_what, threat) => {
    expect(levels(repeated(threat, 60)).at(-1)).toBe('previewThinned');
    expect(levels(repeated(threat, 60), 'reportingSlowed').at(-1)).toBe('previewThinned');
    expect(levels(repeated({ ...threat, bufferFill: 0.9 }, 60)).at(-1)).toBe('reportingSlowed');
    expect(levels(repeated({ temperatureC: 60, isUnderVoltage: false }, 60), 'reportingSlowed').at(-1)).toBe('normal');
  });

  it('never skips a level, whatever the figures', () => {
    fc.assert(
      fc.property(fc.array(anySample, { maxLength: 200 }), fc.constantFrom(...LOAD_LEVELS), (samples, from) => {
        let before = from;
        for (const level of levels(samples, from)) {
          expect(Math.abs(LOAD_LEVELS.indexOf(level) - LOAD_LEVELS.indexOf(before))).toBeLessThanOrEqual(1);
          before = level;
        }
      }),
    );
  });

  it('never changes again before its run of samples is full', () => {
    fc.assert(
      fc.property(fc.array(anySample, { maxLength: 200 }), (samples) => {
        const seen = levels(samples);
        let lastChange = -1;
        for (const [index, level] of seen.entries()) {
          const before = seen[index - 1] ?? 'normal';
          if (level === before) continue;
          const isRise = LOAD_LEVELS.indexOf(level) > LOAD_LEVELS.indexOf(before);
          expect(index - lastChange).toBeGreaterThanOrEqual(isRise ? SAMPLES_TO_RISE : SAMPLES_TO_FALL);
          lastChange = index;
        }
      }),
    );
  });

  it('does not swing with a signal that is noisy around either limit', () => {
    const noisy = (around: number): fc.Arbitrary<Partial<LoadFigures>[]> =>
      fc.array(
        fc
          .double({ min: around - 50, max: around + 50, noNaN: true })
          .map((eventLoopDelayMs) => ({ eventLoopDelayMs })),
        { minLength: 50, maxLength: 300 },
      );
    const turns = (samples: readonly Partial<LoadFigures>[], from: LoadLevel): number[] => {
      const seen = [from, ...levels(samples, from)].map((level) => LOAD_LEVELS.indexOf(level));
      return seen
        .slice(1)
        .map((level, index) => level - (seen[index] ?? 0))
        .filter((step) => step !== 0);
    };
    fc.assert(
      fc.property(noisy(200), noisy(80), (aroundHigh, aroundLow) => {
        // Around the high limit there is no reason to fall, around the low one none to rise: each goes one way only.
        for (const step of turns(aroundHigh, 'normal')) expect(step).toBe(1);
        for (const step of turns(aroundLow, 'reportingSlowed')) expect(step).toBe(-1);
      }),
    );
  });
});
