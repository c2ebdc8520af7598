import type { CameraInfo, CameraSource } from '../capture/camera-source.js';
import { RpicamSource } from '../capture/rpicam-source.js';
import { systemClock, type Clock } from '../core/clock.js';
import { realFileSystem, type FileSystem } from '../core/file-system.js';
import type { LogSink } from '../logging/log-sink.js';
import { RotatingLogSink } from '../logging/rotating-log-sink.js';
import type { PipelineFactory } from '../pipeline/camera-pipeline.js';
import { defaultParts } from '../pipeline/default-parts.js';
import { LocalPipeline } from '../pipeline/local-pipeline.js';
import { ThreadedPipeline } from '../pipeline/thread/threaded-pipeline.js';
import { workerThreads } from '../pipeline/thread/worker-threads.js';
import { readConfig } from '../protocol/config.js';
import type { RecordingSession } from '../recording/recording-session.js';
import { captureToolOf } from './capture-tool.js';
import { CsiCamerasModule } from './csi-cameras-module.js';
import { container, instanceCachingFactory, type DependencyContainer, type InjectionToken } from './injection.js';
import { SystemLoadSignals, type LoadSignals } from './load/load-signals.js';
import { CLOCK, LOAD_SIGNALS, LOG_SINK, PIPELINE_FACTORY } from './tokens.js';

/** The one list of what the module is made of. It alone sees every room. */

export const CAMERA_SOURCE: InjectionToken<CameraSource> = Symbol('CameraSource');
export const RECORDING_SESSION: InjectionToken<RecordingSession> = Symbol('RecordingSession');
export const FILE_SYSTEM: InjectionToken<FileSystem> = Symbol('FileSystem');
export { CLOCK, LOAD_SIGNALS, LOG_SINK, PIPELINE_FACTORY, SystemLoadSignals };

/** Collaborators that a host or a test puts in the place of the default ones. */
export interface Collaborators {
  readonly cameraSource?: CameraSource;
  readonly recordingSession?: RecordingSession;
  readonly logSink?: LogSink;
  readonly clock?: Clock;
  readonly fileSystem?: FileSystem;
  readonly pipelineFactory?: PipelineFactory;
  readonly loadSignals?: LoadSignals;
}

/** A module of its own, with the default collaborators where none are given. Nothing starts before `start`. */
export function createCsiCamerasModule(replacements: Collaborators = {}): CsiCamerasModule {
  const own = container.createChildContainer();
  registerDefaults(own);
  const replace = <T>(token: InjectionToken<T>, value: T | undefined): void => {
    if (value !== undefined) own.register(token, { useValue: value });
  };
  replace(CAMERA_SOURCE, replacements.cameraSource);
  replace(RECORDING_SESSION, replacements.recordingSession);
  replace(LOG_SINK, replacements.logSink);
  replace(CLOCK, replacements.clock);
  replace(FILE_SYSTEM, replacements.fileSystem);
  replace(PIPELINE_FACTORY, replacements.pipelineFactory);
  replace(LOAD_SIGNALS, replacements.loadSignals);
  return own.resolve(CsiCamerasModule);
}

/** Registers every default: a host with a container of its own then registers over them what it replaces. */
export function registerDefaults(target: DependencyContainer): void {
  target.register(CLOCK, { useValue: systemClock });
  target.register(FILE_SYSTEM, { useValue: realFileSystem });
  target.register(LOG_SINK, {
    useFactory: instanceCachingFactory((c) => new RotatingLogSink({ clock: c.resolve(CLOCK) })),
  });
  target.register(LOAD_SIGNALS, {
    useFactory: instanceCachingFactory((c) => new SystemLoadSignals('/sys', c.resolve(FILE_SYSTEM))),
  });
  target.register(PIPELINE_FACTORY, { useFactory: pipelines });
}

/**
 * Each camera's pipeline lives in a thread of its own. A collaborator that was put in the place of a default one lives in
 * the module's thread and cannot cross: then the pipelines live here too, made of the same list.
 */
function pipelines(c: DependencyContainer): PipelineFactory {
  const [clock, fileSystem] = [c.resolve(CLOCK), c.resolve(FILE_SYSTEM)];
  const source = c.isRegistered(CAMERA_SOURCE, true) ? c.resolve(CAMERA_SOURCE) : undefined;
  const recordings = c.isRegistered(RECORDING_SESSION, true) ? c.resolve(RECORDING_SESSION) : undefined;
  const isReplaced =
    clock !== systemClock || fileSystem !== realFileSystem || source !== undefined || recordings !== undefined;
  if (isReplaced) {
    const replacements = { clock, fileSystem, source, recordings };
    return (options, onEvent) => new LocalPipeline(defaultParts(options, { onEvent }, replacements));
  }
  const startThread = workerThreads();
  return (options, onEvent) => new ThreadedPipeline({ options, startThread, clock, fileSystem, onEvent });
}

/**
 * The CSI cameras there are, for a person. `config` as for `start`.
 * Rejects with `capture_tool_missing`, `permission_denied` or `capture_failed`.
 */
export async function listCameras(config: unknown, signal: AbortSignal): Promise<readonly CameraInfo[]> {
  const captureTool = captureToolOf(readConfig(config).config);
  return new RpicamSource({ captureTool, clock: systemClock }).list(signal);
}
export type { CameraInfo };
