import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { bar, PassingLine, readingText } from '../../../src/cli/passing-line.js';

describe('PassingLine', () => {
  let nowMs = 0;
  beforeEach(() => {
    nowMs = 1000;
    jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  function lineOn(isTTY: boolean, columns = 80): { line: PassingLine; written: () => string } {
    const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY, columns });
    let text = '';
    stream.on('data', (piece: string) => (text += piece));
    return { line: new PassingLine(stream), written: () => text };
  }

  it('says nothing of what is done at once, then five times a second, and takes it away', () => {
    const { line, written } = lineOn(true);
    let asked = 0;
    const show = (): void => {
      line.show(() => `step ${(asked += 1)}`);
    };
    for (nowMs = 1000; nowMs < 1500; nowMs += 10) show();
    line.clear();
    expect(written()).toBe('');
    for (nowMs = 1500; nowMs < 2000; nowMs += 10) show();
    expect(asked).toBe(3);
    expect(written()).toBe('\u001b[1Gstep 1\u001b[0K\u001b[1Gstep 2\u001b[0K\u001b[1Gstep 3\u001b[0K');
    line.clear();
    line.clear();
    expect(written().slice(-8)).toBe('\u001b[1G\u001b[2K');
  });

  it('never breaks the line, and lets no name touch the terminal', () => {
    const { line, written } = lineOn(true, 20);
    nowMs = 5000;
    line.show(() => `a\u001b[2J${'b'.repeat(99)}`);
    const shown = written().slice(4, -4);
    expect(shown).toHaveLength(19);
    expect(shown).not.toContain('\u001b');
  });

  it('is silent where nobody looks', () => {
    const { line, written } = lineOn(false);
    nowMs = 9000;
    line.show(() => 'no');
    line.clear();
    expect(written()).toBe('');
  });
});

it('draws a bar, also of nothing and of more than all', () => {
  expect(readingText('a.avi', 500_000, 1_000_000)).toBe('[##########..........] 500.0 kB of 1.0 MB  a.avi');
  expect([bar(0, 0), bar(3, 2)]).toEqual([`[${'.'.repeat(20)}]`, `[${'#'.repeat(20)}]`]);
});
