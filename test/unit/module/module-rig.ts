import { expect } from '@jest/globals';
import { CsiCamerasModule } from '../../../src/module/csi-cameras-module.js';
import type { StatusMessage } from '../../../src/protocol/statuses.js';
import { FakePipelines, healthy, type PipelineHabit } from '../../harness/fake-pipeline.js';
import { ManualClock } from '../../harness/manual-clock.js';
import { MemoryLogSink } from '../../harness/memory-log-sink.js';
import { StatusLog } from '../../harness/mock-host.js';

export interface ModuleRig {
  readonly module: CsiCamerasModule;
  readonly pipelines: FakePipelines;
  readonly clock: ManualClock;
  readonly logs: MemoryLogSink;
  /** What the host heard. */
  readonly heard: StatusLog;
  /** Starts the module; `sendStatus` instead of the one that fills `heard`. */
  readonly start: (config?: unknown, sendStatus?: (message: StatusMessage) => void) => Promise<void>;
  readonly ask: (command: string, fields?: object) => Promise<StatusMessage>;
  /** Fails if a status was not as the schemas want it, or if a timer is left. Call it when the module has stopped. */
  readonly expectTidy: () => void;
}

/** The module alone: cameras, logs and time are the test's. */
export function moduleRig(habit: PipelineHabit = healthy): ModuleRig {
  const pipelines = new FakePipelines(habit);
  const clock = new ManualClock();
  const logs = new MemoryLogSink();
  const module = new CsiCamerasModule(pipelines.factory, logs, clock);
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
  return {
    module,
    pipelines,
    clock,
    logs,
    heard,
    start: (config, sendStatus = hear) => module.start({ dataDir: '/data', logDir: '/logs', config, sendStatus }),
    ask: (command, fields = {}) => module.command({ command, ...fields }),
    expectTidy: () => {
      expect(improper).toEqual([]);
      expect(clock.timers).toBe(0);
    },
  };
}
