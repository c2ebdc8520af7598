// @ts-check
import { framesSpanned, mismatches, none, sum, unevenSteps } from './take-judge.mjs';

/** Two cameras of which one was killed: whether the other one was disturbed, and whether both together account for all frames. Pure. */

/**
 * @typedef {object} CameraLife
 * @property {string} device
 * @property {readonly import('./take-judge.mjs').Take[]} takes in order
 * @property {readonly string[]} statuses what the host heard of it, in order
 * @property {readonly string[]} complaints lines of the log that name it and warn of something
 */

/**
 * @typedef {object} Pair
 * @property {number} fps
 * @property {CameraLife} whole the camera that nothing happened to
 * @property {CameraLife} killed
 * @property {number} downtimeMs as the host was told
 */

/** What an undisturbed camera says, and nothing else. */
const UNDISTURBED = ['device_ack', 'device_ready', 'recording_started', 'recording_stopped'];
/** A camera that is lost once while it records, and comes back. */
const RECOVERED = [...UNDISTURBED, 'device_error', 'device_ready', 'recording_started', 'recording_stopped'];
/** Half a second until a foreign end counts as a loss, half a second until the first attempt, a start; and a busy machine. */
const LONGEST_DOWNTIME_MS = 5_000;
/** Two cameras begin and end within this of one another, as they are told to by one command, s. */
const ENDS_APART_S = 0.5;

/**
 * @param {Pair} pair
 * @returns {import('./take-judge.mjs').Judgement[]}
 */
export function judgePair({ fps, whole, killed, downtimeMs }) {
  const lost = (/** @type {CameraLife} */ { takes }) => sum(takes.map(({ told }) => told.lost));
  const uneven = (/** @type {CameraLife} */ { takes }) => sum(takes.map((take) => unevenSteps(take, fps)));
  const odd = (/** @type {CameraLife} */ { takes }) => sum(takes.map(mismatches));
  const [spanned, secondSpan] = [framesSpanned(whole.takes, fps), framesSpanned(killed.takes, fps)];
  const apart = Math.abs(spanned - secondSpan);
  const missing = secondSpan - framesOf(killed);
  const expectedMissing = Math.round((downtimeMs / 1000) * fps);
  return [
    none('the other: frames dropped, skipped or missing', lost(whole)),
    none('the other: steps that are not one period', uneven(whole)),
    none('the other: frames that told, rows and video disagree on', odd(whole)),
    none('the other: complaints in its log', whole.complaints.length),
    same('the other: statuses', whole.statuses, UNDISTURBED),
    same('the other: takes', takesOf(whole), ['1']),
    same('the killed one: statuses', killed.statuses, RECOVERED),
    same('the killed one: takes', takesOf(killed), ['1', '2']),
    none('the killed one: steps in a take that are not one period', uneven(killed)),
    none('the killed one: frames that told, rows and video disagree on', odd(killed)),
    {
      what: 'the killed one: back after, ms',
      measured: downtimeMs.toFixed(0),
      limit: `at most ${LONGEST_DOWNTIME_MS}`,
      kept: downtimeMs > 0 && downtimeMs <= LONGEST_DOWNTIME_MS,
    },
    {
      what: 'the killed one: frames between its takes, by stamps and by told time',
      measured: `${missing} and ${expectedMissing}`,
      limit: `${ENDS_APART_S} s apart`,
      kept: Math.abs(missing - expectedMissing) <= ENDS_APART_S * fps,
    },
    {
      what: 'both: frames from first to last, those between takes counted',
      measured: `${spanned} and ${secondSpan}`,
      limit: `${ENDS_APART_S} s apart`,
      kept: spanned > 0 && apart <= ENDS_APART_S * fps,
    },
  ];
}

/** @param {CameraLife} life */
export const framesOf = ({ takes }) => sum(takes.map(({ told }) => told.frames));

/** @param {CameraLife} life */
const takesOf = ({ takes }) => takes.map(({ told }) => String(told.take));

/** @param {string} what @param {readonly string[]} heard @param {readonly string[]} expected */
function same(what, heard, expected) {
  const kept = heard.join() === expected.join();
  // A row of a table: in full only where it is not as expected.
  return { what, measured: kept ? 'as expected' : heard.join(' '), limit: String(expected.length), kept };
}
