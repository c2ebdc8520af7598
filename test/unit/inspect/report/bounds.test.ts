import { describe, expect, it } from '@jest/globals';
import { makeReport } from '../../../../src/inspect/report/make-report.js';
import { spreadOver, withinBudget } from '../../../../src/inspect/report/thumbnails.js';
import { lossy } from './report-rig.js';

describe('the size of a report', () => {
  const wish = { name: 'session', problems: [], thumbnails: 12, madeMs: 0 };
  const gaps = Array.from({ length: 1000 }, (_, index) => ({
    afterFrame: index + 1,
    frames: 1,
    reason: 'buffer_full',
    atS: index,
  }));

  it('stays below its limit: parts that are too large become a sentence, and the table has every recording', async () => {
    const recordings = Array.from({ length: 40 }, () => lossy(1000, gaps));
    const limit = 600_000;
    const { html, sentence } = await makeReport({ ...wish, recordings, sessionBytes: limit });
    expect(Buffer.byteLength(html)).toBeLessThan(limit);
    expect(html).toContain('Plots, pictures and files are left out');
    expect(html.match(/class="recording short"/g)).toHaveLength(40);
    expect(html.match(/href="#recording-\d+"/g)?.length).toBeGreaterThanOrEqual(40);
    expect(sentence).toBe('40,000 frames were lost in 40 of 40 recordings, all accounted for.');
  });

  it('shows the 50 largest gaps of a thousand, and counts the others', async () => {
    const { html } = await makeReport({ ...wish, recordings: [lossy(1000, gaps)] });
    expect(html).toContain('The 50 largest gaps');
    expect(html).toMatch(/The 50 largest ones of 1,000/);
  });

  it('shows fewer pictures, evenly, where all do not fit, and says so', () => {
    const pictures = Array.from({ length: 12 }, (_, index) => ({
      frame: index + 1,
      atS: index,
      png: Buffer.alloc(30_000),
    }));
    const kept = withinBudget({ pictures, notes: [] }, 130_000);
    expect(kept.pictures.map(({ frame }) => frame)).toEqual([1, 7, 12]);
    expect(kept.notes).toEqual(['3 pictures are shown instead of 12: a report has a limit to its size.']);
    expect(withinBudget({ pictures, notes: [] }, 600_000).pictures).toHaveLength(12);
    expect(withinBudget({ pictures, notes: [] }, 0).pictures).toEqual([]);
  });

  it('takes the first and the last frame, and each once', () => {
    expect(spreadOver(8000, 4)).toEqual([1, 2667, 5334, 8000]);
    expect(spreadOver(3, 12)).toEqual([1, 2, 3]);
    expect(spreadOver(0, 12)).toEqual([]);
    expect(spreadOver(100, 1)).toEqual([1]);
  });
});
