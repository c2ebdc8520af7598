import type { Clock } from '../../core/clock.js';
import { LOAD_LEVELS, type LoadLevel } from '../../core/load-level.js';
import type { PipelineFigures } from '../../pipeline/pipeline-messages.js';
import { NO_LOAD, nextLoadLevel, type Load, type LoadFigures } from './load-judgement.js';
import type { LoadSignals } from './load-signals.js';

const SAMPLE_PERIOD_MS = 1000;
/** A supply voltage that drops again within a minute counts as the same fault. */
const UNDER_VOLTAGE_OVER_AFTER_SAMPLES = 60;
/** Exposure, readout, encoding and writing of a frame may need this many frame times. Time beyond that is delay. */
const EXPECTED_FRAME_TIMES = 5;
/** No disk makes a frame this late. A larger value means that the source's timestamps come from another clock. */
const OTHER_CLOCK_MS = 600_000;

export interface LoadChange {
  readonly was: LoadLevel;
  readonly level: LoadLevel;
  /** The figures that caused the change. */
  readonly figures: LoadFigures;
}

export interface LoadGovernorDependencies {
  readonly clock: Clock;
  readonly signals: LoadSignals;
  /** The last figures of every streaming camera. */
  readonly pipelines: () => readonly PipelineFigures[];
  readonly onChange: (change: LoadChange) => void;
  /** The supply voltage became too low. Called once, and again only after a minute of good voltage. */
  readonly onUnderVoltage: () => void;
}

/** Decides the load level once a second. Acting on the level belongs to `load-effects.ts` and the pipelines. */
export class LoadGovernor {
  #load: Load = NO_LOAD;
  #figures: LoadFigures = {
    bufferFill: 0,
    writeDelayMs: 0,
    eventLoopDelayMs: 0,
    temperatureC: null,
    isUnderVoltage: null,
  };
  /** Samples since the supply voltage was last too low. */
  #samplesWell = UNDER_VOLTAGE_OVER_AFTER_SAMPLES;
  #stop: () => void = () => {};

  constructor(private readonly dependencies: LoadGovernorDependencies) {}

  get level(): LoadLevel {
    return this.#load.level;
  }

  /** The figures of the last sample. */
  get figures(): LoadFigures {
    return this.#figures;
  }

  start(): void {
    const { clock, signals } = this.dependencies;
    signals.open();
    const cancel = clock.every(SAMPLE_PERIOD_MS, () => {
      this.#sample();
    });
    this.#stop = () => {
      cancel();
      signals.close();
    };
  }

  /** May be called twice. */
  stop(): void {
    this.#stop();
  }

  #sample(): void {
    const { signals, pipelines, onChange, onUnderVoltage } = this.dependencies;
    const was = this.#load.level;
    const figures = { ...worstOf(pipelines()), ...signals.read() };
    this.#figures = figures;
    this.#load = nextLoadLevel(this.#load, figures);
    if (this.#isNewUnderVoltage(figures)) onUnderVoltage();
    if (this.#load.level !== was) onChange({ was, level: this.#load.level, figures });
  }

  #isNewUnderVoltage({ isUnderVoltage }: LoadFigures): boolean {
    if (isUnderVoltage !== true) {
      this.#samplesWell += 1;
      return false;
    }
    const isNew = this.#samplesWell >= UNDER_VOLTAGE_OVER_AFTER_SAMPLES;
    this.#samplesWell = 0;
    return isNew;
  }
}

/** Whether `level` gives up more than `other`. */
export function isHeavier(level: LoadLevel, other: LoadLevel): boolean {
  return LOAD_LEVELS.indexOf(level) > LOAD_LEVELS.indexOf(other);
}

function worstOf(pipelines: readonly PipelineFigures[]): Pick<LoadFigures, 'bufferFill' | 'writeDelayMs'> {
  return {
    bufferFill: Math.max(0, ...pipelines.map((figures) => figures.bufferFill)),
    writeDelayMs: Math.max(0, ...pipelines.map((figures) => writeDelayMs(figures))),
  };
}

function writeDelayMs({ latencyMs, captureFps }: PipelineFigures): number {
  if (captureFps <= 0 || latencyMs.median > OTHER_CLOCK_MS) return 0;
  return latencyMs.median - (EXPECTED_FRAME_TIMES * 1000) / captureFps;
}
