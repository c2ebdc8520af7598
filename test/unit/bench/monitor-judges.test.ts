import { describe, expect, it } from '@jest/globals';
import { judgePage } from '../../../bench/hold/page-judge.mjs';
import { judgeViewers } from '../../../bench/hold/viewers-judge.mjs';

/** What is not kept. */
const broken = (judgements: readonly { readonly what: string; readonly kept: unknown }[]): string[] =>
  judgements.filter(({ kept }) => kept !== true).map(({ what }) => what);

const times = (count: number, ms: number): number[] => Array.from({ length: count }, () => ms);

type PageHold = Parameters<typeof judgePage>[0];

/** Ten minutes, looked at every five seconds. */
function held(rendererMb: (atS: number) => number): PageHold {
  const samples = Array.from({ length: 120 }, (_, index) => (index + 1) * 5).map((atS) => ({
    atS,
    rendererMb: rendererMb(atS),
    browserMb: 120,
  }));
  const faces = times(4, 0).map(() => 'recording live');
  return { cameras: 4, seconds: 600, samples, pictures: 4_000, mistakes: [], faces };
}

describe('judgePage', () => {
  it('keeps a page whose memory goes up and down', () => {
    expect(broken(judgePage(held((atS) => 150 + (atS % 60))))).toEqual([]);
  });

  it('says when memory grows, in the renderer or in the process that holds blobs', () => {
    expect(broken(judgePage(held((atS) => 150 + atS / 6)))).toEqual([expect.stringContaining("the page's renderer")]);
    const calm = held(() => 150);
    const samples = calm.samples.map((one) => ({ ...one, browserMb: 100 + one.atS }));
    expect(broken(judgePage({ ...calm, samples }))).toEqual([expect.stringContaining("the browser's process")]);
  });

  it('says when a page that keeps its memory has stopped to show what is so', () => {
    const calm = held(() => 150);
    expect(broken(judgePage({ ...calm, pictures: 100 }))).toEqual(['pictures a second of each tile']);
    expect(broken(judgePage({ ...calm, mistakes: ['TypeError'] }))).toEqual(['errors of the page']);
    const faces = [...calm.faces.slice(1), 'recording old'];
    expect(broken(judgePage({ ...calm, faces }))).toEqual(['tiles at the end']);
    expect(broken(judgePage({ ...calm, faces: calm.faces.slice(1) }))).toEqual(['tiles at the end']);
  });
});

describe('judgeViewers', () => {
  const phase = { statusMs: times(200, 5), frameMs: times(200, 90), commandMs: times(50, 3), residentMb: [90, 95] };
  const quiet = { ...phase, refused: 0 };
  const kept = { quiet, hostile: { ...quiet, refused: 40 }, lost: 0, mismatches: 0, attacks: 9_000, backMs: 700 };

  it('keeps honest viewers who had to try again and were answered in time', () => {
    expect(broken(judgeViewers(kept))).toEqual([]);
  });

  it.each([
    ['frames dropped, skipped or missing', { lost: 1 }],
    ['frames that told, rows and video disagree on', { mismatches: 1 }],
    ['hostile requests and connections', { attacks: 0 }],
    ['an honest answer', { hostile: { ...quiet, statusMs: [...times(195, 5), ...times(5, 201)] } }],
    ["a host's command", { hostile: { ...quiet, commandMs: times(50, 60) } }],
    ['memory of the module', { hostile: { ...quiet, residentMb: [95, 192] } }],
    ["the monitor's thread ended", { backMs: 5_001 }],
  ])('says what is not kept: %s', (what, change) => {
    expect(broken(judgeViewers({ ...kept, ...change }))).toEqual([expect.stringContaining(what)]);
  });
});
