import type { Clock } from '../core/clock.js';
import { SHUTDOWN_CAMERAS_MS, SHUTDOWN_LOGS_MS } from '../core/closing-budget.js';
import { fromNow, withinUntil } from '../core/deadline.js';
import { ERROR_ADVICE, type ErrorCode } from '../core/errors.js';
import { SLOWED_REPORTING_FACTOR } from '../core/load-level.js';
import { VERSION } from '../core/version.js';
import type { LogSink } from '../logging/log-sink.js';
import type { PipelineFactory } from '../pipeline/camera-pipeline.js';
import { checkCommand, type Command, type CommandName } from '../protocol/commands.js';
import { DEFAULT_CONFIG, readConfig, type Config } from '../protocol/config.js';
import type { HostContext, HostModule } from '../protocol/host.js';
import type { Report, StatusMessage, StatusReport } from '../protocol/statuses.js';
import type { Camera } from './camera/camera.js';
import { handleCommand, type HandlerContext } from './command-handlers.js';
import { CommandIds } from './command-ids.js';
import { CommandLife, CommandQueue } from './command-queue.js';
import { inject, injectable } from './injection.js';
import { describeLoad, governedLoad } from './load/load-effects.js';
import type { LoadGovernor } from './load/load-governor.js';
import type { LoadSignals } from './load/load-signals.js';
import { logWarnings } from './log-warnings.js';
import { commandNack } from './reports.js';
import { Session } from './session.js';
import { StatusReporter, StatusWatchers, type StatusListener } from './status-reporter.js';
import { CLOCK, LOAD_SIGNALS, LOG_SINK, PIPELINE_FACTORY } from './tokens.js';

const HEARTBEAT_PERIOD_MS = 2000;
/** What lives from `start` to the end of the shutdown. */
interface Run {
  readonly startedNs: bigint;
  readonly config: Config;
  readonly session: Session;
  readonly reporter: StatusReporter;
  readonly queue: CommandQueue;
  readonly handlers: HandlerContext;
  readonly governor: LoadGovernor;
  readonly stopHeartbeat: () => void;
}

/**
 * The module a host loads: cameras that are assigned, commands that are queued, statuses that are true.
 * It holds no bytes of a recording; those live in a camera's pipeline.
 */
@injectable()
export class CsiCamerasModule implements HostModule {
  #phase: 'stopped' | 'running' | 'stopping' = 'stopped';
  #run: Run | null = null;
  /** Resolves with `shutdown_complete` when the present or the last shutdown is over. */
  #ending: Promise<StatusMessage> | null = null;
  readonly #ids: CommandIds;
  readonly #cameras = new Map<string, Camera>();
  readonly #watchers = new StatusWatchers();
  /** Commands in the queue that end something. */
  readonly #endsWaiting = new Set<Command>();

  constructor(
    @inject(PIPELINE_FACTORY) private readonly pipelines: PipelineFactory,
    @inject(LOG_SINK) private readonly logs: LogSink,
    @inject(CLOCK) private readonly clock: Clock,
    @inject(LOAD_SIGNALS) private readonly loadSignals: LoadSignals,
  ) {
    this.#ids = new CommandIds(clock);
  }

  async start(context: HostContext): Promise<void> {
    await this.#ending;
    if (this.#phase !== 'stopped') throw new Error('The module is already running. Stop it first.');
    const { config, problems } = readConfig(context.config);
    this.#phase = 'running';
    this.#ending = null;
    this.logs.setLevel(config.logs.level);
    this.logs.open(context.logDir);
    const reporter = new StatusReporter(this.clock, this.logs, context.sendStatus, this.#watchers);
    this.#run = this.#begin(context, config, reporter);
    this.#run.governor.start();
    const identity = { version: VERSION, pid: process.pid };
    this.logs.log('info', 'Module started.', { ...identity, node: process.version, config });
    reporter.send({ status: 'initializing', data: identity });
    for (const message of [...(context.configProblems ?? []), ...problems]) {
      this.logs.log('warn', message, { code: 'config_ignored' });
      reporter.send({ status: 'warning', data: { code: 'config_ignored', message } });
    }
    reporter.send({ status: 'ready', data: identity });
  }

  command(command: unknown): Promise<StatusMessage> {
    const checked = checkCommand(command);
    const name = checked.ok ? checked.command.name : checked.spelling;
    const life = new CommandLife(checked.id ?? this.#ids.next(name), this.clock, this.logs, name, bounded(command));
    if (!checked.ok) return Promise.resolve(this.#answer(life, commandNack(checked.code, checked.error)));
    return this.#accept(life, checked.command);
  }

  /**
   * Answers input that is no command at all (not JSON, not UTF-8, too long) with a `command_nack`.
   * `excerpt`: its beginning, for the command log.
   */
  refuse(error: string, excerpt: string): StatusMessage {
    const life = new CommandLife(this.#ids.next('invalid'), this.clock, this.logs, 'invalid', excerpt.slice(0, 200));
    return this.#answer(life, commandNack('invalid_command', error));
  }

  /** Lets somebody besides the host hear every status, over stops and starts. The returned function ends it. */
  watch(listener: StatusListener): () => void {
    return this.#watchers.add(listener);
  }

  /** Takes note of an exception that nobody caught: a mistake of ours or of a library's, logged as such. */
  logUnexpected(origin: string, thrown: unknown): void {
    this.logs.log('error', 'Unexpected error.', { origin, error: thrown });
  }

  status(): StatusReport {
    const run = this.#run;
    const uptimeNs = run === null ? 0n : this.clock.monotonicNs() - run.startedNs;
    return {
      module: 'CSICameras',
      version: VERSION,
      pid: process.pid,
      state: this.#phase,
      uptime_s: Number(uptimeNs / 1_000_000n) / 1000,
      session_dir: run?.session.directory ?? null,
      simulate: run?.config.simulate ?? DEFAULT_CONFIG.simulate,
      ...describeLoad(run?.governor),
      commands_waiting: run?.queue.waiting ?? 0,
      log_lines_lost: this.logs.losses(),
      cameras: [...this.#cameras.values()].map((camera) => camera.status()),
    };
  }

  async stop(): Promise<void> {
    await this.shutDown('stop');
  }

  /**
   * The shutdown sequence, for whatever reason ("stop", "quit", "SIGTERM", "stdin closed"). Twice is once.
   * Resolves with `shutdown_complete`, or `null` where there was nothing to shut down.
   */
  async shutDown(reason: string, quit?: CommandLife): Promise<StatusMessage | null> {
    if (this.#phase === 'running' && this.#run !== null) {
      this.#phase = 'stopping';
      this.#ending = this.#endRun(this.#run, reason, quit);
    }
    return this.#ending;
  }

  #begin(context: HostContext, config: Config, reporter: StatusReporter): Run {
    const session = new Session(context.dataDir);
    const governor = governedLoad({
      clock: this.clock,
      signals: this.loadSignals,
      logs: this.logs,
      cameras: this.#cameras,
      report: (report) => {
        reporter.send(report);
      },
    });
    const handlers: HandlerContext = {
      config,
      session,
      cameras: this.#cameras,
      logs: this.logs,
      status: () => this.status(),
      loadLevel: () => governor.level,
      isEndWaiting: (of, deviceId) => [...this.#endsWaiting].some((command) => isEnd(of, command, deviceId)),
      cameraDependencies: {
        pipelines: this.pipelines,
        clock: this.clock,
        logs: this.logs,
        report: (report, replyTo) => {
          reporter.send(report, replyTo);
        },
      },
    };
    return {
      startedNs: this.clock.monotonicNs(),
      config,
      session,
      reporter,
      handlers,
      governor,
      queue: new CommandQueue(this.logs, (life, report) => this.#answer(life, report)),
      stopHeartbeat: this.#startHeartbeat(reporter, governor),
    };
  }

  #startHeartbeat(reporter: StatusReporter, governor: LoadGovernor): () => void {
    let heldBack = 0;
    const warnOfLogs = logWarnings(this.logs, (report) => reporter.send(report));
    return this.clock.every(HEARTBEAT_PERIOD_MS, () => {
      warnOfLogs();
      heldBack += 1;
      if (governor.level === 'reportingSlowed' && heldBack < SLOWED_REPORTING_FACTOR) return;
      heldBack = 0;
      reporter.send({ status: 'heartbeat', data: this.status() });
    });
  }

  async #accept(life: CommandLife, command: Command): Promise<StatusMessage> {
    const run = this.#run;
    if (run === null || this.#phase !== 'running') return this.#answer(life, shuttingDown());
    if (command.name === 'quit') {
      life.processing();
      return (await this.shutDown('quit', life)) ?? this.#answer(life, shuttingDown());
    }
    if (ENDS.take.has(command.name)) this.#releaseWaits(command);
    try {
      return await run.queue.add(life, async () => {
        this.#endsWaiting.delete(command);
        if (this.#phase !== 'running') return shuttingDown();
        return handleCommand(run.handlers, command, life.id);
      });
    } finally {
      // A full queue has refused it.
      this.#endsWaiting.delete(command);
    }
  }

  /** A command that ends something does not stand behind one that waits for a first frame: it ends that wait. */
  #releaseWaits(command: Command): void {
    this.#endsWaiting.add(command);
    for (const camera of this.#cameras.values()) {
      if (isEnd('assignment', command, camera.deviceId)) camera.abortWaits('no_device');
      else if (isEnd('take', command, camera.deviceId)) camera.releaseStart();
    }
  }

  /** The five steps of the shutdown. Commands have been refused since `#phase` says so. */
  async #endRun(run: Run, reason: string, quit: CommandLife | undefined): Promise<StatusMessage> {
    const { reporter, queue, governor } = run;
    const replyTo = quit?.id;
    reporter.send({ status: 'shutdown_started', data: { reason } }, replyTo);
    this.logs.log('info', 'Shutting down.', { reason });
    governor.stop();
    const untilNs = fromNow(this.clock, SHUTDOWN_CAMERAS_MS);
    const ended = [...this.#cameras.values()].map(async (camera) => {
      reporter.send(await camera.close('shutdown', untilNs, replyTo), replyTo);
      await camera.released;
    });
    // The queue too: an unassignment that runs has taken its camera out of the list and is still ending it.
    await withinUntil(this.clock, untilNs, Promise.all([...ended, queue.idle()]));
    this.#cameras.clear();
    run.stopHeartbeat();
    reporter.send({ status: 'quitting', data: { reason } }, replyTo);
    const complete: Report = { status: 'shutdown_complete', data: { reason } };
    const message = reporter.prepare(complete, replyTo);
    quit?.ended(complete);
    this.logs.log('info', 'Shutdown complete.', { reason });
    await this.logs.close(SHUTDOWN_LOGS_MS);
    reporter.deliver(message);
    this.#run = null;
    this.#phase = 'stopped';
    return message;
  }

  #answer(life: CommandLife, report: Report): StatusMessage {
    life.ended(report);
    const run = this.#run;
    if (run !== null) return run.reporter.send(report, life.id);
    // Before `start` and after `stop` there is no host to send to: the caller alone gets the answer.
    return new StatusReporter(this.clock, this.logs, () => {}).prepare(report, life.id);
  }
}

const ENDS_OF_ASSIGNMENTS: readonly CommandName[] = ['unassign_device', 'unassign_all_devices'];
/** What ends an assignment, and what ends a take. */
const ENDS: Readonly<Record<'assignment' | 'take', ReadonlySet<CommandName>>> = {
  assignment: new Set(ENDS_OF_ASSIGNMENTS),
  take: new Set([...ENDS_OF_ASSIGNMENTS, 'stop_recording', 'stop_session']),
};

function isEnd(of: 'assignment' | 'take', command: Command, deviceId: string): boolean {
  if (!ENDS[of].has(command.name)) return false;
  const meant = 'device_id' in command.parameters ? command.parameters.device_id : undefined;
  return (meant ?? deviceId) === deviceId;
}

function shuttingDown(): Report {
  const code: ErrorCode = 'shutting_down';
  return commandNack(code, ERROR_ADVICE[code]);
}

/** What a host sent, as the command log keeps it: whole while it is of ordinary size. */
function bounded(command: unknown): unknown {
  try {
    const text = JSON.stringify(command);
    return text === undefined || text.length <= 8192 ? command : `${text.slice(0, 200)}… (${text.length} characters)`;
  } catch {
    // A value that JSON cannot hold (a cycle, a bigint) from a host in process: its kind is logged.
    return typeof command;
  }
}
