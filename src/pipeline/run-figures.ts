import type { SourceFormat } from '../capture/camera-source.js';
import type { Clock } from '../core/clock.js';
import { SLOWED_REPORTING_FACTOR, type LoadLevel } from '../core/load-level.js';
import type { DropReporter } from './drop-reporter.js';
import { FrameFacts } from './frame-facts.js';
import type { PipelineEvent } from './pipeline-messages.js';
import type { FiguresElsewhere, PipelineMetrics } from './pipeline-metrics.js';

const PERIOD_MS = 500;
/** The frame with which the first figures come: whoever changed a setting wants to know soon what the camera made of it. */
const FIRST_FIGURES_FRAME = 3;

export interface RunFiguresDependencies {
  readonly run: number;
  readonly deviceId: string;
  readonly clock: Clock;
  readonly metrics: PipelineMetrics;
  readonly drops: DropReporter;
  readonly recording: { readonly figures: () => Omit<FiguresElsewhere, 'drops' | 'given' | 'focus' | 'sync'> };
  readonly loadLevel: LoadLevel;
  /** Never throws. */
  readonly emit: (event: PipelineEvent) => void;
}

/** What a run tells of itself twice a second: figures, drops that were held back, and bytes that are no JPEG. */
export class RunFigures {
  readonly facts = new FrameFacts();
  #format: SourceFormat | null = null;
  #corruptBytes = 0;
  #isSlowed: boolean;
  /** Periods since the figures were last reported. */
  #heldBack = 0;
  #cancel = (): void => undefined;

  constructor(private readonly dependencies: RunFiguresDependencies) {
    this.#isSlowed = dependencies.loadLevel === 'reportingSlowed';
  }

  start(): void {
    this.#cancel = this.dependencies.clock.every(PERIOD_MS, () => {
      this.#tick();
    });
  }

  /** Reports what is left, besides figures. */
  end(): void {
    this.#cancel();
    this.dependencies.drops.flush();
    this.#reportCorruption();
  }

  setLoadLevel(level: LoadLevel): void {
    this.#isSlowed = level === 'reportingSlowed';
  }

  noteFormat(format: SourceFormat): void {
    this.#format = format;
  }

  /** Call it with each frame, after it was routed. `frameNumber`: from 1. */
  noteRouted(frameNumber: number): void {
    if (frameNumber === FIRST_FIGURES_FRAME) this.#emitFigures();
  }

  noteCorrupt(byteCount: number): void {
    this.#corruptBytes += byteCount;
  }

  #tick(): void {
    this.dependencies.drops.tick();
    this.#reportCorruption();
    this.#heldBack += 1;
    if (this.#isSlowed && this.#heldBack < SLOWED_REPORTING_FACTOR) return;
    this.#heldBack = 0;
    this.#emitFigures();
  }

  #emitFigures(): void {
    const { run, clock, drops, recording, metrics, emit } = this.dependencies;
    const elsewhere = {
      drops: { ...drops.totals },
      given: this.facts.given(this.#format),
      focus: this.facts.takeFocus(),
      sync: this.facts.sync,
      ...recording.figures(),
    };
    emit({ type: 'figures', run, figures: metrics.figures(elsewhere, clock.monotonicNs()) });
  }

  #reportCorruption(): void {
    if (this.#corruptBytes === 0) return;
    const { deviceId, run, emit } = this.dependencies;
    const context = { device: deviceId, run, bytes: this.#corruptBytes };
    this.#corruptBytes = 0;
    emit({ type: 'log', level: 'warn', message: 'Bytes that are not a JPEG were discarded.', context });
  }
}
