import type { Clock } from '../core/clock.js';
import { FileDiskSpace } from '../core/disk-space.js';
import type { FileSystem } from '../core/file-system.js';
import { SLOWED_REPORTING_FACTOR } from '../core/load-level.js';
import type { LogSink } from '../logging/log-sink.js';
import type { PipelineFactory } from '../pipeline/camera-pipeline.js';
import type { Config } from '../protocol/config.js';
import type { HostContext } from '../protocol/host.js';
import type { Report, StatusMessage } from '../protocol/statuses.js';
import type { Camera } from './camera/camera.js';
import { CommandIntake } from './commands/command-intake.js';
import type { CommandLife } from './commands/command-life.js';
import type { HandlerContext } from './commands/handler-context.js';
import { DiskRoom } from './disk-room.js';
import { governedLoad } from './load/load-effects.js';
import type { LoadGovernor } from './load/load-governor.js';
import type { LoadSignals } from './load/load-signals.js';
import { logWarnings } from './log-warnings.js';
import { Monitoring, type MonitoringDependencies } from './monitoring.js';
import { Session } from './session.js';
import { SettingsDesks, stateFolder } from './settings/desk-for.js';
import type { StatusReporter } from './status-reporter.js';

const HEARTBEAT_PERIOD_MS = 2000;

/** One life of the module, from `start` to the end of the shutdown. */
export interface Life {
  readonly startedNs: bigint;
  readonly config: Config;
  readonly session: Session;
  readonly reporter: StatusReporter;
  readonly commands: CommandIntake;
  readonly governor: LoadGovernor;
  readonly diskRoom: DiskRoom;
  /** `null`: no monitor is wanted. */
  readonly monitoring: Monitoring | null;
  readonly stopHeartbeat: () => void;
}

export interface LifeDependencies {
  readonly context: HostContext;
  readonly config: Config;
  readonly reporter: StatusReporter;
  readonly pipelines: PipelineFactory;
  readonly logs: LogSink;
  readonly clock: Clock;
  readonly loadSignals: LoadSignals;
  readonly fileSystem: FileSystem;
  /** The assigned cameras by device id. */
  readonly cameras: Map<string, Camera>;
  readonly module: MonitoringDependencies['module'];
  readonly connectPreview: MonitoringDependencies['connectPreview'];
  readonly isShuttingDown: () => boolean;
  readonly showWindow: HandlerContext['showWindow'];
  /** Whether the host still hears of this life. */
  readonly isPresent: () => boolean;
  readonly answer: (commandLife: CommandLife, report: Report) => StatusMessage;
}

/** Makes the parts of one life. Of them the heartbeat runs; the others are started by the module. */
export function makeLife(dependencies: LifeDependencies): Life {
  const { context, config, reporter, logs, clock, cameras, fileSystem, module } = dependencies;
  const session = new Session(context.dataDir);
  const log: LogSink['log'] = (level, message, facts) => {
    logs.log(level, message, facts);
  };
  const governor = governedLoad({
    clock,
    signals: dependencies.loadSignals,
    logs,
    cameras,
    report: (report) => {
      reporter.send(report);
    },
  });
  const commands = new CommandIntake(
    {
      config,
      session,
      desks: new SettingsDesks({
        config,
        stateDir: context.stateDir,
        flags: context.settings ?? {},
        fileSystem,
        clock,
        log,
      }),
      cameras,
      logs,
      status: () => module.status(),
      loadLevel: () => governor.level,
      isShuttingDown: dependencies.isShuttingDown,
      showWindow: dependencies.showWindow,
      cameraDependencies: {
        pipelines: dependencies.pipelines,
        clock,
        logs,
        report: (report, replyTo) => {
          // What a thread's owner still finds out after `shutdown_complete` is in the log.
          if (dependencies.isPresent()) reporter.send(report, replyTo);
        },
      },
    },
    dependencies.answer,
  );
  const diskRoom = new DiskRoom({
    clock,
    disk: new FileDiskSpace(fileSystem),
    reserveBytes: config.recording.minFreeBytes,
    folder: () => session.directory ?? context.dataDir ?? null,
    takes: () => [...cameras.values()].flatMap(({ takeOnDisk }) => takeOnDisk ?? []),
    log,
  });
  const monitoring =
    config.monitor.port === 0
      ? null
      : new Monitoring({
          config: config.monitor,
          stateFolder: stateFolder(context.stateDir),
          module,
          connectPreview: dependencies.connectPreview,
          report: (report) => {
            reporter.send(report);
          },
          logs,
          clock,
        });
  const stopHeartbeat = startHeartbeat(dependencies, governor);
  const startedNs = clock.monotonicNs();
  return { startedNs, config, session, reporter, commands, governor, diskRoom, monitoring, stopHeartbeat };
}

function startHeartbeat({ reporter, logs, clock, module }: LifeDependencies, governor: LoadGovernor): () => void {
  let heldBack = 0;
  const warnOfLogs = logWarnings(logs, (report) => reporter.send(report));
  return clock.every(HEARTBEAT_PERIOD_MS, () => {
    warnOfLogs();
    heldBack += 1;
    if (governor.level === 'reportingSlowed' && heldBack < SLOWED_REPORTING_FACTOR) return;
    heldBack = 0;
    reporter.send({ status: 'heartbeat', data: module.status() });
  });
}
