import type { Clock } from '../core/clock.js';
import type { FileSystem } from '../core/file-system.js';
import type { LogSink } from '../logging/log-sink.js';
import type { PipelineFactory } from '../pipeline/camera-pipeline.js';
import type { InjectionToken } from './injection.js';
import type { LoadSignals } from './load/load-signals.js';

/** Injection tokens of the module's own dependencies. `container.ts` has the tokens of the pipelines' dependencies. */
export const CLOCK: InjectionToken<Clock> = Symbol('Clock');
export const FILE_SYSTEM: InjectionToken<FileSystem> = Symbol('FileSystem');
export const LOG_SINK: InjectionToken<LogSink> = Symbol('LogSink');
export const LOAD_SIGNALS: InjectionToken<LoadSignals> = Symbol('LoadSignals');
export const PIPELINE_FACTORY: InjectionToken<PipelineFactory> = Symbol('PipelineFactory');
