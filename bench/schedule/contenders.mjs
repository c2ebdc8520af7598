// @ts-check
import { FPS } from '../frames.mjs';
import { othersPercent, usedSoFar } from '../machine-share.mjs';
import { CONTENDER } from '../module-run.mjs';
import { ffmpegPeer } from '../peers.mjs';
import { ticksPerSecond } from '../process-figures.mjs';
import { moduleLife } from './module-life.mjs';
import { DD, peerLife } from './peer-life.mjs';
import { scheduleRun } from './run-figures.mjs';
import { lengthS } from './watch-window.mjs';

/** Everybody who takes part on schedule. One life of the module gives up to three contenders: each state is one. */

/** @typedef {import('./run-figures.mjs').ScheduleRun} ScheduleRun */

/** @type {Readonly<Record<import('./module-life.mjs').State, string>>} */
export const STATES = {
  recording: CONTENDER,
  streaming: `${CONTENDER}, streaming only`,
  idle: `${CONTENDER}, no camera`,
};

/** A life that is recorded from its start on. */
export const YOUNG_STATES = { ...STATES, recording: `${CONTENDER}, first 30 s` };

/**
 * @typedef {object} SchedulePlan
 * @property {import('./module-life.mjs').LifeTimings} life
 * @property {import('./module-life.mjs').LifeTimings | null} young one more life, watched while V8 compiles; `null`: none
 * @property {readonly string[]} peers by name
 * @property {import('./watch-window.mjs').Timing} peer they need less warm-up: nothing is compiled
 */

/**
 * V8 makes room once, some 8 s after the launch, and compiles for most of a minute: up to a fifth of the cost. So each state is watched when
 * that is over, the recording from the 75th second on.
 *
 * @type {SchedulePlan}
 */
export const STEADY = {
  life: {
    idle: { warmUpS: 15, windowS: 10 },
    streaming: { warmUpS: 25, windowS: 10 },
    recording: { warmUpS: 13, windowS: 10 },
  },
  young: { idle: null, streaming: null, recording: { warmUpS: 3, windowS: 22 } },
  peers: ['ffmpeg', 'dd'],
  peer: { warmUpS: 3, windowS: 10 },
};

/** For the gate: the module is still compiling, which its limit allows for. @type {SchedulePlan} */
export const SHORT = {
  life: { idle: null, streaming: null, recording: { warmUpS: 2, windowS: 3 } },
  young: null,
  peers: ['ffmpeg'],
  peer: { warmUpS: 1, windowS: 3 },
};

/**
 * @typedef {object} ScheduleContender
 * @property {string} name
 * @property {number} seconds that one life takes
 * @property {(folder: string, round: number) => Promise<{ runs: ScheduleRun[], lost: number }>} live
 */

/**
 * @param {Pick<import('../bench.mjs').Setup, 'module' | 'frames'>} setup
 * @param {import('./module-life.mjs').LifeTimings} timings
 * @param {typeof STATES} [states] the contender's name in each state
 * @returns {ScheduleContender}
 */
export function moduleContender({ module, frames }, timings, states = STATES) {
  return {
    name: states.recording,
    seconds: 2 + lengthS(timings.idle) + lengthS(timings.streaming) + lengthS(timings.recording),
    live: async (folder, round) => {
      const before = usedSoFar();
      const costs = await moduleLife(folder, { module, frames, timings });
      const others = othersPercent(before, usedSoFar(), ticksPerSecond());
      const sent = { fps: FPS, frameBytes: frames.meanBytes };
      const runs = /** @type {const} */ (['recording', 'streaming', 'idle']).flatMap((state) => {
        const cost = costs[state];
        const which = { contender: states[state], round, othersPercent: others };
        return cost === null ? [] : [scheduleRun(which, cost, state === 'idle' ? null : sent)];
      });
      return { runs, lost: costs.lost };
    },
  };
}

/**
 * @param {Pick<import('../bench.mjs').Setup, 'ffmpeg' | 'frames'>} setup
 * @param {SchedulePlan} plan
 * @returns {ScheduleContender[]} those that are installed
 */
export function peerContenders({ ffmpeg, frames }, { peers, peer: timing }) {
  const installed = [...(ffmpeg === undefined ? [] : [ffmpegPeer(ffmpeg)]), DD];
  return installed
    .filter(({ name }) => peers.includes(name))
    .map((peer) => ({
      name: peer.name,
      seconds: 1 + lengthS(timing),
      live: async (folder, round) => {
        const before = usedSoFar();
        const cost = await peerLife(peer, folder, { frames, timing });
        const others = othersPercent(before, usedSoFar(), ticksPerSecond());
        const which = { contender: peer.name, round, othersPercent: others };
        return { runs: [scheduleRun(which, cost, { fps: FPS, frameBytes: frames.meanBytes })], lost: 0 };
      },
    }));
}
