import type { InfoAccount, InfoFile, InfoGap } from '../../recording/info/info-file.js';
import type { TimingRows } from '../rows/timing-rows.js';
import type { FrameRange } from './frame-range.js';

/** What a clip's info file says of losses: those of the source that lie between two frames of the clip. */
export interface ClipAccount {
  readonly account: InfoAccount | null;
  readonly gaps: readonly InfoGap[];
  readonly gapsTotal: number | null;
}

const NOT_KNOWN: ClipAccount = { account: null, gaps: [], gapsTotal: null };

/** Not known where the source has no account, or where it does not list all gaps that may lie in the range. */
export function clipAccount(source: InfoFile | null, range: FrameRange, rows: TimingRows): ClipAccount {
  if (source === null) return NOT_KNOWN;
  const { account, gaps: listed, gaps_total: total } = source.csi_cameras;
  if (account === null || total === null) return NOT_KNOWN;
  const reached = total === listed.length ? Infinity : (listed.at(-1)?.after_frame ?? 0);
  if (range.last > reached) return NOT_KNOWN;
  const gaps = listed
    .filter(({ after_frame: after }) => after >= range.first && after < range.last)
    .map((gap) => ({ ...gap, after_frame: gap.after_frame - range.first + 1 }));
  const lost = (reason: InfoGap['reason']): number =>
    gaps.reduce((sum, gap) => sum + (gap.reason === reason ? gap.frames : 0), 0);
  const droppedBy = {
    buffer_full: lost('buffer_full'),
    timeout: lost('timeout'),
    write_error: lost('write_error'),
  };
  const recorded = range.last - range.first + 1;
  const dropped = droppedBy.buffer_full + droppedBy.timeout + droppedBy.write_error;
  const skipped = lost('skipped');
  return {
    account: {
      delivered: recorded + dropped + skipped,
      recorded,
      dropped,
      dropped_by: droppedBy,
      skipped,
      source_gaps: lost('source_gap'),
      disordered: account.disordered === 0 ? 0 : disorderIn(rows, range),
    },
    gaps,
    gapsTotal: gaps.length,
  };
}

/** Rows whose sensor time is not later than all before them in the range. */
function disorderIn({ sensorNs }: TimingRows, { first, last }: FrameRange): number {
  let disordered = 0;
  let latest = 0n;
  for (let at = first - 1; at < last; at += 1) {
    const ns = sensorNs[at] ?? 0n;
    if (ns === 0n) continue;
    if (ns <= latest) disordered += 1;
    else latest = ns;
  }
  return disordered;
}
