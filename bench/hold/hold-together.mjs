// @ts-check
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { othersPercent, usedSoFar } from '../machine-share.mjs';
import { camerasText, placedStep } from '../placed-step.mjs';
import { cpuTimeOf, residentBytesOf, ticksPerSecond, totalOf } from '../process-figures.mjs';
import { rotated, spread } from '../statistics.mjs';
import { spreadText, table } from '../table.mjs';
import { MB } from '../units.mjs';
import { recordFor } from './record-for.mjs';
import { takesOf } from './take-files.mjs';
import { JUDGEMENT_HEAD, judgementRows, mismatches, sum, unevenSteps } from './take-judge.mjs';
import { cpuUsPerFrame, judgeTogether } from './together-judge.mjs';
import { VirtualModule } from './virtual-module.mjs';

/** Virtual cameras in one process for minutes; and before that some for seconds, to see what each further one costs. */

/** A frame of the widest view, bytes. */
const FRAME_BYTES = 250_000;
/** Of a recording: a thread that is seconds old is still compiling. */
const SETTLE_S = 10;
const ROUND_S = 15;
/** Slices of the measured time: their spread is that of the figure. */
const SLICES = 10;
const ROUND_SLICES = 3;
const STOP_LIMIT_MS = 15_000;
const TRIAL = 1;

/** @typedef {import('./together-judge.mjs').Stage} Stage */

/**
 * @typedef {object} TogetherOptions
 * @property {number} cameras
 * @property {number} minutes
 * @property {number} fps
 * @property {number} rounds of one, two and all cameras; 0: their cost is not compared
 * @property {{ width: number, height: number } | undefined} size
 */

/**
 * @param {TogetherOptions & { module: string, dir: string }} options
 * @param {{ progress: (line: string) => void, failed: (what: string) => void }} listener
 * @returns {import('../steps.mjs').Step[]}
 */
export function togetherSteps({ module, dir, cameras, minutes, fps, rounds, size }, { progress, failed }) {
  /** @type {Stage[][]} */
  const measured = [];
  /** @param {number} count @param {number} seconds @param {number} slices @param {(stage: Stage) => void} take */
  const step = (count, seconds, slices, take) =>
    placedStep(
      dir,
      {
        title: `${camerasText(count)} in one process at ${fps} fps for ${seconds} s`,
        seconds: seconds + SETTLE_S + 4,
        bytes: count * (seconds + SETTLE_S) * fps * FRAME_BYTES,
      },
      (workspace) =>
        workspace.within(async (folder) => {
          take(await recordStage(folder, { module, cameras: count, seconds, slices, fps, size }, progress));
        }),
    );
  const counts = [...new Set([1, 2, cameras])].filter((count) => count <= cameras);
  const short = Array.from({ length: rounds }, (_, round) =>
    rotated(counts, round).map((count) =>
      step(count, ROUND_S, ROUND_SLICES, (stage) => {
        (measured[round] ??= []).push(stage);
      }),
    ),
  ).flat();
  const long = step(cameras, minutes * 60, SLICES, (hold) => {
    const judgements = judgeTogether(hold, measured);
    process.stdout.write(`\n## Cameras together, in one process\n\n${stagesText(hold, measured)}\n`);
    process.stdout.write(table(JUDGEMENT_HEAD, judgementRows(judgements)));
    if (judgements.some(({ kept }) => kept === false)) failed(`${camerasText(cameras)} together`);
  });
  return [...short, long];
}

/**
 * @param {string} folder
 * @param {{ module: string, cameras: number, seconds: number, slices: number, fps: number, size: TogetherOptions['size'] }} settings
 * @param {(line: string) => void} progress
 * @returns {Promise<Stage>}
 */
async function recordStage(folder, { cameras, seconds, slices, fps, ...settings }, progress) {
  const session = join(folder, 'session_together');
  mkdirSync(session);
  const devices = Array.from({ length: cameras }, (_, index) => `picam:${index}`);
  const before = usedSoFar();
  const module = await VirtualModule.launch(join(folder, 'module'), devices, session, { fps, ...settings });
  const { host } = module;
  /** @type {Pick<Stage, 'corePercent' | 'residentMb'>} */
  const figures = { corePercent: [], residentMb: [] };
  /** @type {readonly import('../module-host.mjs').Status[]} */
  let stopped = [];
  try {
    await module.started(TRIAL);
    await recordFor(SETTLE_S, [module], () => {});
    for (let slice = 0; slice < slices; slice += 1) {
      const [usedS, atMs] = [totalOf(cpuTimeOf(host.pid)), performance.now()];
      const laterS = (seconds * (slices - 1 - slice)) / slices;
      await recordFor(seconds / slices, [module], slices === SLICES ? progress : () => {}, laterS);
      const elapsedS = (performance.now() - atMs) / 1000;
      figures.corePercent.push((100 * (totalOf(cpuTimeOf(host.pid)) - usedS)) / elapsedS);
      figures.residentMb.push(residentBytesOf(host.pid) / MB);
    }
    host.send('stop_recording');
    stopped = await host.find(STOP_LIMIT_MS, 'the last stop', (heard) => {
      const all = heard.filter(({ status }) => status === 'recording_stopped');
      return all.length >= cameras ? all : undefined;
    });
  } finally {
    await host.quit();
  }
  const others = othersPercent(before, usedSoFar(), ticksPerSecond());
  const takes = await takesOf(stopped);
  const data = stopped.map((status) => status.data);
  const dropped = sum(data.map((one) => Number(one['dropped'])));
  return {
    cameras,
    fps,
    seconds,
    ...figures,
    frames: sum(takes.map(({ told }) => told.frames)),
    dropped,
    missing: sum(takes.map(({ told }) => told.lost)) - dropped,
    mismatches: sum(takes.map(mismatches)),
    uneven: sum(takes.map((take) => unevenSteps(take, fps))),
    othersPercent: others,
  };
}

/**
 * @param {Stage} hold
 * @param {readonly (readonly Stage[])[]} rounds
 */
function stagesText(hold, rounds) {
  const counts = [...new Set(rounds.flat().map(({ cameras }) => cameras))].sort((a, b) => a - b);
  const short = counts.map((count) => {
    const stages = rounds.flat().filter(({ cameras }) => cameras === count);
    return stageRow(stages, stages.map(cpuUsPerFrame));
  });
  const slices = hold.corePercent.map((percent) => cpuUsPerFrame({ ...hold, corePercent: [percent] }));
  const head = ['cameras', 'for', 'frames', 'lost', 'of one core', 'CPU us/frame', 'resident MB', 'CPU of others'];
  return table(head, [...short, stageRow([hold], slices)]);
}

/** @param {readonly Stage[]} stages @param {readonly number[]} usPerFrame */
function stageRow(stages, usPerFrame) {
  const [first] = stages;
  if (first === undefined) return [];
  return [
    `${first.cameras} at ${first.fps} fps`,
    `${stages.length} x ${first.seconds} s`,
    String(sum(stages.map(({ frames }) => frames))),
    String(sum(stages.map(({ dropped, missing }) => dropped + missing))),
    `${spreadText(spread(stages.flatMap(({ corePercent }) => corePercent)), 1)} %`,
    spreadText(spread(usPerFrame), 0),
    spreadText(spread(stages.flatMap(({ residentMb }) => residentMb)), 0),
    `${Math.max(...stages.map(({ othersPercent: percent }) => percent)).toFixed(0)} %`,
  ];
}
