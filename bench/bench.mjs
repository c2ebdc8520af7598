// @ts-check
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { peersOf } from './contenders.mjs';
import { figuresOf } from './figures.mjs';
import { measureFlatOut } from './flat-out.mjs';
import { measureGrowth } from './growth.mjs';
import { GOALS, GUARDS, judge, judgeTwice } from './limits.mjs';
import { fileSystemOf, roomIn } from './machine.mjs';
import { pacedStep } from './paced.mjs';
import { GSTREAMER } from './peers.mjs';
import { ROOM_FACTOR, camerasText, placedStep } from './placed-step.mjs';
import { measureProofCosts } from './proof-costs.mjs';
import { SHORT, STEADY } from './schedule/contenders.mjs';
import { sideBySideStep } from './schedule/side-by-side.mjs';
import { measureStart } from './start-times.mjs';
import { runSteps } from './steps.mjs';
import { GB } from './units.mjs';

/** Which measurements are made, where and in what order. */

/**
 * @typedef {object} Setup
 * @property {import('./options.mjs').Options} options
 * @property {string} module
 * @property {string | undefined} ffmpeg
 * @property {string | undefined} gstreamerMissing why GStreamer cannot be compared with
 * @property {import('./frames.mjs').FrameSet} frames
 * @property {import('./machine.mjs').Machine} machine
 * @property {(line: string) => void} progress
 */

/**
 * @typedef {object} Measured
 * @property {import('./flat-out.mjs').FlatOut[]} flatOut the first one is the one that ratios are told of
 * @property {import('./schedule/side-by-side.mjs').SideBySide | null} schedule
 * @property {import('./paced.mjs').Paced[]} paced
 * @property {import('./proof-costs.mjs').ProofCosts | null} proof
 * @property {import('./start-times.mjs').StartTimes | null} start
 * @property {import('./growth.mjs').Growth[]} growth
 * @property {string[]} skipped what was left out, and why
 * @property {readonly import('./limits.mjs').Verdict[]} verdicts
 */

/** @typedef {import('./steps.mjs').Step} Step */

/** @returns {Measured} */
export const nothingMeasured = () => ({
  flatOut: [],
  schedule: null,
  paced: [],
  proof: null,
  start: null,
  growth: [],
  skipped: [],
  verdicts: [],
});

const MEMORY = '/dev/shm';
const CAMERAS = [1, 2, 4];
const PACED_SECONDS = 20;
const LAUNCHES = 10;
const RECORD_MS = 800;
/** No new round after this long, where it has to be quick. */
const QUICK_LIMIT_MS = 80_000;
/** The long recording, over a round's. */
const GROWTH_FACTOR = 8;
const CI_SCHEDULE = { plan: SHORT, rounds: 2 };
const CI = { cameras: 2, seconds: 5, fps: 60, launches: 3, recordMs: 400 };
/** What a round of all contenders takes, seconds a GB; to say how long the rest will take. */
const ROUND_SECONDS_PER_GB = 8;

/**
 * @param {'full' | 'quick' | 'schedule' | 'ci'} mode
 * @param {Setup} setup
 * @returns {Promise<Measured>}
 */
export async function runBench(mode, setup) {
  const { options, module, ffmpeg, gstreamerMissing } = setup;
  if (!existsSync(module)) throw new Error(`${module} is not there: npm run build makes it.`);
  if (options.dir !== undefined) mkdirSync(options.dir, { recursive: true });
  /** @type {Measured} */
  const measured = nothingMeasured();
  if (ffmpeg === undefined) {
    measured.skipped.push('ffmpeg is not installed: no comparison with it (apt-get install ffmpeg).');
  }
  if (['full', 'quick'].includes(mode) && gstreamerMissing !== undefined) measured.skipped.push(gstreamerMissing);
  const bench = new Bench(setup, measured);
  const modes = {
    full: () => bench.full(),
    quick: () => bench.quick(),
    schedule: () => bench.schedule(),
    ci: () => bench.ci(),
  };
  await modes[mode]();
  return measured;
}

/** The modes, made of the same measurements. */
class Bench {
  /** @param {Setup} setup @param {Measured} measured */
  constructor(setup, measured) {
    this.setup = setup;
    this.measured = measured;
  }

  async full() {
    const { options } = this.setup;
    const places = this.#places();
    const disk = options.dir ?? tmpdir();
    const [first = disk, ...others] = places;
    const peers = peersOf(this.setup);
    // The slowest by far: once is enough.
    const fast = peers.filter((peer) => peer !== GSTREAMER);
    await this.#run([
      ...CAMERAS.map((cameras) => this.#flatOut(first, { peers: cameras === 1 ? peers : fast, cameras, probed: true })),
      ...others.map((place) => this.#flatOut(place, { peers: fast, cameras: 1 })),
      this.#schedule(disk, { plan: STEADY, rounds: options.runs }),
      ...CAMERAS.map((cameras) => this.#paced(disk, { cameras, seconds: PACED_SECONDS, fps: 60 })),
      this.#proof(first),
      this.#start(disk, { launches: LAUNCHES, recordMs: RECORD_MS }),
      ...[first, disk]
        .filter((place, index, all) => all.indexOf(place) === index)
        .flatMap((place) => this.#growth(place)),
    ]);
    // In the first seconds V8 still compiles: what two cameras cost on schedule is judged over minutes (`npm run hold`).
    const goals = GOALS.filter(({ figure }) => figure !== 'corePercent');
    this.measured.verdicts = judge(goals, figuresOf(this.measured));
  }

  async quick() {
    const [place = tmpdir()] = this.#places();
    await this.#run([this.#flatOut(place, { peers: peersOf(this.setup), cameras: 1, limitMs: QUICK_LIMIT_MS })]);
  }

  async schedule() {
    const { dir, runs } = this.setup.options;
    await this.#run([this.#schedule(dir ?? tmpdir(), { plan: STEADY, rounds: runs })]);
  }

  async ci() {
    const [place = tmpdir()] = this.#places();
    const { options, progress } = this.setup;
    const peers = peersOf(this.setup).filter(({ name }) => name === 'ffmpeg');
    const steps = {
      flatOut: this.#flatOut(place, { peers, cameras: 1 }),
      schedule: this.#schedule(options.dir ?? tmpdir(), CI_SCHEDULE),
      paced: this.#paced(options.dir ?? tmpdir(), CI),
      proof: this.#proof(place),
      start: this.#start(options.dir ?? tmpdir(), CI),
    };
    await this.#run(Object.values(steps));
    this.measured.verdicts = await judgeTwice(
      GUARDS,
      () => figuresOf(this.measured),
      async (measurement) => {
        progress(`Once more, since a limit was not kept: ${steps[measurement].title}`);
        if (measurement === 'flatOut' || measurement === 'paced') this.measured[measurement].length = 0;
        await steps[measurement].run();
      },
    );
  }

  /** @param {readonly Step[]} steps */
  async #run(steps) {
    await runSteps(steps, this.setup);
  }

  /**
   * Memory first: there the programs are measured, on a disk the disk.
   *
   * @returns {string[]}
   */
  #places() {
    const { dir, gigabytes } = this.setup.options;
    if (dir !== undefined) return [dir];
    const hasMemory = existsSync(MEMORY) && roomIn(MEMORY) >= gigabytes * GB * ROOM_FACTOR;
    if (!hasMemory) {
      this.measured.skipped.push(`${MEMORY} has no room for ${gigabytes} GB: the figures depend on the disk.`);
    }
    const isDisk = fileSystemOf(tmpdir()) !== 'tmpfs';
    if (!hasMemory) return [tmpdir()];
    return isDisk ? [MEMORY, tmpdir()] : [MEMORY];
  }

  /**
   * @param {string} place
   * @param {import('./flat-out.mjs').FlatOutSettings} settings
   * @returns {Step}
   */
  #flatOut(place, settings) {
    const { runs, gigabytes } = this.setup.options;
    return placedStep(
      place,
      {
        title: `flat out in ${place}, ${camerasText(settings.cameras)}: ${runs} rounds of ${gigabytes} GB`,
        seconds: runs * gigabytes * ROUND_SECONDS_PER_GB,
        bytes: gigabytes * GB,
      },
      async (workspace) => {
        this.measured.flatOut.push(await measureFlatOut(this.setup, workspace, settings));
      },
    );
  }

  /** @param {string} place @param {{ cameras: number, seconds: number, fps: number }} settings @returns {Step} */
  #paced(place, settings) {
    return pacedStep(this.setup, this.measured, place, settings);
  }

  /** @param {string} place @param {import('./schedule/side-by-side.mjs').Settings} settings @returns {Step} */
  #schedule(place, settings) {
    return sideBySideStep(this.setup, this.measured, place, settings);
  }

  /**
   * @param {string} place
   * @param {{ launches: number, recordMs: number }} settings
   * @returns {Step}
   */
  #start(place, { launches, recordMs }) {
    return placedStep(
      place,
      { title: `start-up: ${launches} launches`, seconds: launches * ((2 * recordMs) / 1000 + 1.2), bytes: GB },
      async (workspace) => {
        this.measured.start = await measureStart(this.setup, workspace, { launches, recordMs });
      },
    );
  }

  /** @param {string} place @returns {Step} */
  #proof(place) {
    const title = 'checksums and info files';
    return placedStep(place, { title, seconds: 2, bytes: 1e7 }, async (workspace) => {
      this.measured.proof = await measureProofCosts(this.setup, workspace);
      if (this.measured.proof === null) this.measured.skipped.push(`${title}: that build makes none.`);
    });
  }

  /** @param {string} place @returns {Step[]} */
  #growth(place) {
    const room = Math.floor(roomIn(place) / ROOM_FACTOR / GB);
    const wanted = this.setup.options.gigabytes * GROWTH_FACTOR;
    const gigabytes = Math.min(wanted, room);
    if (gigabytes < wanted) {
      this.measured.skipped.push(`growth beyond ${gigabytes} GB: ${place} has no room for ${wanted} GB.`);
    }
    if (gigabytes < 1) return [];
    return [
      placedStep(
        place,
        { title: `one long recording in ${place}, ${gigabytes} GB`, seconds: gigabytes * 5, bytes: gigabytes * GB },
        async (workspace) => {
          this.measured.growth.push(...(await measureGrowth(this.setup, workspace, gigabytes)));
        },
      ),
    ];
  }
}
