import type { Clock } from '../core/clock.js';
import { SHUTDOWN_CAMERAS_MS, SHUTDOWN_LOGS_MS } from '../core/closing-budget.js';
import { fromNow, withinUntil } from '../core/deadline.js';
import { messageOf } from '../core/errors.js';
import type { FileSystem } from '../core/file-system.js';
import { VERSION } from '../core/own-package.js';
import type { LogSink } from '../logging/log-sink.js';
import type { PipelineFactory } from '../pipeline/camera-pipeline.js';
import { checkCommand } from '../protocol/command-check.js';
import type { Command } from '../protocol/commands.js';
import { readSettings } from '../protocol/camera-sections.js';
import { DEFAULT_CONFIG, readConfig, type Config } from '../protocol/config.js';
import { MAX_FREE_TEXT } from '../protocol/free-text.js';
import type { HostContext, HostModule } from '../protocol/host.js';
import type { Report, StatusMessage, StatusReport } from '../protocol/statuses.js';
import type { Camera } from './camera/camera.js';
import { CommandIds } from './commands/command-ids.js';
import { CommandLife, type ReceivedCommand } from './commands/command-life.js';
import { deviceIn } from './device-in.js';
import { inject, injectable } from './injection.js';
import { describeLoad } from './load/load-effects.js';
import { makeLife, type Life } from './life.js';
import type { LoadSignals } from './load/load-signals.js';
import type { PreviewListener } from './preview/preview-listening.js';
import { Previews } from './preview/previews.js';
import * as reports from './reports.js';
import { StatusReporter, type StatusListener } from './status-reporter.js';
import { Watchers } from './watchers.js';
import { MonitorWindow } from './window/monitor-window.js';
import { CLOCK, FILE_SYSTEM, LOAD_SIGNALS, LOG_SINK, PIPELINE_FACTORY } from './tokens.js';

/**
 * The module that a host loads. It keeps the assigned cameras, lets commands run in their order and sends the statuses.
 * It never holds the bytes of a recording: they stay in the camera's pipeline.
 */
@injectable()
export class CsiCamerasModule implements HostModule {
  #phase: 'stopped' | 'running' | 'stopping' = 'stopped';
  #life: Life | null = null;
  /** Resolves with `shutdown_complete` when the present or the last shutdown is over. */
  #ending: Promise<StatusMessage> | null = null;
  readonly #ids: CommandIds;
  readonly #cameras = new Map<string, Camera>();
  readonly #watchers = new Watchers<StatusMessage>();
  readonly #commandWatchers = new Watchers<ReceivedCommand>();
  readonly #previews: Previews;
  readonly #window: MonitorWindow;

  constructor(
    @inject(PIPELINE_FACTORY) private readonly pipelines: PipelineFactory,
    @inject(LOG_SINK) private readonly logs: LogSink,
    @inject(CLOCK) private readonly clock: Clock,
    @inject(LOAD_SIGNALS) private readonly loadSignals: LoadSignals,
    @inject(FILE_SYSTEM) private readonly fileSystem: FileSystem,
  ) {
    this.#ids = new CommandIds(clock);
    this.#previews = new Previews(clock, logs);
    const isOn = () => (this.#life?.monitoring ?? null) !== null;
    this.#window = new MonitorWindow({ isOn, link: () => this.monitorLink, clock });
  }

  /** Resolves when `ready` was sent. Rejects, with a plain `Error`, only while the module is running. */
  async start(context: HostContext): Promise<void> {
    await this.#ending;
    if (this.#phase !== 'stopped') throw new Error('The module is already running. Stop it first.');
    const { config, problems: ofConfig } = readConfig(context.config);
    const { value: flags, problems: ofFlags } = readSettings(context.settings, 'settings');
    const problems = [...ofConfig, ...ofFlags];
    this.#phase = 'running';
    this.#ending = null;
    this.logs.setLevel(config.logs.level);
    this.logs.open(context.logDir);
    const reporter = new StatusReporter(this.clock, this.logs, context.sendStatus, this.#watchers);
    this.#life = this.#makeLife({ ...context, settings: flags }, config, reporter);
    this.#life.governor.start();
    this.#life.diskRoom.start();
    const identity = { version: VERSION, pid: process.pid };
    this.logs.log('info', 'Module started.', { ...identity, node: process.version, config });
    reporter.send({ status: 'initializing', data: identity });
    for (const message of [...(context.configProblems ?? []), ...problems]) {
      this.logs.log('warn', message, { code: 'config_ignored' });
      reporter.send({ status: 'warning', data: { code: 'config_ignored', message } });
    }
    reporter.send({ status: 'ready', data: identity });
    this.#life.monitoring?.start();
  }

  /** Resolves with the command's final answer, as the host gets it. Never throws or rejects, whatever value it gets. */
  command(command: unknown): Promise<StatusMessage> {
    const checked = checkCommand(command);
    const name = checked.ok ? checked.command.name : checked.spelling;
    const commandLife = this.#receive(checked.id ?? this.#ids.next(name), name, command);
    if (!checked.ok)
      return Promise.resolve(this.#answer(commandLife, reports.commandNack(checked.code, checked.error)));
    for (const field of checked.cleaned) this.#warnOfCleaned(field, commandLife.id, checked.command);
    return this.#accept(commandLife, checked.command);
  }

  /**
   * Answers input that is not a command (not JSON, not UTF-8, too long) with a `command_nack`.
   * `excerpt`: the beginning of the input, for the command log.
   */
  refuse(error: string, excerpt: string): StatusMessage {
    const commandLife = this.#receive(this.#ids.next('invalid'), 'invalid', excerpt.slice(0, 200));
    return this.#answer(commandLife, reports.commandNack('invalid_command', error));
  }

  /** Adds a listener that gets every status besides the host, across stops and starts. Returns how to remove it. */
  watch(listener: StatusListener): () => void {
    return this.#watchers.add(listener);
  }

  /**
   * Adds a listener that gets every command as it came in, also one that is refused, and one of the monitor's page, before
   * anything is answered. Returns how to remove it.
   */
  watchCommands(listener: (command: ReceivedCommand) => unknown): () => void {
    return this.#commandWatchers.add(listener);
  }

  /** The address of the monitor's page, with the token where there is one. `null` while nothing listens. */
  get monitorLink(): string | null {
    return this.#life?.monitoring?.link ?? null;
  }

  /**
   * Calls the listener with pictures of a camera, to look at: at most `preview.fps` a second, one at a time, never again
   * before it has returned and its promise has settled. Works before the camera is assigned and across assignments, lost
   * cameras and dead threads. While the preview is off (`toggle_preview`) or paused under load there are none. Whatever the
   * listener does costs no frame of a recording. Ends with the returned function, or with the module's `stop`.
   * Throws a `TypeError` if it is not given a text and a function.
   */
  preview(deviceId: string, listener: PreviewListener): () => void {
    if (typeof deviceId !== 'string' || typeof listener !== 'function')
      throw new TypeError('preview() takes a device id, such as "picam:0", and a function.');
    if (this.#phase === 'stopping') return () => undefined;
    return this.#previews.show(deviceId, listener);
  }

  /** Logs an exception that was not caught: a bug in this program or in a library. */
  logUnexpected(origin: string, thrown: unknown): void {
    this.logs.log('error', 'Unexpected error.', { origin, error: thrown });
  }

  /** The present state as plain data, at once, in any state. */
  status(): StatusReport {
    const life = this.#life;
    const uptimeNs = life === null ? 0n : this.clock.monotonicNs() - life.startedNs;
    return {
      module: 'CSICameras',
      version: VERSION,
      pid: process.pid,
      state: this.#phase,
      uptime_s: Number(uptimeNs / 1_000_000n) / 1000,
      session_dir: life?.session.directory ?? null,
      simulate: life?.config.simulate ?? DEFAULT_CONFIG.simulate,
      ...describeLoad(life?.governor),
      disk: life?.diskRoom.describe() ?? null,
      commands_waiting: life?.commands.waiting ?? 0,
      log_lines_lost: this.logs.losses(),
      cameras: [...this.#cameras.values()].map((camera) => camera.status()),
    };
  }

  /** Runs the shutdown sequence and resolves when it is through. May be called twice. `start` may follow. */
  async stop(): Promise<void> {
    await this.shutDown('stop');
  }

  /**
   * Runs the shutdown sequence. May be called twice. `reason` is for the statuses, for example "quit" or "SIGTERM".
   * Resolves with `shutdown_complete`, or with `null` if the module was not running.
   */
  async shutDown(reason: string, quit?: CommandLife): Promise<StatusMessage | null> {
    if (this.#phase === 'running' && this.#life !== null) {
      this.#phase = 'stopping';
      this.#ending = this.#endLife(this.#life, reason, quit);
    }
    return this.#ending;
  }

  #makeLife(context: HostContext, config: Config, reporter: StatusReporter): Life {
    const { logs, clock, loadSignals, fileSystem } = this;
    return makeLife({
      context,
      config,
      reporter,
      pipelines: this.#previews.seeing(this.pipelines),
      logs,
      clock,
      loadSignals,
      fileSystem,
      cameras: this.#cameras,
      module: this,
      connectPreview: (deviceId, port) => {
        this.#previews.connect(deviceId, port);
      },
      isShuttingDown: () => this.#phase !== 'running',
      showWindow: () => this.#window.show(),
      isPresent: () => this.#life?.reporter === reporter,
      answer: (commandLife, report) => this.#answer(commandLife, report),
    });
  }

  #receive(id: string, name: string, command: unknown): CommandLife {
    const commandLife = new CommandLife(id, this.clock, this.logs, name, command);
    this.#commandWatchers.tell({ id, cmd: name, payload: commandLife.payload }, (thrown) => {
      this.logs.log('warn', 'A command listener failed.', { cmd: name, id, error: messageOf(thrown) });
    });
    return commandLife;
  }

  async #accept(commandLife: CommandLife, command: Command): Promise<StatusMessage> {
    const life = this.#life;
    if (life === null || this.#phase !== 'running') return this.#answer(commandLife, reports.shuttingDown());
    if (command.name === 'quit') {
      commandLife.processing();
      return (await this.shutDown('quit', commandLife)) ?? this.#answer(commandLife, reports.shuttingDown());
    }
    return life.commands.take(commandLife, command);
  }

  /** The five steps of the shutdown. `#phase` is `stopping` by now, so new commands are refused. */
  async #endLife(life: Life, reason: string, quit: CommandLife | undefined): Promise<StatusMessage> {
    const { reporter, commands, governor, diskRoom } = life;
    const replyTo = quit?.id;
    reporter.send({ status: 'shutdown_started', data: { reason } }, replyTo);
    this.logs.log('info', 'Shutting down.', { reason });
    governor.stop();
    diskRoom.stop();
    this.#previews.end();
    const untilNs = fromNow(this.clock, SHUTDOWN_CAMERAS_MS);
    const ended = [...this.#cameras.values()].map(async (camera) => {
      reporter.send(await camera.close('shutdown', untilNs, replyTo), replyTo);
      await camera.released;
    });
    // Wait for the commands too: an unassignment in progress has removed its camera from the map but still closes it.
    await withinUntil(this.clock, untilNs, Promise.all([...ended, commands.idle(), this.#window.end()]));
    this.#cameras.clear();
    life.stopHeartbeat();
    // Last, so that the page can tell of the end. It has the time that the logs have.
    const monitorEnded =
      life.monitoring && withinUntil(this.clock, fromNow(this.clock, SHUTDOWN_LOGS_MS), life.monitoring.end());
    reporter.send({ status: 'quitting', data: { reason } }, replyTo);
    const complete: Report = { status: 'shutdown_complete', data: { reason } };
    const message = reporter.prepare(complete, replyTo);
    quit?.ended(complete);
    this.logs.log('info', 'Shutdown complete.', { reason });
    await this.logs.close(SHUTDOWN_LOGS_MS);
    await monitorEnded;
    reporter.deliver(message);
    this.#life = null;
    this.#phase = 'stopped';
    return message;
  }

  #warnOfCleaned(field: string, commandId: string, { parameters }: Command): void {
    const message = `${field} was changed. Such a text is one line of at most ${MAX_FREE_TEXT} characters: control characters become spaces, and the rest is cut.`;
    this.logs.log('warn', message, { ...deviceIn(parameters), code: 'label_cleaned', id: commandId });
    this.#life?.reporter.send({ status: 'warning', data: { code: 'label_cleaned', message } }, commandId);
  }

  #answer(commandLife: CommandLife, report: Report): StatusMessage {
    commandLife.ended(report);
    const life = this.#life;
    if (life !== null) return life.reporter.send(report, commandLife.id);
    // Before `start` and after `stop` there is no host to send to. Only the caller gets the answer.
    return new StatusReporter(this.clock, this.logs, () => {}).prepare(report, commandLife.id);
  }
}
