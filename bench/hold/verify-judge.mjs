// @ts-check
import { median, spread } from '../statistics.mjs';
import { spreadText } from '../table.mjs';

/** What verifying costs, against `cat` of the same file. Pure. */

/**
 * @typedef {object} VerifyHold
 * @property {number} gigabytes of the video
 * @property {readonly number[]} cat seconds, one a round, as in the others
 * @property {readonly number[]} verify
 * @property {readonly number[]} verifySums with checksums
 * @property {readonly number[]} quick
 * @property {number} frames of the long video
 * @property {readonly number[]} peakMb of verifying the long video
 */

const MOST_TIMES = 3;
const MOST_TIMES_WITH_SUMS = 8;
const MOST_QUICK_S = 0.2;
const MOST_MB = 200;

/**
 * @param {VerifyHold} hold
 * @returns {import('./take-judge.mjs').Judgement[]}
 */
export function judgeVerify({ gigabytes, cat, verify, verifySums, quick, frames, peakMb }) {
  const size = `${gigabytes.toFixed(1)} GB`;
  /** @param {string} what @param {readonly number[]} seconds @param {number} most */
  const against = (what, seconds, most) => ({
    what: `${what}, ${size}, s`,
    measured: `${spreadText(spread(seconds), 2)}, ${(median(seconds) / median(cat)).toFixed(1)} x cat`,
    limit: `${most} x cat`,
    kept: median(seconds) <= most * median(cat),
  });
  return [
    { what: `cat, ${size}, s`, measured: spreadText(spread(cat), 2), limit: '', kept: true },
    against('verify', verify, MOST_TIMES),
    against('verify with checksums', verifySums, MOST_TIMES_WITH_SUMS),
    {
      what: `verify --quick, ${size}, s`,
      measured: spreadText(spread(quick), 3),
      limit: `${MOST_QUICK_S}`,
      kept: median(quick) <= MOST_QUICK_S,
    },
    {
      what: `memory of verify, ${(frames / 1e6).toFixed(1)} million frames, MB`,
      measured: spreadText(spread(peakMb), 0),
      limit: `${MOST_MB}`,
      kept: median(peakMb) <= MOST_MB,
    },
  ];
}
