import { describe, expect, it } from '@jest/globals';
import { nothingMeasured } from '../../../bench/bench.mjs';
import { figuresOf } from '../../../bench/figures.mjs';
import { GOALS, judge } from '../../../bench/limits.mjs';
import { reportText } from '../../../bench/report.mjs';
import { distribution } from '../../../bench/statistics.mjs';
import { measured } from './measured.js';

const HEAD = {
  title: 'Bench results',
  at: '2026-11-24T08:00:00.000Z',
  machine: {
    cpu: 'a processor',
    cores: 2,
    memoryMb: 8000,
    kernel: 'Linux 6',
    node: 'v20.0.0',
    ffmpeg: '5.1',
    gstreamer: null,
    module: '0.1.0 abcdef1',
  },
  frames: { madeBy: 'ffmpeg', files: [], meanBytes: 281_400 },
  plots: ['throughput.svg', 'cpu.svg', 'latency.svg', 'growth.svg'],
};

describe('the report', () => {
  const all = { ...measured(), verdicts: judge(GOALS, figuresOf(measured())) };
  const text = reportText(HEAD, all);

  it('says what was measured on what', () => {
    expect(text).toMatch(/\| csi-cameras +\| +0\.1\.0 abcdef1 \|/);
    expect(text).toMatch(/\| machine +\| +a processor, 2 cores, 8 GB \|/);
    expect(text).toMatch(/\| GStreamer +\| +none \|/);
  });

  it('has each contender with its spread, each place, and what others had of the machine', () => {
    expect(text).toMatch(/\| ffmpeg, synced +\| +ext4 \| +1 \| +400 \(360 to 480\) \| +1\.50 \(1\.35 to 1\.80\)/);
    expect(text).toContain("Other programs had 3 (3 to 3) % of the machine's CPU.");
    expect(text).toMatch(/\| ffmpeg +\| tmpfs \| +2 \| +2\.10 \| +2\.10 \(1\.89 to 2\.52\) \| +0\.40/);
  });

  it('has the percentiles of cameras on schedule', () => {
    expect(text).toMatch(/\| work on a frame, us +\| +2 \| +60 \| +50 \| +90 \| +90 \| +90 \|/);
    expect(text).toMatch(/\| 2 at 60 fps \| ext4 \| 20 s \| +2400 \| +0 \| +8\.0 % \|/);
  });

  it('has what proof costs, and holds it to its limits', () => {
    expect(text).toMatch(/\| checksum of a frame of 281 KB +\| +105 \(\d+ to \d+\) \|/);
    expect(judge(GOALS, figuresOf(all))).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ figure: 'checksumPercent', value: expect.closeTo(0.315, 3), kept: 'yes' }),
        expect.objectContaining({ figure: 'infoPercent', value: expect.closeTo(0.0085, 4), kept: 'yes' }),
      ]),
    );
    const proof = all.proof && { ...all.proof, checksumUs: { median: 340, min: 1, max: 1 } };
    const kept = judge(GOALS, figuresOf({ ...all, proof })).find(({ figure }) => figure === 'checksumPercent')?.kept;
    expect(kept).toBe('no');
  });

  it('has start-up, growth, and what was left out', () => {
    expect(text).toMatch(/launch to `ready` +\| +200 \(180 to 240\) \|/);
    expect(text).toMatch(/\| csi-cameras \| +ext4 \| +3\.0 \| +400 \| +1\.00 \| +150 \|/);
    expect(text).toContain('- 4 GB: there is no room for it.');
  });

  it('says of each goal whether it was kept', () => {
    expect(text).toMatch(/\| launch to ready +\| +200 ms \| +at most 200 \| +yes \|/);
    const late = measured();
    for (const one of late.paced) one.times.workUs = distribution([400]);
    const verdicts = judge(GOALS, figuresOf(late));
    expect(reportText(HEAD, { ...late, verdicts })).toMatch(
      /\| work on a frame.* \| +400 us \| +at most 100 \| +\*\*no\*\* \|/,
    );
  });

  it('shows the plots that there are', () => {
    expect(text).toContain('](throughput.svg)');
    expect(reportText({ ...HEAD, plots: [] }, all)).not.toContain('.svg');
  });

  it('leaves out the sections of what was not measured', () => {
    expect(reportText(HEAD, nothingMeasured())).not.toContain('##');
  });
});
