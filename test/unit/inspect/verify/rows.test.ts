import { readFile, rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FrameTimes } from '../../../../src/core/frame.js';
import { sensorTimestampOf } from '../../../harness/jpeg-frames.js';
import { expectDamage } from '../../../harness/recordings-held.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';
import { framesAt, kindsOf, recorded, rewrite, verified } from '../../../harness/verified.js';

/** A frame with this sensor time, ms after the first, that arrived 41 ms later. */
function at(ms: number, lateMs = 0): Partial<FrameTimes> {
  const sensorTimestampNs = sensorTimestampOf(1) + BigInt(Math.round(ms * 1e6));
  const arrivedMonotonicNs = sensorTimestampNs + 41_000_000n + BigInt(Math.round(lateMs * 1e6));
  return { sensorTimestampNs, arrivedMonotonicNs, wallClockUs: 1_767_681_006_123_456n + arrivedMonotonicNs / 1000n };
}

const steady = (count: number, periodMs = 33.333): Partial<FrameTimes>[] =>
  Array.from({ length: count }, (_, index) => at(index * periodMs));

describe('verify holds the rows of a recording', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeEach(async () => {
    folder = await temporaryFolder();
    expectDamage(folder.path, 'rows are damaged', ['V12', 'V13', 'V14', 'V15', 'V16', 'V17', 'V19', 'V20', 'V25']);
  });
  afterEach(() => folder.remove());

  const made = (times: readonly (Partial<FrameTimes> | null)[], fps = 30) =>
    recorded(folder.path, { frames: framesAt(times), fps });

  it('and finds nothing wrong with one that is good', async () => {
    const { videoPath } = await made(steady(120));
    const recording = await verified(videoPath);
    expect(recording).toMatchObject({ verdict: 'proven', state: 'closed', frames: 120, rows: 120, gapsTotal: 0 });
    expect(recording.checked).toEqual(expect.arrayContaining(['V12', 'V13', 'V14', 'V15', 'V16', 'V17', 'V18', 'V19']));
    expect(recording.findings).toMatchObject([{ id: 'V23', kind: 'note' }]);
  });

  it.each([
    ['one frame', steady(1)],
    ['two frames', steady(2)],
    ['a frame each 200 s', steady(12, 200_000)],
    ['a thousand frames a second', steady(2_000, 1)],
    ['sensor times that are all 0', steady(40).map((times) => ({ ...times, sensorTimestampNs: 0n }))],
    ['a longer exposure from the middle on', [...steady(30), ...steady(30, 71).map((_, k) => at(1000 + (k + 1) * 71))]],
    ['an exposure that goes to and fro', Array.from({ length: 80 }, (_, k) => at(k * 33 + Math.floor(k / 3) * 48))],
    ['one frame that was exposed longer', [...steady(30), ...steady(30).map((_, k) => at(1024 + k * 33.333))]],
    [
      'skipped frames, 60 thinned to 25 a second',
      Array.from({ length: 90 }, (_, k) => at(Math.round(k * 2.4) * 16.667)),
    ],
    ['a jitter of a fifth', Array.from({ length: 90 }, (_, k) => at(k * 33.333 + ((k * 7919) % 13) - 6))],
    [
      'a process that was stopped for 15 s',
      Array.from({ length: 600 }, (_, k) => at(k * 33.333, k < 30 ? 0 : Math.max(0, 15_000 - (k - 30) * 33.333))),
    ],
  ])('which are in order with %s', async (_, times) => {
    const { videoPath } = await made(times);
    const recording = await verified(videoPath);
    expect(recording.findings.filter(({ kind }) => kind !== 'note')).toEqual([]);
    expect(recording.verdict).toBe('proven');
  });

  it('and tells which frames are missing where nothing explains it', async () => {
    const times: (Partial<FrameTimes> | null)[] = steady(90);
    for (const lost of [20, 21, 22, 60]) times[lost] = null;
    const { videoPath } = await made(times);
    const recording = await verified(videoPath);
    expect(recording).toMatchObject({ verdict: 'lost', gapsTotal: 2 });
    expect(recording.gaps).toEqual([
      { afterFrame: 20, frames: 3, reason: 'not explained', atS: expect.closeTo(0.633, 2) },
      { afterFrame: 57, frames: 1, reason: 'not explained', atS: expect.closeTo(1.967, 2) },
    ]);
    expect(kindsOf(recording)).toEqual(['V22 lost']);
  });

  it('which a camera may have given in disorder: no damage, where nothing else speaks of it', async () => {
    const swapped = steady(60).map((times, index) => (index === 20 ? { ...times, ...sensorOf(18.5) } : times));
    expect(kindsOf(await verified((await made(swapped)).videoPath))).toEqual(['V16 lost', 'V22 note']);
  });

  it('and notes frames to which the camera gave no sensor time, where it gave one to others', async () => {
    const times = steady(60).map((one, index) => (index >= 20 && index < 25 ? { ...one, sensorTimestampNs: 0n } : one));
    const recording = await verified((await made(times)).videoPath);
    expect(recording).toMatchObject({ verdict: 'proven' });
    expect(recording.findings).toContainEqual({
      id: 'V16',
      kind: 'note',
      frame: 21,
      message: '5 frames came without a sensor time (0 in the row)',
    });
  });

  it('and notes that the wall clock was set, ahead or back', async () => {
    const times = steady(60).map((one, index) => ({
      ...one,
      wallClockUs: (one.wallClockUs ?? 0n) + (index < 30 ? 0n : 3_600_000_000n),
    }));
    const recording = await verified((await made(times)).videoPath);
    expect(recording).toMatchObject({ verdict: 'proven' });
    expect(recording.findings).toContainEqual({
      id: 'V18',
      kind: 'note',
      frame: 31,
      message: 'the clock was set ahead by 3600.000 s before frame 31',
    });
  });

  it.each([
    ['a row gone', (lines: string[]) => void lines.splice(20, 1), ['V13 failed', 'V14 failed']],
    ['the last row gone', (lines: string[]) => void lines.splice(60, 1), ['V13 failed']],
    ['a row of another trial', (lines: string[]) => edit(lines, 20, 0, '2'), ['V15 failed']],
    ['a row of another label', (lines: string[]) => edit(lines, 20, 3, 'other'), ['V15 failed']],
    ['an index that is wrong', (lines: string[]) => edit(lines, 20, 6, '21'), ['V14 failed']],
    ['an arrival that went back', (lines: string[]) => edit(lines, 20, 5, '9297.000000000'), ['V17 failed']],
    ['a word in a row', (lines: string[]) => edit(lines, 20, 7, 'nan'), ['V12 failed']],
    ['an empty line', (lines: string[]) => void lines.splice(20, 0, ''), ['V12 failed']],
    ['a last line without its end', (lines: string[]) => void lines.pop(), ['V12 failed']],
  ])('and finds %s', async (_, change, expected) => {
    const { videoPath, timingPath } = await made(steady(60));
    await rewrite(timingPath, (text) => {
      const lines = text.split('\n');
      change(lines);
      return lines.join('\n');
    });
    const recording = await verified(videoPath);
    expect(recording.verdict).toBe('damaged');
    expect(kindsOf(recording).filter((kind) => kind.endsWith('failed') && !kind.startsWith('V20'))).toEqual(expected);
  });

  it('and finds the rows of another recording with as many frames', async () => {
    const slower = await made(steady(60, 35));
    const { videoPath, timingPath } = await recorded(folder.path, { frames: framesAt(steady(60)), trialNumber: 2 });
    const rows = (await readFile(slower.timingPath, 'utf8')).replaceAll(/^1,/gm, '2,');
    await rewrite(timingPath, () => rows);
    const recording = await verified(videoPath);
    expect(kindsOf(recording).filter((kind) => !kind.startsWith('V20'))).toEqual(['V19 failed']);
  });

  it('and misses a video, or rows, that should be there', async () => {
    const { videoPath, timingPath } = await made(steady(60));
    await rm(videoPath);
    expect(kindsOf(await verified(timingPath))).toEqual(['V25 failed']);
    const other = await recorded(folder.path, { frames: framesAt(steady(60)), trialNumber: 2 });
    await rm(other.timingPath);
    expect(kindsOf(await verified(other.videoPath))).toEqual(['V25 failed']);
  });
});

function sensorOf(frames: number): Partial<FrameTimes> {
  const { sensorTimestampNs = 0n } = at(frames * 33.333);
  return { sensorTimestampNs };
}

function edit(lines: string[], row: number, column: number, value: string): void {
  lines[row] = (lines[row] ?? '').split(',').with(column, value).join(',');
}
