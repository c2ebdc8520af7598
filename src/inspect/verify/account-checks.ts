import type { InfoAccount, InfoFacts } from '../../recording/info/info-file.js';
import type { Findings } from './findings.js';
import { counted, grouped } from '../figures-as-text.js';
import type { Missing } from './missing-frames.js';

/** What the account of a recording is held against: V21 and V22. `frames`: of the video; `null` where they are not known. */
export function checkAccount(facts: InfoFacts, account: InfoAccount, frames: number | null, findings: Findings): void {
  findings.check('V21');
  const { delivered, recorded, dropped, dropped_by: by, skipped, source_gaps: sourceGaps } = account;
  if (delivered !== recorded + dropped + skipped)
    findings.fail(
      'V21',
      `delivered ${delivered} are not recorded ${recorded} + dropped ${dropped} + skipped ${skipped}`,
    );
  const sum = by.buffer_full + by.timeout + by.write_error;
  if (sum !== dropped) findings.fail('V21', `dropped ${dropped} are not the sum of their reasons, ${sum}`);
  if (frames !== null && recorded !== frames)
    findings.fail('V21', `the account has ${recorded} recorded frames, the video ${frames}`);
  const counts = { ...by, skipped, source_gap: sourceGaps };
  const listed = { buffer_full: 0, timeout: 0, write_error: 0, skipped: 0, source_gap: 0 };
  for (const gap of facts.gaps) listed[gap.reason] += gap.frames;
  for (const [reason, count] of Object.entries(listed)) {
    const most = counts[reason as keyof typeof counts];
    if (count > most) findings.fail('V21', `the gaps of ${reason} hold ${count} frames, the account has ${most}`);
  }
  if (facts.gaps_total !== null && facts.gaps_total < facts.gaps.length)
    findings.fail('V21', `there are ${facts.gaps.length} gaps, and the info file says ${facts.gaps_total}`);
}

/** Frames that an account knows to be lost: not those that were skipped on purpose. */
export function lostFrames({ dropped, source_gaps: sourceGaps }: InfoAccount): number {
  return dropped + sourceGaps;
}

/** For example `12 lost: 7 buffer_full, 5 in the camera`. */
export function lossSentence(account: InfoAccount): string {
  const { dropped_by: by, source_gaps: sourceGaps } = account;
  const parts = [
    [by.buffer_full, 'buffer_full'],
    [by.timeout, 'timeout'],
    [by.write_error, 'write_error'],
    [sourceGaps, 'in the camera'],
  ] as const;
  const told = parts.filter(([count]) => count > 0).map(([count, words]) => `${grouped(count)} ${words}`);
  return `${grouped(lostFrames(account))} lost: ${told.join(', ')}`;
}

/** V22. `hasDisorder`: the steps of the sensor's time are not believed. */
export function checkMissing(
  missing: Missing,
  account: InfoAccount | null,
  hasDisorder: boolean,
  findings: Findings,
): void {
  findings.check('V22');
  if (account !== null && lostFrames(account) > 0) findings.lose('V22', lossSentence(account));
  if (hasDisorder) {
    if (account === null)
      findings.note('V22', 'the sensor times are not in order, so missing frames cannot be counted');
    return;
  }
  if (account === null) {
    if (missing.frames > 0)
      findings.lose(
        'V22',
        `${grouped(missing.frames)} missing in ${counted(missing.gapsTotal, 'place')}, not explained`,
      );
    tellUncertain(missing, findings);
    return;
  }
  const accounted = account.dropped + account.skipped + account.source_gaps;
  if (missing.leastFrames > accounted) {
    const frame = missing.gaps[0]?.afterFrame ?? null;
    findings.fail(
      'V22',
      `${missing.frames} frames are missing between the rows, and the account has ${accounted}`,
      frame,
    );
  } else if (accounted === 0) tellUncertain(missing, findings);
}

function tellUncertain({ uncertain, firstUncertain }: Missing, findings: Findings): void {
  if (uncertain === 0) return;
  const what = `${uncertain} step${uncertain === 1 ? ' is' : 's are'} longer than those before`;
  findings.note('V22', `${what}; the camera may have been slower there (a longer exposure)`, firstUncertain);
}
