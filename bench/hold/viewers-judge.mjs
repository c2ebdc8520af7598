// @ts-check
import { distribution } from '../statistics.mjs';
import { none } from './take-judge.mjs';

/** Honest viewers among hostile clients while cameras record: what they wait, and whether the recording noticed anything. Pure. */

/**
 * @typedef {object} Phase
 * @property {readonly number[]} statusMs how long each honest viewer waited for each `/api/status`, tries that failed included
 * @property {readonly number[]} frameMs the same for a picture; it waits for the next frame of the preview
 * @property {readonly number[]} commandMs how long the host waited for each answer of `get_status`
 * @property {readonly number[]} residentMb of the module
 * @property {number} refused tries of honest viewers that failed
 */

/**
 * @typedef {object} Viewers
 * @property {Phase} quiet honest viewers alone
 * @property {Phase} hostile
 * @property {number} lost frames dropped, skipped or missing, of all cameras
 * @property {number} mismatches frames that told, rows and video disagree on
 * @property {number} attacks what hostile clients did to the server
 * @property {number} backMs from the end of the monitor's thread to the next answer
 */

const LONGEST_ANSWER_MS = 200;
/** What a host's command may wait more than without hostile clients, at the 99th percentile. */
const COMMAND_DELAY_MS = 50;
/** The monitor's thread has a heap of 64 MiB; sockets that nobody reads lie beside it. */
const MOST_GROWTH_MB = 96;
const BACK_WITHIN_MS = 5_000;

/**
 * @param {Viewers} viewers
 * @returns {import('./take-judge.mjs').Judgement[]}
 */
export function judgeViewers({ quiet, hostile, lost, mismatches, attacks, backMs }) {
  const [before, among] = [distribution(quiet.statusMs), distribution(hostile.statusMs)];
  const [commandBefore, commandAmong] = [distribution(quiet.commandMs), distribution(hostile.commandMs)];
  const growthMb = Math.max(...hostile.residentMb) - Math.max(...quiet.residentMb);
  return [
    none('frames dropped, skipped or missing', lost),
    none('frames that told, rows and video disagree on', mismatches),
    {
      what: 'hostile requests and connections',
      measured: String(attacks),
      limit: 'some',
      kept: attacks > 0,
    },
    {
      what: 'an honest answer, ms at p99 (max), alone and among hostile clients',
      measured: `${timesText(before)} and ${timesText(among)}`,
      limit: `p99 at most ${LONGEST_ANSWER_MS}`,
      kept: among.p99 <= LONGEST_ANSWER_MS,
    },
    {
      what: "a host's command, ms at p99 (max), likewise",
      measured: `${timesText(commandBefore)} and ${timesText(commandAmong)}`,
      limit: `p99 at most ${COMMAND_DELAY_MS} more`,
      kept: commandAmong.p99 - commandBefore.p99 <= COMMAND_DELAY_MS,
    },
    {
      what: 'memory of the module, MB more than with honest viewers alone',
      measured: growthMb.toFixed(0),
      limit: `at most ${MOST_GROWTH_MB}`,
      kept: growthMb <= MOST_GROWTH_MB,
    },
    {
      what: "the monitor's thread ended: the page is back after, ms",
      measured: backMs.toFixed(0),
      limit: `at most ${BACK_WITHIN_MS}`,
      kept: backMs <= BACK_WITHIN_MS,
    },
  ];
}

/** @param {import('../statistics.mjs').Distribution} times */
const timesText = ({ p99, max }) => `${p99.toFixed(0)} (${max.toFixed(0)})`;
