// @ts-check
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileSystemOf, roomIn } from './machine.mjs';
import { CONTENDER, measureStart, runModule } from './module-run.mjs';
import { CAT, ffmpegPeer, runPeer, startCostOf, synced } from './peers.mjs';
import { contendersText, growthText, ratiosText, startText } from './report.mjs';
import { median, rotated, spread } from './statistics.mjs';
import { ratesOf, ratiosTo, summarize } from './summary.mjs';
import { GB } from './units.mjs';
import { Workspace } from './workspace.mjs';

/** Which measurements are made, where and in what order. */

/** @typedef {import('./peers.mjs').Peer} Peer */
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
const START_COST_RUNS = 3;
const LAUNCHES = 10;
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
    const measured = await measurePlace(setup, place);
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
 */
async function measurePlace(setup, place) {
  const { options, frames, say, progress } = setup;
  requireRoom(place, options.gigabytes);
  const workspace = new Workspace(place);
  const fileSystem = fileSystemOf(place);
  const isDisk = fileSystem !== 'tmpfs';
  /** @type {RatedRun[]} */
  const runs = [];
  try {
    const contenders = [...(await peerRunners(setup, workspace, isDisk)), moduleRunner(setup)];
    for (let round = 0; round < options.runs; round += 1) {
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
 * @typedef {object} Runner
 * @property {string} name
 * @property {(folder: string, gigabytes: number) => Promise<import('./peers.mjs').Run>} run
 */

/**
 * @param {Setup} setup
 * @param {Workspace} workspace
 * @param {boolean} isDisk then each peer runs a second time, durable as ours is
 * @returns {Promise<Runner[]>}
 */
async function peerRunners({ ffmpeg, frames }, workspace, isDisk) {
  const { files } = frames;
  const peers = [CAT, ...(ffmpeg === undefined ? [] : [ffmpegPeer(ffmpeg)])];
  const runners = [];
  for (const peer of isDisk ? [...peers, ...peers.map(synced)] : peers) {
    const costs = [];
    for (let time = 0; time < START_COST_RUNS; time += 1) {
      costs.push(await workspace.within((folder) => startCostOf(peer, folder, files)));
    }
    const startCost = median(costs);
    runners.push({
      name: peer.name,
      /** @type {Runner['run']} */
      run: (folder, gigabytes) => runPeer(peer, folder, { files, frames: countFor(gigabytes, frames), startCost }),
    });
  }
  return runners;
}

/**
 * @param {Setup} setup
 * @returns {Runner}
 */
function moduleRunner({ module, frames, options }) {
  return {
    name: CONTENDER,
    run: (folder, gigabytes) =>
      runModule(folder, {
        module,
        files: frames.files,
        frames: countFor(gigabytes, frames),
        expectedBytes: gigabytes * GB,
        cpuProfile: options.cpuProfile,
      }),
  };
}

/**
 * @param {number} gigabytes
 * @param {import('./frames.mjs').FrameSet} frames
 * @returns {number}
 */
function countFor(gigabytes, frames) {
  return Math.ceil((gigabytes * GB) / frames.meanBytes);
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
    return { launches: LAUNCHES, readyMs: spread(times.readyMs), ackMs: spread(times.ackMs) };
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
