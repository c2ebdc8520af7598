import { describe, expect, it } from '@jest/globals';
import { againstText } from '../../../bench/against/against-report.mjs';
import { differencesOf, percentDifferences, verdictOf } from '../../../bench/against/difference.mjs';
import { runOf } from './schedule-runs.js';

describe('percentDifferences', () => {
  it('are of the other one, round by round', () => {
    expect(percentDifferences([110, 90], [100, 100])).toEqual([10, -10]);
  });

  it('are nothing where both are nothing', () => {
    expect(percentDifferences([0], [0])).toEqual([0]);
  });

  it('refuse lists of different lengths', () => {
    expect(() => percentDifferences([1], [])).toThrow(RangeError);
  });
});

describe('verdictOf', () => {
  it.each([
    ['costs 3 % more (2 to 4 %)', [3, 2, 4, 3, 3]],
    ['costs 12 % less (11 to 13 %)', [-12, -11, -13]],
    ['costs 0.4 % more (0.3 to 0.5 %)', [0.4, 0.4, 0.3, 0.5, 0.4]],
    ['no difference that can be measured (-4 to +3 %)', [1, -4, 3]],
    ['no difference that can be measured (0 to 0 %)', [0, 0, 0]],
  ])('says "%s"', (sentence, percents) => {
    expect(verdictOf(percents)).toBe(sentence);
  });

  it('finds no difference in rounds that scatter, though all lie on one side', () => {
    expect(verdictOf([-8.3, -33.5, -4.7])).toBe('no difference that can be measured (-34 to -5 %)');
  });

  it('finds one in many rounds, though one of them lies on the other side', () => {
    expect(verdictOf([5, 6, 5, 4, 5, 6, -1, 5, 5])).toBe('costs 5 % more (-1 to +6 %)');
  });

  it('makes nothing of two rounds', () => {
    expect(verdictOf([1, 5])).toBe('too few rounds to tell (+1 to +5 %)');
  });
});

describe('differencesOf', () => {
  const present = [runOf('ours', 1, 1100), runOf('ours', 0, 1030), runOf('ours, no camera', 0, null)];
  const other = [runOf('ours', 0, 1000), runOf('ours', 1, 1000), runOf('ours, no camera', 0, null)];
  const differences = differencesOf(present, other);

  it('pairs the runs of a round, whatever their order', () => {
    const cpu = differences.find(({ what }) => what === 'ours: CPU us/frame');
    expect(cpu?.percents).toEqual([3, 10]);
    expect(cpu).toMatchObject({ present: { min: 1030, max: 1100 }, other: { median: 1000 } });
  });

  it('has figures a frame where there are frames, and others where there are none', () => {
    expect(differences.map(({ what }) => what)).toEqual([
      'ours: CPU us/frame',
      'ours: switches/frame',
      'ours: reads/frame',
      'ours, no camera: % of one core',
      'ours, no camera: switches/s',
    ]);
  });

  it('are told in a table and in a sentence each', () => {
    const rounds = [0, 1, 2];
    const text = againstText({
      present: '0.1.0 abc',
      other: 'HEAD~5 (def)',
      fileSystem: 'ext4',
      othersPercent: { median: 3, min: 1, max: 9 },
      lost: { present: 0, other: 2 },
      differences: differencesOf(
        rounds.map((round) => runOf('ours', round, 1039 + round)),
        rounds.map((round) => runOf('ours', round, 1000)),
      ),
    });
    expect(text).toContain('# 0.1.0 abc against HEAD~5 (def)');
    expect(text).toContain("Other programs had 3 (1 to 9) % of the machine's CPU.");
    expect(text).toContain('0 by this build, 2 by the other');
    expect(text).toMatch(
      /\| ours: CPU us\/frame +\| 1040 \(1039 to 1041\) \| 1000 \(1000 to 1000\) \| +4\.0 \(3\.9 to 4\.1\) % \|/,
    );
    expect(text).toContain('- ours: CPU us/frame: costs 4 % more (4 to 4 %).');
    expect(text).toContain('- ours: reads/frame: no difference that can be measured (0 to 0 %).');
  });
});
