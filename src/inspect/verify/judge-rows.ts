import type { InfoAccount, InfoFile } from '../../recording/info/info-file.js';
import { counted } from '../figures-as-text.js';
import type { Gap } from '../verdict.js';
import type { VideoInspection } from '../video/video-inspection.js';
import { checkMissing } from './account-checks.js';
import type { Findings } from './findings.js';
import { missingFrames } from './missing-frames.js';
import type { RowChecks } from './row-checks.js';
import type { RowTimes } from './row-times.js';
import { checkArrivals, checkPlayingTime, type SensorOrder, sensorOrder } from './time-checks.js';

/** Rows as they were read, and what the video and the info file say of them. */
export interface RowsToJudge {
  readonly checks: RowChecks;
  /** Rows that should have a frame. */
  readonly rows: number;
  /** Of the video; `null`: it cannot tell. */
  readonly frames: number | null;
  readonly rate: VideoInspection['rate'];
  readonly info: InfoFile | null;
}

/** Where frames are missing, as far as they are listed, and in how many places in all. */
export interface ListedGaps {
  readonly gaps: readonly Gap[];
  readonly gapsTotal: number;
}

const NO_GAPS: ListedGaps = { gaps: [], gapsTotal: 0 };
const NOTHING_MISSING = { gaps: [], gapsTotal: 0, frames: 0, leastFrames: 0, uncertain: 0, firstUncertain: null };

/** V13 and V16 to V22: rows against frames, their times against each other and against the account. */
export function judgeRows({ checks, rows, frames, rate, info }: RowsToJudge, findings: Findings): ListedGaps {
  const { times } = checks;
  if (frames !== null) {
    findings.check('V13');
    if (rows !== frames) findings.fail('V13', `there are ${counted(rows, 'row')} for ${counted(frames, 'frame')}`);
  }
  const order = sensorOrder(times);
  const account = info?.csi_cameras.account ?? null;
  const hasDisorder = order.descents + order.jumps > 0 || (account?.disordered ?? 0) > 0;
  checkArrivals(times, periodNs(rate, order, times), hasDisorder, findings);
  judgeOrder(order, checks, account, findings);
  if (frames === rows && rows > 0 && rate !== null) checkPlayingTime(times, rate, order, findings);
  const missing = order.stamped > 0 ? missingFrames(times) : NOTHING_MISSING;
  if (order.stamped > 0 || account !== null)
    checkMissing(missing, account, hasDisorder || order.stamped === 0 || order.stamped < times.count, findings);
  if (account !== null && info !== null) return toldGaps(info, times);
  if (hasDisorder) return NO_GAPS;
  const gaps = missing.gaps.map((gap) => gapAt(times, gap.afterFrame, gap.frames, 'not explained'));
  return { gaps, gapsTotal: missing.gapsTotal };
}

function toldGaps({ csi_cameras: { gaps, gaps_total: total } }: InfoFile, times: RowTimes): ListedGaps {
  return {
    gaps: gaps.map(({ after_frame: after, frames: many, reason }) => gapAt(times, after, many, reason)),
    gapsTotal: total ?? gaps.length,
  };
}

function gapAt(times: RowTimes, afterFrame: number, frames: number, reason: string): Gap {
  const canTell = times.isStamped(1) && times.isStamped(afterFrame);
  return { afterFrame, frames, reason, atS: canTell ? times.sensorStep(1, afterFrame) / 1e9 : null };
}

/** V16. Cameras repeat and swap times, and the recorder counts that. Without a count, other damage decides. */
function judgeOrder(order: SensorOrder, checks: RowChecks, account: InfoAccount | null, findings: Findings): void {
  const { descents, jumps, firstRow } = order;
  findings.check('V16');
  const untold = checks.times.count - order.stamped;
  if (order.stamped === 0) findings.note('V16', 'the camera gave no sensor times: frames that it lost leave no trace');
  else if (untold > 0)
    findings.note('V16', `${counted(untold, 'frame')} came without a sensor time (0 in the row)`, order.firstUnstamped);
  const found = descents + jumps;
  const what = `${counted(found, 'sensor time')} ${found === 1 ? 'is' : 'are'} not in order`;
  const isTampered = checks.isMisnumbered || findings.hasFailed('V13', 'V14', 'V17', 'V20');
  if (account !== null && account.disordered > 0 && descents <= account.disordered) {
    findings.lose(
      'V16',
      `${counted(account.disordered, 'sensor time')} of the camera out of order, counted when they came`,
      firstRow,
    );
    return;
  }
  if (found === 0) return;
  if (account === null && !isTampered)
    findings.lose('V16', `${what}, as the camera gave them or not: nothing counted them`, firstRow);
  else if (descents > 0) findings.fail('V16', `${what}, and nothing counted them when they came`, firstRow);
  else findings.note('V16', `the sensor's clock jumped ahead`, firstRow);
}

/** Mean time from frame to frame, ns. */
function periodNs(rate: VideoInspection['rate'], order: SensorOrder, times: RowTimes): number {
  if (rate !== null && rate.rate > 0) return (rate.scale / rate.rate) * 1e9;
  const { firstStamped, lastStamped } = order;
  return lastStamped > firstStamped ? times.sensorStep(firstStamped, lastStamped) / (lastStamped - firstStamped) : 0;
}
