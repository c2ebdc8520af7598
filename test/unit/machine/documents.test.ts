import { describe, expect, it } from '@jest/globals';
import { CHECKS } from '../../../src/machine/checks/all.js';
import { LEVELS } from '../../../src/machine/finding.js';
import { MarkdownDocument, namesIn } from '../../harness/markdown-tables.js';

const document = new MarkdownDocument('docs/doctor.md');

describe('docs/doctor.md', () => {
  it('has every check, in the order of the code', () => {
    const told = document.tableUnder('Checks').map((row) => namesIn(row['Check'])[0]);
    expect(told).toEqual(CHECKS.map(({ id }) => id));
  });

  it('has every level', () => {
    const told = document.tableUnder('Levels').map((row) => namesIn(row['Level'])[0]);
    expect(new Set(told)).toEqual(new Set(LEVELS));
  });
});
