// @ts-check
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileSystemOf } from '../machine.mjs';
import { STEADY, moduleContender } from '../schedule/contenders.mjs';
import { liveAlone, runText } from '../schedule/side-by-side.mjs';
import { rotated, spread } from '../statistics.mjs';
import { runSteps } from '../steps.mjs';
import { Workspace } from '../workspace.mjs';
import { jsonText } from '../write-results.mjs';
import { againstText } from './against-report.mjs';
import { differencesOf } from './difference.mjs';
import { buildRevision, resolveRevision } from './other-build.mjs';

/** This build and one of another revision, in turns on schedule. */

/** @typedef {import('../schedule/run-figures.mjs').ScheduleRun} ScheduleRun */

/** @param {import('../bench.mjs').Setup} setup */
export async function runAgainst(setup) {
  const { options, module, machine } = setup;
  const revision = resolveRevision(options.against ?? '');
  if (!existsSync(module)) throw new Error(`${module} is not there: npm run build makes it.`);
  const place = options.dir ?? tmpdir();
  mkdirSync(place, { recursive: true });
  const builds = new Workspace(tmpdir());
  const workspace = new Workspace(place);
  try {
    setup.progress(`Building ${revision.name}`);
    const present = sideOf('this', setup, module);
    const other = sideOf('that', setup, await buildRevision(revision, builds.path));
    const seconds = 2 * moduleContender(setup, STEADY.life).seconds;
    const rounds = Array.from({ length: options.runs }, (_, round) => ({
      title: 'a round: both builds on schedule',
      seconds,
      run: () => oneRound([present, other], { round, workspace, progress: setup.progress }),
    }));
    await runSteps(rounds, setup);
    const against = {
      present: machine.module,
      other: revision.name,
      fileSystem: fileSystemOf(place),
      othersPercent: spread([...present.runs, ...other.runs].map(({ othersPercent }) => othersPercent)),
      lost: { present: present.lost, other: other.lost },
      differences: differencesOf(present.runs, other.runs),
    };
    process.stdout.write(`\n${againstText(against)}`);
    if (options.json !== undefined) {
      const runs = { present: present.runs, other: other.runs };
      writeFileSync(options.json, jsonText({ machine, commit: revision.commit, ...against, runs }));
    }
  } finally {
    workspace.remove();
    builds.remove();
  }
}

/**
 * @typedef {object} Side
 * @property {string} name
 * @property {import('../schedule/contenders.mjs').ScheduleContender['live']} live
 * @property {ScheduleRun[]} runs
 * @property {number} lost
 */

/** @param {string} name @param {import('../bench.mjs').Setup} setup @param {string} module @returns {Side} */
function sideOf(name, setup, module) {
  return { name, live: moduleContender({ ...setup, module }, STEADY.life).live, runs: [], lost: 0 };
}

/**
 * @param {readonly Side[]} sides
 * @param {{ round: number, workspace: Workspace, progress: (line: string) => void }} where
 */
async function oneRound(sides, { round, workspace, progress }) {
  for (const side of rotated(sides, round)) {
    const { runs, lost } = await liveAlone(workspace, side.live, round);
    side.runs.push(...runs);
    side.lost += lost;
    progress(`  ${side.name}: ${runs.map((run) => runText(run)).join('; ')}`);
  }
}
