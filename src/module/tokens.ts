import type { Clock } from '../core/clock.js';
import type { FileSystem } from '../core/file-system.js';
import type { LogSink } from '../logging/log-sink.js';
import type { PipelineFactory } from '../pipeline/camera-pipeline.js';
import type { InjectionToken } from './injection.js';
import type { LoadSignals } from './load/load-signals.js';

// The tokens of the module's own dependencies. `container.ts` has those of the pipelines' dependencies.

/** Token of the clock. Default: the machine's. */
export const CLOCK: InjectionToken<Clock> = Symbol('Clock');
/** Token of the file system. Default: Node's. */
export const FILE_SYSTEM: InjectionToken<FileSystem> = Symbol('FileSystem');
/** Token of the logs. Default: three rotated files in `logDir`. */
export const LOG_SINK: InjectionToken<LogSink> = Symbol('LogSink');
/** Token of what measures the load. Default: `SystemLoadSignals`. */
export const LOAD_SIGNALS: InjectionToken<LoadSignals> = Symbol('LoadSignals');
/** Token of what makes a camera's pipeline. Default: one in a thread of its own. */
export const PIPELINE_FACTORY: InjectionToken<PipelineFactory> = Symbol('PipelineFactory');
