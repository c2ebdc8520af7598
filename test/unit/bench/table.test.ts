import { describe, expect, it } from '@jest/globals';
import { spreadText, table } from '../../../bench/table.mjs';

describe('table', () => {
  it('aligns names to the left and figures to the right', () => {
    expect(
      table(
        ['name', 'n'],
        [
          ['a', '1'],
          ['longer', '100'],
        ],
      ),
    ).toBe(['| name   |   n |', '| ------ | --: |', '| a      |   1 |', '| longer | 100 |', ''].join('\n'));
  });

  it('leaves missing cells empty', () => {
    expect(table(['a', 'b'], [['x']])).toBe('| a   |   b |\n| --- | --: |\n| x   |     |\n');
  });
});

describe('spreadText', () => {
  it('rounds to the digits asked for', () => {
    expect(spreadText({ median: 1.234, min: 1, max: 2.5 }, 1)).toBe('1.2 (1.0 to 2.5)');
  });
});
