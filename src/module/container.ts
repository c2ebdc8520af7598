import { type CameraKind, cameraHolders } from '../capture/camera-holders.js';
import type { CameraInfo, CameraSource } from '../capture/camera-source.js';
import { RpicamSource } from '../capture/rpicam-source.js';
import { takeStill as takeStillWith, type Still, type StillRequest } from '../capture/still/take-still.js';
import { systemClock, type Clock } from '../core/clock.js';
import { realFileSystem, type FileSystem } from '../core/file-system.js';
import type { LogSink } from '../logging/log-sink.js';
import { RotatingLogSink } from '../logging/rotating-log-sink.js';
import type { PipelineFactory } from '../pipeline/camera-pipeline.js';
import { defaultDependencies } from '../pipeline/default-dependencies.js';
import { LocalPipeline } from '../pipeline/local-pipeline.js';
import { ThreadedPipeline } from '../pipeline/thread/threaded-pipeline.js';
import { workerThreads } from '../pipeline/thread/worker-threads.js';
import { readConfig } from '../protocol/config.js';
import type { RecordingSession } from '../recording/recording-session.js';
import { captureToolOf, stillToolOf } from './capture-tool.js';
import { CsiCamerasModule } from './csi-cameras-module.js';
import { container, instanceCachingFactory, type DependencyContainer, type InjectionToken } from './injection.js';
import { SystemLoadSignals, type LoadSignals } from './load/load-signals.js';
import { CLOCK, FILE_SYSTEM, LOAD_SIGNALS, LOG_SINK, PIPELINE_FACTORY } from './tokens.js';

// Registers everything that the module is made of. Only this file may import from every folder.

/** Token of the source of frames. Default: the capture tool, in a thread for each camera. */
export const CAMERA_SOURCE: InjectionToken<CameraSource> = Symbol('CameraSource');
/** Token of what writes recordings. Default: video, rows and info file on the disk. */
export const RECORDING_SESSION: InjectionToken<RecordingSession> = Symbol('RecordingSession');
export { CLOCK, FILE_SYSTEM, LOAD_SIGNALS, LOG_SINK, PIPELINE_FACTORY, SystemLoadSignals };

/** Dependencies that a host or a test puts in place of the default ones. */
export interface ModuleDependencies {
  readonly cameraSource?: CameraSource;
  readonly recordingSession?: RecordingSession;
  readonly logSink?: LogSink;
  readonly clock?: Clock;
  readonly fileSystem?: FileSystem;
  readonly pipelineFactory?: PipelineFactory;
  readonly loadSignals?: LoadSignals;
}

/** Makes a module. Every dependency that is not given is the default one. Nothing starts before `start`. */
export function createCsiCamerasModule(replacements: ModuleDependencies = {}): CsiCamerasModule {
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

/** Registers every default dependency. A host with its own container then registers its replacements over them. */
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
 * Each camera's pipeline runs in its own thread. A replaced dependency lives in the module's thread and cannot cross
 * to another one. In that case the pipelines run in the module's thread too, with the same parts.
 */
function pipelines(c: DependencyContainer): PipelineFactory {
  const [clock, fileSystem] = [c.resolve(CLOCK), c.resolve(FILE_SYSTEM)];
  const source = c.isRegistered(CAMERA_SOURCE, true) ? c.resolve(CAMERA_SOURCE) : undefined;
  const recordings = c.isRegistered(RECORDING_SESSION, true) ? c.resolve(RECORDING_SESSION) : undefined;
  const isReplaced =
    clock !== systemClock || fileSystem !== realFileSystem || source !== undefined || recordings !== undefined;
  if (isReplaced) {
    const replacements = { clock, fileSystem, source, recordings };
    return (options, onEvent) => new LocalPipeline(defaultDependencies(options, { onEvent }, replacements));
  }
  const startThread = workerThreads();
  return (options, onEvent) => new ThreadedPipeline({ options, startThread, clock, fileSystem, onEvent });
}

/**
 * Lists the connected CSI cameras. `config` is the same as for `start`.
 * Rejects with `capture_tool_missing`, `permission_denied` or `capture_failed`.
 */
export async function listCameras(config: unknown, signal: AbortSignal): Promise<readonly CameraInfo[]> {
  const captureTool = captureToolOf(readConfig(config).config);
  return new RpicamSource({ captureTool, clock: systemClock }).list(signal);
}

/** A still as a person asks for it. */
export interface StillWish extends Omit<StillRequest, 'tool' | 'isVirtual'> {
  readonly simulate: boolean;
  /** Path or name of the still tool. */
  readonly tool?: string | undefined;
}

/**
 * Takes one picture of a camera that is not in use (`takeStill` of `capture/still/take-still.ts` tells how, and what it rejects
 * with).
 */
export async function takeStill(wish: StillWish, signal: AbortSignal): Promise<Still> {
  const tool = stillToolOf(wish);
  const isVirtual = wish.simulate && wish.tool === undefined;
  return takeStillWith({ ...wish, tool, isVirtual }, { clock: systemClock, fileSystem: realFileSystem }, signal);
}
export type { CameraInfo, Still };
export { type CameraKind, cameraHolders };
