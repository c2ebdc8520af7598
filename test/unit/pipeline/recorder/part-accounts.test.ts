import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { PartAccounts, type PartAccount } from '../../../../src/pipeline/recorder/part-accounts.js';

type Fate = 'written' | 'buffer_full' | 'write_error' | 'skipped';

const all = (accounts: PartAccounts, parts: number): PartAccount[] =>
  Array.from({ length: parts }, (_, index) => accounts.takeAccount(index + 1)).filter((account) => account !== null);

/** The gaps as the fates themselves tell them: by place, then reason. */
function expectedGaps(fates: readonly Fate[]): Map<string, number> {
  const gaps = new Map<string, number>();
  let written = 0;
  for (const fate of fates) {
    if (fate === 'written') written += 1;
    else gaps.set(`${written} ${fate}`, (gaps.get(`${written} ${fate}`) ?? 0) + 1);
  }
  return gaps;
}

describe('the account of each video', () => {
  it('says behind which frame of the video how many are missing, and why', () => {
    const accounts = new PartAccounts();
    accounts.write(1, null);
    accounts.lose(5, 'skipped'); // told before older frames leave the buffer
    accounts.lose(2, 'buffer_full');
    accounts.lose(3, 'buffer_full');
    accounts.write(4, null);
    accounts.miss(2, 6);
    accounts.write(6, null);
    accounts.miss(3, 6); // noticed only when the frame behind it is written
    accounts.lose(7, 'write_error');
    accounts.end([3]);
    expect(accounts.takeAccount(1)).toMatchObject({
      account: {
        delivered: 7,
        recorded: 3,
        dropped: 3,
        dropped_by: { buffer_full: 2, timeout: 0, write_error: 1 },
        skipped: 1,
        source_gaps: 5,
      },
      gaps: [
        { after_frame: 1, frames: 2, reason: 'buffer_full' },
        { after_frame: 2, frames: 2, reason: 'source_gap' },
        { after_frame: 2, frames: 3, reason: 'source_gap' },
        { after_frame: 2, frames: 1, reason: 'skipped' },
        { after_frame: 3, frames: 1, reason: 'write_error' },
      ],
      gapsTotal: 5,
    });
  });

  it('counts what lies between two videos, and disorder there, for the second', () => {
    const accounts = new PartAccounts();
    accounts.write(1, null);
    accounts.noteDisorder(2);
    accounts.write(2, null);
    accounts.noteDisorder(4);
    accounts.lose(3, 'buffer_full');
    accounts.continueAfter(2);
    accounts.write(4, null);
    accounts.end([2, 1]);
    const [first, second] = all(accounts, 2);
    expect(first).toMatchObject({ account: { delivered: 2, dropped: 0, disordered: 1 }, gaps: [] });
    expect(second).toMatchObject({
      account: { delivered: 2, recorded: 1, dropped: 1, disordered: 1 },
      gaps: [{ after_frame: 0, frames: 1, reason: 'buffer_full' }],
    });
  });

  it('gives frames that were cut off back as losses at the end, with the gaps between them', () => {
    const accounts = new PartAccounts();
    for (const number of [1, 2, 4, 5]) accounts.write(number, null);
    accounts.lose(3, 'buffer_full');
    accounts.end([1]);
    expect(accounts.takeAccount(1)).toMatchObject({
      account: { delivered: 5, recorded: 1, dropped: 4, dropped_by: { write_error: 3, buffer_full: 1 } },
    });
    const late = new PartAccounts();
    late.write(1, null);
    for (const number of [2, 3, 4]) late.lose(number, 'write_error'); // a write that did not return in time
    late.end([3]); // and was done later
    expect(late.takeAccount(1)).toMatchObject({
      account: { delivered: 4, recorded: 3, dropped: 1 },
      gaps: [{ after_frame: 3, frames: 1, reason: 'write_error' }],
    });
  });

  it('lets the video before answer for one that could not be kept', () => {
    const accounts = new PartAccounts();
    accounts.write(1, null);
    accounts.continueAfter(1);
    accounts.lose(2, 'buffer_full');
    accounts.write(3, null);
    accounts.end([1]);
    expect(accounts.takeAccount(1)).toMatchObject({
      account: { delivered: 3, recorded: 1, dropped: 2, dropped_by: { buffer_full: 1, write_error: 1 } },
      gaps: [
        { after_frame: 1, frames: 1, reason: 'buffer_full' },
        { after_frame: 1, frames: 1, reason: 'write_error' },
      ],
    });
  });

  it('lists a thousand gaps, counts all, and does not let those on purpose push out the others', () => {
    const accounts = new PartAccounts();
    for (let number = 1; number <= 6_000; number += 2) {
      accounts.lose(number, number > 5_990 ? 'buffer_full' : 'skipped');
      accounts.write(number + 1, null);
    }
    accounts.end([3_000]);
    const told = accounts.takeAccount(1);
    expect(told?.gapsTotal).toBe(3_000);
    expect(told?.gaps).toHaveLength(1_000);
    expect(told?.gaps.filter(({ reason }) => reason === 'buffer_full')).toHaveLength(5);
  });

  it('agrees with what became of each frame, in whatever order it is told, over all videos', () => {
    const fate = fc.constantFrom<Fate>('written', 'written', 'written', 'buffer_full', 'write_error', 'skipped');
    const order = fc.record({
      fates: fc.array(fate, { minLength: 1, maxLength: 60 }),
      ahead: fc.integer({ min: 0, max: 20 }),
      border: fc.integer({ min: 1, max: 60 }),
      cut: fc.integer({ min: 0, max: 3 }),
    });
    fc.assert(
      fc.property(order, ({ fates, ahead, border, cut }) => {
        const accounts = new PartAccounts();
        const written = fates.filter((one) => one === 'written').length;
        const isSplit = border < written;
        let soFar = 0;
        // What is skipped is told when it comes; what is written or pushed out of the buffer, later.
        for (let index = 0; index < fates.length + ahead; index += 1) {
          if (fates[index] === 'skipped') accounts.lose(index + 1, 'skipped');
          const late = fates[index - ahead];
          if (late === undefined || late === 'skipped') continue;
          if (late !== 'written') accounts.lose(index - ahead + 1, late);
          else {
            if (isSplit && soFar === border) accounts.continueAfter(border);
            soFar += 1;
            accounts.write(index - ahead + 1, null);
          }
        }
        const inLast = Math.max(isSplit ? 1 : 0, (isSplit ? written - border : written) - cut);
        const lost = (isSplit ? written - border : written) - inLast;
        const held = isSplit ? [border, inLast] : [inLast];
        accounts.end(held);
        const told = all(accounts, held.length);
        const sum = (of: (part: PartAccount) => number): number => told.reduce((total, part) => total + of(part), 0);
        const count = (one: Fate): number => fates.filter((each) => each === one).length;
        expect(told.map(({ account }) => account.recorded)).toEqual(held);
        expect(sum(({ account }) => account.delivered)).toBe(fates.length);
        expect(sum(({ account }) => account.skipped)).toBe(count('skipped'));
        expect(sum(({ account }) => account.dropped_by.buffer_full)).toBe(count('buffer_full'));
        expect(sum(({ account }) => account.dropped_by.write_error)).toBe(count('write_error') + lost);
        for (const { account, gaps, gapsTotal } of told) {
          expect(account.delivered).toBe(account.recorded + account.dropped + account.skipped);
          expect(gaps.reduce((total, { frames }) => total + frames, 0)).toBe(account.dropped + account.skipped);
          expect(gaps).toHaveLength(gapsTotal);
        }
        if (isSplit || lost > 0) return;
        const gaps = told[0]?.gaps.map((gap) => [`${gap.after_frame} ${gap.reason}`, gap.frames] as const) ?? [];
        expect(new Map(gaps)).toEqual(expectedGaps(fates));
      }),
      { numRuns: 300 },
    );
  });
});
