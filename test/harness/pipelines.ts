import { readFileSync } from 'node:fs';
import { setTimeout as limit } from 'node:timers/promises';
import { systemClock } from '../../src/core/clock.js';
import { fromNow } from '../../src/core/deadline.js';
import { realFileSystem } from '../../src/core/file-system.js';
import type { CameraPipeline, PipelineFactory, PipelineOptions } from '../../src/pipeline/camera-pipeline.js';
import { defaultDependencies } from '../../src/pipeline/default-dependencies.js';
import { LocalPipeline } from '../../src/pipeline/local-pipeline.js';
import type {
  CaptureRequest,
  OwnerEvent,
  PipelineCommand,
  PipelineEvent,
} from '../../src/pipeline/pipeline-messages.js';
import { ThreadedPipeline } from '../../src/pipeline/thread/threaded-pipeline.js';
import { workerThreads, type StartThread } from '../../src/pipeline/thread/worker-threads.js';
import { VIRTUAL_CAMERA } from './paths.js';

/** A `PipelineFactory` for a test that also hears what only the owner of a pipeline's thread hears. */
type OverheardFactory = (
  ...args: [...Parameters<PipelineFactory>, onOwnerEvent?: (event: OwnerEvent) => void]
) => CameraPipeline;

/** Pipelines made of the default parts, in this thread. */
export const localPipelines: OverheardFactory = (options, onEvent, onOwnerEvent = () => undefined) =>
  new LocalPipeline(
    defaultDependencies(options, { onEvent, onOwnerEvent }, { clock: systemClock, fileSystem: realFileSystem }),
  );

/** Pipelines in threads of their own. */
export function threadedPipelines(startThread: StartThread = workerThreads()): OverheardFactory {
  return (options, onEvent, onOwnerEvent = () => undefined) =>
    new ThreadedPipeline({
      options,
      startThread: overheard(startThread, onOwnerEvent),
      clock: systemClock,
      fileSystem: realFileSystem,
      onEvent,
    });
}

function overheard(startThread: StartThread, onOwnerEvent: (event: OwnerEvent) => void): StartThread {
  return (options, listener) =>
    startThread(options, {
      onEvent: (event) => {
        if (event.type === 'captureProcess' || event.type === 'takeFiles') onOwnerEvent(event);
        listener.onEvent(event);
      },
      onEnded: (failure) => {
        listener.onEnded(failure);
      },
    });
}

export const BOTH_PIPELINES: readonly [string, OverheardFactory][] = [
  ["in the module's thread", localPipelines],
  ['in a thread of its own', threadedPipelines()],
];

/** Threads that `misbehave` can make fail (`failing-thread.mjs`). */
export const FAILING_THREADS = workerThreads(
  { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 },
  new URL('failing-thread.mjs', import.meta.url),
);

export type Fault = 'throw' | 'exit' | 'memory' | 'leak' | 'hang';

const NO_RUN = -1;

/** Sets off a fault of `failing-thread.mjs`. */
export function failThread(pipeline: CameraPipeline, fault: Fault): void {
  pipeline.send({ type: 'takeSnapshot', run: NO_RUN, request: -1, sessionDir: '', cameraLabel: fault });
}

type EventOf<Type extends PipelineEvent['type']> = Extract<PipelineEvent, { type: Type }>;

const PATIENCE_MS = 20_000;

const OPTIONS: PipelineOptions = {
  deviceId: 'picam:0',
  captureTool: [process.execPath, VIRTUAL_CAMERA],
  recordFps: 0,
  previewFps: 5,
  previewEnabled: false,
  buffer: { maxFrames: 256, maxBytes: 32 * 2 ** 20, whenFull: 'dropOldest' },
  commitIntervalMs: 200,
  minFreeBytes: 0,
  reportGateSkips: false,
};

const REQUEST: CaptureRequest = {
  camera: { index: 0 },
  settings: {
    width: 320,
    height: 240,
    fps: 60,
    jpegQuality: 85,
    bufferCount: 64,
    frameTimeoutMs: 2_000,
    firstFrameTimeoutMs: 10_000,
    syncTimeoutMs: 60_000,
  },
};

/** A pipeline on the virtual camera and a real disk, commanded as the module does it. */
export class PipelineUser {
  readonly events: PipelineEvent[] = [];
  readonly pipeline: CameraPipeline;
  readonly #listeners: (() => void)[] = [];
  #pid: number | null = null;

  constructor(
    factory: OverheardFactory,
    private readonly sessionDir: string,
    private readonly deviceId = 'picam:0',
  ) {
    const onEvent = (event: PipelineEvent): void => {
      // What answers a fault that was asked for is no word of a run.
      if ('run' in event && event.run === NO_RUN) return;
      this.events.push(event);
      for (const listener of this.#listeners.splice(0)) listener();
    };
    this.pipeline = factory({ ...OPTIONS, deviceId }, onEvent, (event) => {
      if (event.type === 'captureProcess') this.#pid = event.pid;
    });
  }

  /** What was said, without figures and logs. */
  get said(): string[] {
    const aside = new Set<PipelineEvent['type']>(['figures', 'log']);
    return this.events.filter(({ type }) => !aside.has(type)).map(({ type }) => type);
  }

  /** Of the capture process that runs. Throws where none does. */
  get pid(): number {
    if (this.#pid === null) throw new Error('The capture process was not told.');
    return this.#pid;
  }

  all<Type extends PipelineEvent['type']>(type: Type): EventOf<Type>[] {
    return this.events.filter((event): event is EventOf<Type> => event.type === type);
  }

  /** The first event of this type that matches: heard already or to come. */
  async heard<Type extends PipelineEvent['type']>(
    type: Type,
    matches: (event: EventOf<Type>) => boolean = () => true,
  ): Promise<EventOf<Type>> {
    const patience = new AbortController();
    const late = limit(PATIENCE_MS, undefined, { signal: patience.signal, ref: false }).then(() => {
      throw new Error(`No ${type} within ${PATIENCE_MS} ms, but ${JSON.stringify(this.said)}`);
    });
    late.catch(() => undefined); // aborted when the event came
    try {
      for (;;) {
        const found = this.all(type).find((event) => matches(event));
        if (found !== undefined) return found;
        const next = new Promise<void>((resolve) => {
          this.#listeners.push(resolve);
        });
        await Promise.race([next, late]);
      }
    } finally {
      patience.abort();
    }
  }

  send(command: PipelineCommand): void {
    this.pipeline.send(command);
  }

  /** Opens a run and waits for its first frame. */
  async open(run = 1): Promise<void> {
    this.send({ type: 'open', run, request: REQUEST });
    await this.heard('firstFrame', (event) => event.run === run);
  }

  startRecording(run = 1): void {
    const startNs = systemClock.monotonicNs();
    const order = {
      deviceId: this.deviceId,
      cameraLabel: `cam_${this.deviceId}`,
      trialNumber: 1,
      trialLabel: '',
      startNs,
    };
    this.send({ type: 'startRecording', run, order: { sessionDir: this.sessionDir, ...order } });
  }

  /** Records and waits until figures tell of so many frames. */
  async record(frames: number, run = 1): Promise<void> {
    this.startRecording(run);
    await this.heard('recordingStarted', (event) => event.run === run);
    await this.hasRecorded(frames);
  }

  async hasRecorded(frames: number): Promise<void> {
    await this.heard('figures', ({ figures }) => (figures.recording?.counts.recorded ?? 0) >= frames);
  }

  stopRecording(run = 1): void {
    this.send({ type: 'stopRecording', run, reason: 'command', stopNs: systemClock.monotonicNs() });
  }

  snapshot(request: number, run = 1): void {
    this.send({ type: 'takeSnapshot', run, request, sessionDir: this.sessionDir, cameraLabel: 'cam' });
  }

  closeRun(limitMs: number, run = 1): void {
    this.send({ type: 'close', run, reason: 'command', untilNs: fromNow(systemClock, limitMs) });
  }

  misbehave(fault: Fault): void {
    failThread(this.pipeline, fault);
  }
}

/** Whether a process runs, zombies aside: one that a dead thread left stays in the table until this process ends. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}
