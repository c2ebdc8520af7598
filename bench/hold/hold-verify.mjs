// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { remembered } from '../children.mjs';
import { placedStep } from '../placed-step.mjs';
import { table } from '../table.mjs';
import { GB, MB } from '../units.mjs';
import { makeRecording } from './made-recording.mjs';
import { JUDGEMENT_HEAD, judgementRows } from './take-judge.mjs';
import { judgeVerify } from './verify-judge.mjs';

/** `csi-cameras verify` of a large video and of a long one: whole processes, in turns with `cat` of the same file. */

const LARGE = { frames: 8000, width: 1456, height: 1088, quality: 85 };
const LARGE_BYTES = 2 * GB;
const LONG = { frames: 2_600_000, width: 64, height: 48, quality: 50, makesChecksums: false };
const LONG_ROUNDS = 3;
/** Of a round, and of making the files. */
const ROUND_S = 2.5;
const MAKING_S = 40;
const USAGE = new URL('./usage-at-exit.mjs', import.meta.url).href;

/**
 * @param {{ module: string, dir: string, rounds: number }} options
 * @param {{ progress: (line: string) => void, failed: (what: string) => void }} listener
 * @returns {import('../steps.mjs').Step[]}
 */
export function verifySteps({ module, dir, rounds }, { progress, failed }) {
  const title = 'verifying a large video and a long one';
  return [
    placedStep(dir, { title, seconds: rounds * ROUND_S + MAKING_S, bytes: 2 * LARGE_BYTES }, async (workspace) => {
      const timed = await workspace.within((folder) => holdLarge(folder, module, rounds, progress));
      const peakMb = await workspace.within((folder) => holdLong(folder, module, progress));
      const judgements = judgeVerify({ ...timed, frames: LONG.frames, peakMb });
      process.stdout.write(`\n## Verifying\n\n${table(JUDGEMENT_HEAD, judgementRows(judgements))}`);
      if (judgements.some(({ kept }) => kept === false)) failed(title);
    }),
  ];
}

/** @param {string} folder @param {string} module @param {number} rounds @param {(line: string) => void} progress */
async function holdLarge(folder, module, rounds, progress) {
  const [plain, summed] = [join(folder, 'plain'), join(folder, 'summed')];
  const video = await makeRecording(plain, { ...LARGE, makesChecksums: false });
  await makeRecording(summed, { ...LARGE, makesChecksums: true });
  const verify = [process.execPath, module, 'verify'];
  const commands = {
    cat: ['cat', video],
    verify: [...verify, plain],
    verifySums: [...verify, summed],
    quick: [...verify, '--quick', plain],
  };
  /** @type {Record<keyof typeof commands, number[]>} */
  const seconds = { cat: [], verify: [], verifySums: [], quick: [] };
  const names = /** @type {(keyof typeof commands)[]} */ (Object.keys(commands));
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of names) {
      const took = await timeOf(commands[name]);
      // The first round only brings all into memory.
      if (round > 0) seconds[name].push(took);
    }
    if (round > 0) progress(`  round ${round} of ${rounds}: cat ${seconds.cat.at(-1)?.toFixed(2)} s`);
  }
  return { gigabytes: statSync(video).size / GB, ...seconds };
}

/** @param {string} folder @param {string} module @param {(line: string) => void} progress */
async function holdLong(folder, module, progress) {
  const session = join(folder, 'long');
  progress(`  making ${LONG.frames} small frames`);
  await makeRecording(session, LONG);
  /** @type {number[]} */
  const peakMb = [];
  for (let round = 1; round <= LONG_ROUNDS; round += 1) {
    const said = join(folder, 'usage.json');
    const env = { ...process.env, USAGE_FILE: said };
    await timeOf([process.execPath, '--import', USAGE, module, 'verify', session], env);
    const { maxRSS } = /** @type {NodeJS.ResourceUsage} */ (JSON.parse(readFileSync(said, 'utf8')));
    peakMb.push((maxRSS * 1024) / MB);
  }
  return peakMb;
}

/** Seconds from a program's start to its end. @param {readonly string[]} command @param {NodeJS.ProcessEnv} env */
async function timeOf([program = '', ...args], env = process.env) {
  const sinceMs = performance.now();
  const child = remembered(spawn(program, args, { env, stdio: ['ignore', 'ignore', 'inherit'] }));
  const [code] = /** @type {[number | null]} */ (await once(child, 'exit'));
  if (code !== 0) throw new Error(`${[program, ...args].join(' ')} ended with exit code ${code}.`);
  return (performance.now() - sinceMs) / 1000;
}
