import assert from 'node:assert/strict';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cameraControl, type CameraControl } from '../harness/camera-control.js';
import { holdings } from '../harness/nothing-left.js';
import { expectDamage, removeHeld } from '../harness/recordings-held.js';
import { judge, type Judgement, type Sample } from './judge.js';
import { leaveEarlierLogs, LogBounds } from './log-bounds.js';
import { DAY_OF_FRAMES, type SoakOptions } from './options.js';
import { outcomeOf, type Outcome, type RunLength } from './outcome.js';
import { SoakHost } from './soak-host.js';
import { assign, CYCLES_PER_ROUND, stepOf, type Stage } from './steps.js';
import { expectNothingIn, Trials, type TrialTotals } from './trials.js';

export interface SoakResult {
  readonly outcome: Outcome;
  /** What went wrong apart from growth, a sentence each. */
  readonly problems: readonly string[];
  readonly judgements: readonly Judgement[];
  /** The share of the samples that was not judged. */
  readonly warmUp: number;
  readonly totals: TrialTotals & {
    readonly seconds: number;
    readonly cycles: number;
    readonly losses: number;
    readonly snapshots: number;
    readonly commands: number;
    readonly rotations: Readonly<Record<string, number>>;
    readonly logLinesLost: number;
    readonly exitCode: number | null;
  };
  readonly samples: readonly Sample[];
}

/** The speed that the first trial is planned with; later ones by what was measured. */
const FIRST_GUESS_FRAMES_PER_MS = 20;
const SMOOTHING = 0.2;
const SHORTEST_TRIAL_MS = 20;
const LONGEST_TRIAL_MS = 10_000;
const REAL_TIME_TRIAL_MS = 30_000;
const DAY_S = 86_400;
const MB = 2 ** 20;

/** `progress` gets a line now and then. `stop` ends the run after the present cycle, and what there is is judged. */
export async function soak(
  options: SoakOptions,
  progress: (line: string) => void,
  stop: AbortSignal,
): Promise<SoakResult> {
  const folder = await mkdtemp(join(options.dir ?? tmpdir(), 'csi-cameras-soak-'));
  expectDamage(folder, 'the times of a day go by within minutes, so frames arrive before they were taken', ['V17']);
  const run = new Soak(options, folder, progress, stop);
  try {
    return await run.run();
  } finally {
    run.close();
    await removeHeld(folder);
  }
}

class Soak {
  readonly #trials = new Trials();
  readonly #samples: Sample[] = [];
  readonly #problems: string[] = [];
  readonly #logs: LogBounds;
  #startedMs = performance.now();
  #host: SoakHost | undefined;
  #cycles = 0;
  #framesPerMs = FIRST_GUESS_FRAMES_PER_MS;
  #saidMs = 0;

  constructor(
    private readonly options: SoakOptions,
    private readonly folder: string,
    private readonly progress: (line: string) => void,
    private readonly stop: AbortSignal,
  ) {
    this.#logs = new LogBounds(join(folder, 'logs'));
  }

  async run(): Promise<SoakResult> {
    await leaveEarlierLogs(join(this.folder, 'logs'));
    const control = this.options.isSimulated ? await cameraControl(this.folder, this.#cameraSpeed()) : null;
    const host = await SoakHost.launch({
      folder: this.folder,
      config: await this.#config(),
      env: control?.env ?? {},
      leak: this.options.leak,
      onStatus: (status) => {
        this.#trials.hear(status);
      },
    });
    this.#host = host;
    const stage = this.#stage(host, control);
    let logLinesLost = 0;
    let exitCode: number | null = null;
    try {
      await host.ask({ command: 'start_session', session_dir: 'session_soak' }, 'command_ack');
      await assign(stage);
      this.#startedMs = performance.now();
      while (!this.#isOver()) await this.#cycle(stage);
      logLinesLost = await this.#linesLost(host);
      exitCode = await this.#quit(host);
    } catch (thrown) {
      this.#problems.push(`cycle ${this.#cycles + 1}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
    const judgements = this.#judge();
    const { losses, snapshots, commands } = stage;
    const counted = { seconds: this.#elapsedS(), cycles: this.#cycles, losses, snapshots, commands };
    return {
      outcome: outcomeOf(this.#problems, judgements, this.#length()),
      problems: this.#problems,
      judgements,
      warmUp: this.options.warmUp,
      totals: { ...this.#trials.totals, ...counted, rotations: this.#logs.rotations, logLinesLost, exitCode },
      samples: this.#samples,
    };
  }

  /** Whatever the module does. */
  close(): void {
    this.#host?.kill();
  }

  async #cycle(stage: Stage): Promise<void> {
    const { frames } = this.#trials.totals;
    await stepOf(this.#cycles)(stage);
    await this.#trials.settle();
    this.#cycles += 1;
    this.#learnSpeed(this.#trials.totals.frames - frames, stage.trialMs);
    stage.trialMs = this.#trialMs();
    await expectNothingIn(stage.recordingsFolder);
    this.#problems.push(...(await this.#logs.check()));
    await this.#sample(stage.host);
  }

  async #sample(host: SoakHost): Promise<void> {
    const { heapUsed, code, arrayBuffers, rss, timers, handles } = await host.figures();
    const memory = { heapUsed, heapData: heapUsed - code, arrayBuffers, rss };
    const { descriptors, children } = holdings(host.pid);
    const counts = { descriptors: descriptors.length, children: children.length, timers, handles };
    const { frames } = this.#trials.totals;
    this.#samples.push({ frames, elapsedS: this.#elapsedS(), days: this.#days(), ...memory, ...counts });
    if (performance.now() - this.#saidMs < 5_000) return;
    this.#saidMs = performance.now();
    const held = `heap ${(heapUsed / MB).toFixed(1)} MB, RSS ${(rss / MB).toFixed(0)} MB, ${descriptors.length} open files`;
    this.progress(`${this.#elapsedS().toFixed(0)} s: ${frames} frames in ${this.#cycles} cycles, ${held}`);
  }

  #judge(): readonly Judgement[] {
    try {
      return judge(this.#samples, { ...this.options, round: CYCLES_PER_ROUND });
    } catch (thrown) {
      this.#problems.push(thrown instanceof Error ? thrown.message : String(thrown));
      return [];
    }
  }

  async #linesLost(host: SoakHost): Promise<number> {
    const { data } = await host.ask({ command: 'get_status' }, 'status_report');
    const { application, commands, drops } = data.log_lines_lost;
    const lost = application + commands + drops;
    if (lost > 0) this.#problems.push(`${lost} log lines were lost.`);
    return lost;
  }

  async #quit(host: SoakHost): Promise<number | null> {
    const { children } = holdings(host.pid);
    const exitCode = await host.quit();
    assert.equal(exitCode, 0, 'exit code of the module');
    const left = children.filter((child) => isAlive(Number.parseInt(child, 10)));
    assert.deepEqual(left, [], 'processes that outlived the module');
    return exitCode;
  }

  #isOver(): boolean {
    const { end, cycles } = this.options;
    if (this.stop.aborted) return true;
    if ('minutes' in end) return this.#elapsedS() >= end.minutes * 60;
    return this.#trials.totals.frames >= end.frames && this.#cycles >= cycles;
  }

  #length(): RunLength {
    if ('frames' in this.options.end) return { count: this.#trials.totals.frames, unit: 'frames' };
    return { count: this.#elapsedS() / 60, unit: 'minutes' };
  }

  /** Faster than real time it is the frames that make a day. */
  #days(): number {
    if ('frames' in this.options.end) return this.#trials.totals.frames / DAY_OF_FRAMES;
    return this.#elapsedS() / DAY_S;
  }

  #elapsedS(): number {
    return (performance.now() - this.#startedMs) / 1_000;
  }

  #stage(host: SoakHost, control: CameraControl | null): Stage {
    const counts = { losses: 0, snapshots: 0, commands: 0, trial: 0 };
    return { host, control, trialMs: this.#trialMs(), recordingsFolder: this.folder, ...counts };
  }

  /** So long that the frames that are left are spread over the cycles that are left, at the speed seen so far. */
  #trialMs(): number {
    const { end, cycles } = this.options;
    if (!('frames' in end)) return Math.min(REAL_TIME_TRIAL_MS, (end.minutes * 60_000) / cycles);
    // On a busy machine frames go on coming while a stop waits: a run would have twice the frames that it was asked for.
    const framesLeft = Math.max(0, end.frames - this.#trials.totals.frames);
    const wantedMs = framesLeft / Math.max(1, cycles - this.#cycles) / this.#framesPerMs;
    return Math.min(LONGEST_TRIAL_MS, Math.max(SHORTEST_TRIAL_MS, wantedMs));
  }

  /** `frames` were recorded in a trial of `trialMs`. */
  #learnSpeed(frames: number, trialMs: number): void {
    this.#framesPerMs += SMOOTHING * (frames / trialMs - this.#framesPerMs);
  }

  async #config(): Promise<object> {
    const { config, isSimulated, end } = this.options;
    const own = config === undefined ? {} : (JSON.parse(await readFile(config, 'utf8')) as Record<string, object>);
    const logs = { level: 'debug' };
    if (!isSimulated) return { logs, ...own };
    const picture = { width: 160, height: 120, jpegQuality: 50, fps: 30 };
    if ('minutes' in end) return { simulate: true, camera: picture, logs, ...own };
    // A source that is faster than any disk: it waits instead of losing frames, or the day would consist of drops.
    const buffer = { whenFull: 'pauseSource' };
    const reconnect = { firstDelayMs: 50, maxDelayMs: 400 };
    return { simulate: true, camera: picture, buffer, reconnect, logs, ...own };
  }

  /** Timestamps stay on the grid of 30 frames a second, so that a day of the camera's own time goes by. */
  #cameraSpeed(): string {
    return 'frames' in this.options.end ? 'rate=unlimited' : '';
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
