import { expect } from '@jest/globals';
import { CsiCamerasModule } from '../../../src/module/csi-cameras-module.js';
import type { StatusMessage } from '../../../src/protocol/statuses.js';
import { FORGETFUL_DISK } from '../../harness/forgetful-disk.js';
import { FakeLoadSignals } from '../../harness/fake-load-signals.js';
import { FakePipelines, healthy, type PipelineHabit } from '../../harness/fake-pipeline.js';
import { ManualClock } from '../../harness/manual-clock.js';
import { MemoryLogSink } from '../../harness/memory-log-sink.js';
import { StatusLog } from '../../harness/mock-host.js';

export interface ModuleRig {
  readonly module: CsiCamerasModule;
  readonly pipelines: FakePipelines;
  readonly clock: ManualClock;
  readonly logs: MemoryLogSink;
  readonly signals: FakeLoadSignals;
  /** What the host heard. */
  readonly heard: StatusLog;
  /** Starts the module; `sendStatus` instead of the one that fills `heard`. */
  readonly start: (config?: unknown, sendStatus?: (message: StatusMessage) => void) => Promise<void>;
  readonly ask: (command: string, fields?: object) => Promise<StatusMessage>;
  readonly assign: (deviceId?: string, fields?: object) => Promise<StatusMessage>;
  /** Starts the module and a recording with `picam:0`. */
  readonly record: () => Promise<void>;
  /** Fails if a status was not as the schemas want it, or if a timer is left. Call it when the module has stopped. */
  readonly expectTidy: () => void;
  /** Stops the module, whatever its cameras did so far, and expects it tidy. */
  readonly end: () => Promise<void>;
}

/** The module alone: cameras, logs and time are the test's. */
export function moduleRig(habit: PipelineHabit = healthy, clock = new ManualClock()): ModuleRig {
  const pipelines = new FakePipelines(habit);
  const logs = new MemoryLogSink();
  const signals = new FakeLoadSignals();
  const module = new CsiCamerasModule(pipelines.factory, logs, clock, signals, FORGETFUL_DISK);
  const heard = new StatusLog();
  const improper: unknown[] = [];
  const hear = (message: StatusMessage): void => {
    try {
      heard.hear(message);
    } catch (thrown) {
      // The module takes what its host throws for the host's mistake, so it is kept for the end.
      improper.push(thrown);
    }
  };
  const ask: ModuleRig['ask'] = (command, fields = {}) => module.command({ command, ...fields });
  const assign: ModuleRig['assign'] = (deviceId = 'picam:0', fields = {}) =>
    ask('assign_device', { device_id: deviceId, ...fields });
  const start: ModuleRig['start'] = (config, sendStatus = hear) =>
    module.start({ dataDir: '/data', logDir: '/logs', stateDir: '/state', config, sendStatus });
  const expectTidy = (): void => {
    expect(improper).toEqual([]);
    expect(clock.timers).toBe(0);
  };
  return {
    module,
    pipelines,
    clock,
    logs,
    signals,
    heard,
    start,
    ask,
    assign,
    expectTidy,
    async record() {
      await start();
      await assign('picam:0', { session_dir: '/data/session_1' });
      await ask('start_recording');
    },
    async end() {
      pipelines.habit = healthy;
      const stopping = module.stop();
      await clock.advance(2_000);
      await stopping;
      expectTidy();
    },
  };
}
