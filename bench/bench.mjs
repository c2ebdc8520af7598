// @ts-check
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileSystemOf, roomIn } from './machine.mjs';
import { moduleRunner, peerRunners } from './contenders.mjs';
import { CONTENDER, measureStart } from './module-run.mjs';
import { contendersText, growthText, ratiosText, startText } from './report.mjs';
import { rotated, spread } from './statistics.mjs';
import { ratesOf, ratiosTo, summarize } from './summary.mjs';
import { GB } from './units.mjs';
import { Workspace } from './workspace.mjs';

/** Which measurements are made, where and in what order. */

/** @typedef {import('./summary.mjs').RatedRun} RatedRun */

/**
 * @typedef {object} Setup
 * @property {import('./options.mjs').Options} options
 * @property {string} module
 * @property {string | undefined} ffmpeg
 * @property {import('./frames.mjs').FrameSet} frames
 * @property {import('./machine.mjs').Machine} machine
 * @property {(text: string) => void} say results
 * @property {(text: string) => void} progress one line
 */

const MEMORY = '/dev/shm';
/** A run's file, and a bit more. */
const ROOM_FACTOR = 1.2;
const LAUNCHES = 10;
/** No new round after this long, where it has to be quick. */
const QUICK_LIMIT_MS = 80_000;
const GROWTH_GIGABYTES = [1, 4, 16];

/** @param {Setup} setup */
export async function runBench(setup) {
  const { options, frames, machine, module, say } = setup;
  if (!existsSync(module)) throw new Error(`${module} is not there: npm run build makes it.`);
  const missing = setup.ffmpeg === undefined ? ['ffmpeg'] : [];
  const skipped = missing.map((name) => `${name} is not installed: no comparison with it (apt-get install ${name}).`);

  /** @type {RatedRun[]} */
  const runs = [];
  const places = [];
  for (const place of placesFor(options, skipped)) {
    const measured = await measurePlace(setup, place, skipped);
    runs.push(...measured.runs);
    places.push(measured.summary);
  }
  const start = await startTimes(setup);
  const growth = options.quick ? [] : await measureGrowth(setup, options.dir ?? tmpdir(), skipped);

  for (const reason of skipped) say(`Left out: ${reason}\n`);
  const toFfmpeg = places[0]?.ratios.find(({ to }) => to === 'ffmpeg');
  const toCat = places[0]?.ratios.find(({ to }) => to === 'cat');
  return {
    ratios: {
      throughputVsFfmpeg: toFfmpeg?.throughput ?? null,
      cpuVsFfmpeg: toFfmpeg?.cpu ?? null,
      cpuWithStartVsFfmpeg: toFfmpeg?.cpuWithStart ?? null,
      throughputVsFfmpegPaired: toFfmpeg?.throughputPaired ?? null,
      cpuVsFfmpegPaired: toFfmpeg?.cpuPaired ?? null,
      throughputVsCat: toCat?.throughput ?? null,
      cpuVsCat: toCat?.cpu ?? null,
    },
    missing,
    skipped,
    machine,
    settings: {
      at: new Date().toISOString(),
      mode: options.quick ? 'quick' : 'full',
      rounds: options.runs,
      gigabytes: options.gigabytes,
      profiled: options.cpuProfile !== undefined,
      framesMadeBy: frames.madeBy,
      distinctFrames: frames.files.length,
      meanFrameBytes: frames.meanBytes,
    },
    places,
    start,
    growth,
    runs,
  };
}

/**
 * Memory first: there the programs are measured, on a disk the disk.
 *
 * @param {import('./options.mjs').Options} options
 * @param {string[]} skipped takes what is left out, and why
 * @returns {string[]}
 */
function placesFor({ dir, quick, gigabytes }, skipped) {
  if (dir !== undefined) {
    mkdirSync(dir, { recursive: true });
    return [dir];
  }
  const needed = gigabytes * GB * ROOM_FACTOR;
  const hasMemory = existsSync(MEMORY) && roomIn(MEMORY) >= needed;
  if (!hasMemory) skipped.push(`${MEMORY} has no room for ${gigabytes} GB: the figures depend on the disk.`);
  const temporary = tmpdir();
  const isDisk = fileSystemOf(temporary) !== 'tmpfs';
  if (!hasMemory) return [temporary];
  return quick || !isDisk ? [MEMORY] : [MEMORY, temporary];
}

/**
 * All contenders in turns, `options.runs` rounds.
 *
 * @param {Setup} setup
 * @param {string} place
 * @param {string[]} skipped takes what is left out, and why
 */
async function measurePlace(setup, place, skipped) {
  const { options, frames, say, progress } = setup;
  const deadline = performance.now() + (options.quick ? QUICK_LIMIT_MS : Infinity);
  requireRoom(place, options.gigabytes);
  const workspace = new Workspace(place);
  const fileSystem = fileSystemOf(place);
  const isDisk = fileSystem !== 'tmpfs';
  /** @type {RatedRun[]} */
  const runs = [];
  try {
    const contenders = [...(await peerRunners(setup, workspace, isDisk)), moduleRunner(setup)];
    for (let round = 0; round < options.runs; round += 1) {
      if (round > 0 && performance.now() > deadline) {
        skipped.push(`round ${round + 1} and later: it had to be quick, and this machine is slow.`);
        break;
      }
      for (const { name, run } of rotated(contenders, round)) {
        // What an earlier run left to be written would be written at this one's expense.
        if (isDisk) spawnSync('sync');
        const result = await workspace.within((folder) => run(folder, options.gigabytes));
        const rated = { round, place, ...result, ...ratesOf(result) };
        runs.push(rated);
        progress(
          `${place} round ${round + 1}/${options.runs} ${name}: ${rated.megabytesPerSecond.toFixed(0)} MB/s, ` +
            `${rated.cpuSecondsPerGb.toFixed(2)} CPU s/GB`,
        );
      }
    }
  } finally {
    workspace.remove();
  }
  const contenders = summarize(runs);
  const ratios = contenders.flatMap(({ contender }) => ratiosTo(runs, CONTENDER, contender) ?? []);
  const others = ratios.filter(({ to }) => to !== CONTENDER);
  const size = `${options.gigabytes} GB of ${Math.round(frames.meanBytes / 1000)} KB frames`;
  say(
    `\n${place} (${fileSystem}), ${size}: median (min to max)\n\n${contendersText(contenders)}\n${ratiosText(others)}`,
  );
  return { runs, summary: { place, fileSystem, contenders, ratios: others } };
}

/**
 * @param {string} place
 * @param {number} gigabytes
 */
function requireRoom(place, gigabytes) {
  if (roomIn(place) >= gigabytes * GB * ROOM_FACTOR) return;
  throw new Error(`${place} has no room for ${gigabytes} GB: take --gb with less, or --dir.`);
}

/** @param {Setup} setup */
async function startTimes({ module, frames, say, progress }) {
  progress(`start-up: ${LAUNCHES} launches`);
  const workspace = new Workspace(tmpdir());
  try {
    const newFolder = (/** @type {string} */ name) => {
      const folder = join(workspace.path, name);
      mkdirSync(folder);
      return folder;
    };
    const times = await measureStart({ module, files: frames.files, newFolder, launches: LAUNCHES });
    say(`\n${startText(times)}\n`);
    return {
      launches: LAUNCHES,
      bareNodeMs: spread(times.bareNodeMs),
      readyMs: spread(times.readyMs),
      ackMs: spread(times.ackMs),
    };
  } finally {
    workspace.remove();
  }
}

/**
 * Ours alone, longer and longer.
 *
 * @param {Setup} setup
 * @param {string} place
 * @param {string[]} skipped takes what is left out, and why
 * @returns {Promise<RatedRun[]>}
 */
async function measureGrowth(setup, place, skipped) {
  const workspace = new Workspace(place);
  const { name, run } = moduleRunner(setup);
  /** @type {RatedRun[]} */
  const runs = [];
  try {
    for (const [round, gigabytes] of GROWTH_GIGABYTES.entries()) {
      if (roomIn(place) < gigabytes * GB * ROOM_FACTOR) {
        skipped.push(`${gigabytes} GB: ${place} has no room for it.`);
        continue;
      }
      spawnSync('sync');
      setup.progress(`${place} ${name}: ${gigabytes} GB`);
      const result = await workspace.within((folder) => run(folder, gigabytes));
      runs.push({ round, place, ...result, ...ratesOf(result) });
    }
  } finally {
    workspace.remove();
  }
  setup.say(`How cost grows with length, ${place} (${fileSystemOf(place)}):\n\n${growthText(runs)}\n`);
  return runs;
}
