import type { Clock } from '../../core/clock.js';
import { LOAD_LEVELS, type LoadLevel } from '../../core/load-level.js';
import type { PipelineFigures } from '../../pipeline/pipeline-messages.js';
import { NO_LOAD, nextLoadLevel, type Load, type LoadFigures } from './load-judgement.js';
import type { LoadSignals } from './load-signals.js';

const SAMPLE_PERIOD_MS = 1000;
/** A supply that dips again within a minute is still the same trouble. */
const UNDER_VOLTAGE_OVER_AFTER_SAMPLES = 60;
/** A frame is exposed, read out, encoded and written within so many frame times; what is beyond is delay. */
const EXPECTED_FRAME_TIMES = 5;
/** No disk makes a frame this late: the source's timestamps are of another clock. */
const OTHER_CLOCK_MS = 600_000;

export interface LoadChange {
  readonly was: LoadLevel;
  readonly level: LoadLevel;
  /** What caused it. */
  readonly figures: LoadFigures;
}

export interface LoadGovernorParts {
  readonly clock: Clock;
  readonly signals: LoadSignals;
  /** The last figures of every camera that streams. */
  readonly pipelines: () => readonly PipelineFigures[];
  readonly onChange: (change: LoadChange) => void;
  /** The supply's voltage has become too low: once, until it was well for a minute. */
  readonly onUnderVoltage: () => void;
}

/** Decides once a second how much the process can afford besides recording. What follows from a level is others' part. */
export class LoadGovernor {
  #load: Load = NO_LOAD;
  #figures: LoadFigures = {
    bufferFill: 0,
    writeDelayMs: 0,
    eventLoopDelayMs: 0,
    temperatureC: null,
    isUnderVoltage: null,
  };
  /** Samples since the supply's voltage was last too low. */
  #samplesWell = UNDER_VOLTAGE_OVER_AFTER_SAMPLES;
  #stop: () => void = () => {};

  constructor(private readonly parts: LoadGovernorParts) {}

  get level(): LoadLevel {
    return this.#load.level;
  }

  /** Of the last sample. */
  get figures(): LoadFigures {
    return this.#figures;
  }

  start(): void {
    const { clock, signals } = this.parts;
    signals.open();
    const cancel = clock.every(SAMPLE_PERIOD_MS, () => {
      this.#sample();
    });
    this.#stop = () => {
      cancel();
      signals.close();
    };
  }

  /** Twice is once. */
  stop(): void {
    this.#stop();
  }

  #sample(): void {
    const { signals, pipelines, onChange, onUnderVoltage } = this.parts;
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
