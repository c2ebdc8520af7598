import type { MessagePort } from 'node:worker_threads';
import type { Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import type { LogSink } from '../logging/log-sink.js';
import type { Monitor, MonitorHost, MonitorSettings } from '../monitor/monitor.js';
import type { Config } from '../protocol/config.js';
import type { Report, StatusMessage, StatusReport } from '../protocol/statuses.js';
import type { WarningCode } from '../protocol/warnings.js';
import { CommandIds } from './commands/command-ids.js';

/** What the page may do to the module. Trials are the host's, and so are assignments and the end. */
const PAGE_COMMANDS: ReadonlySet<unknown> = new Set(['set_settings', 'fix_settings', 'take_snapshot']);

export interface MonitoringDependencies {
  readonly config: Config['monitor'];
  /** Where the token is kept that the module makes itself; `undefined` for a user without a home. */
  readonly stateFolder: string | undefined;
  readonly module: {
    status(): StatusReport;
    watch(listener: (message: StatusMessage) => void): () => void;
    command(command: unknown): Promise<StatusMessage>;
    refuse(error: string, excerpt: string): StatusMessage;
  };
  readonly connectPreview: (deviceId: string, port: MessagePort) => void;
  readonly report: (report: Report) => void;
  readonly logs: LogSink;
  readonly clock: Clock;
  /** Its code is loaded only where there is a monitor: nobody else pays for it. */
  readonly load?: () => Promise<new (settings: MonitorSettings, host: MonitorHost) => Pick<Monitor, 'start' | 'end'>>;
}

/** The module's side of the monitor. A monitor that fails is told and stops nothing. */
export class Monitoring {
  readonly #ids: CommandIds;
  #monitor: Pick<Monitor, 'end'> | null = null;
  #starting: Promise<void> = Promise.resolve();
  #link: string | null = null;
  #isOver = false;

  constructor(private readonly dependencies: MonitoringDependencies) {
    this.#ids = new CommandIds(dependencies.clock);
  }

  /** The address of the page, with the token where there is one. `null`: nothing listens. */
  get link(): string | null {
    return this.#link;
  }

  /** Returns at once. */
  start(): void {
    this.#starting = this.#start(); // never rejects
  }

  /** Never rejects. May be called twice. */
  async end(): Promise<void> {
    this.#isOver = true;
    this.#link = null;
    await this.#starting;
    try {
      await this.#monitor?.end();
    } catch (thrown) {
      this.dependencies.logs.log('error', 'The monitor could not be ended.', { error: messageOf(thrown) });
    }
  }

  async #start(): Promise<void> {
    const { config, stateFolder, load = loadMonitor } = this.dependencies;
    const { port, host, tokenFile, control } = config;
    const names = config.names.split(',').flatMap((name) => name.trim() || []);
    try {
      const MonitorClass = await load();
      if (this.#isOver) return;
      const settings = { port, host, names, tokenFile, control, stateDir: stateFolder ?? '' };
      const monitor = new MonitorClass(settings, this.#host());
      this.#monitor = monitor;
      monitor.start();
    } catch (thrown) {
      this.#warn('monitor_failed', `The monitor cannot be started: ${messageOf(thrown)}`);
    }
  }

  #host(): MonitorHost {
    const { module, connectPreview, logs, clock } = this.dependencies;
    return {
      status: () => module.status(),
      watch: (listener) => module.watch(listener),
      connectPreview: (deviceId, port) => {
        // A port that waits for a camera that never comes would be left open.
        if (module.status().state === 'running') connectPreview(deviceId, port);
        else port.close();
      },
      command: (command) => this.#command({ ...command }),
      log: (level, message, facts) => {
        logs.log(level, message, facts);
      },
      warn: (code, message) => {
        this.#warn(code, message);
      },
      onListening: ({ url, link, port, tokenFile }) => {
        if (this.#isOver) return;
        this.#link = link;
        this.dependencies.report({ status: 'monitor_started', data: { url, port, token_file: tokenFile } });
      },
      clock,
    };
  }

  /** Carries out a command of the page as one of the host's. It passes nothing on that the page has no business with. */
  #command(asked: { command?: unknown; device_id?: unknown; settings?: unknown }): Promise<StatusMessage> {
    const { module, config } = this.dependencies;
    const { command, device_id, settings } = asked;
    // Without a device id it would be for every camera.
    if (!config.control || !PAGE_COMMANDS.has(command) || typeof device_id !== 'string') {
      return Promise.resolve(module.refuse('The page may not do that.', `monitor: ${String(command)}`));
    }
    const command_id = this.#ids.next(`monitor_${String(command)}`);
    const parameters = settings === undefined ? { device_id } : { device_id, settings };
    return module.command({ command, command_id, ...parameters });
  }

  #warn(code: WarningCode, message: string): void {
    if (this.#isOver) return;
    this.dependencies.logs.log('warn', message, { code });
    this.dependencies.report({ status: 'warning', data: { code, message } });
  }
}

async function loadMonitor(): Promise<typeof Monitor> {
  return (await import('../monitor/monitor.js')).Monitor;
}
