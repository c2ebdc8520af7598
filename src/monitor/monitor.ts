import type { MessagePort } from 'node:worker_threads';
import type { Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import { type FileSystem, realFileSystem } from '../core/file-system.js';
import type { Log } from '../core/log-level.js';
import type { StatusMessage, StatusName, StatusReport } from '../protocol/statuses.js';
import { accessFor, linkOf, type MonitorAccess, sha256Of, urlOf } from './access.js';
import { monitorThreads, type StartMonitorThread } from './monitor-thread.js';
import type { ControlCommand, MonitorWord, ServerWord } from './monitor-words.js';
import { MonitorState } from './state/monitor-state.js';
import { ThreadKeeper } from './thread-keeper.js';
import type { MonitorSnapshot } from './view.js';

export interface MonitorSettings {
  /** 0: any free port (tests). */
  readonly port: number;
  /** Address to listen on. */
  readonly host: string;
  /** Further names by which browsers reach the page. */
  readonly names: readonly string[];
  /** File with the token that readers give; '' for none. */
  readonly tokenFile: string;
  /** Whether the page may change settings and take snapshots. */
  readonly control: boolean;
  /** Where a token for control is kept if no file is named; '' for a user without a home. */
  readonly stateDir: string;
}

/** Where the monitor can be looked at. */
export interface MonitorFacts {
  readonly url: string;
  /** The URL, and the token in its fragment if there is one. A secret then. */
  readonly link: string;
  readonly port: number;
  readonly tokenFile: string | null;
}

/** The module, as the monitor sees it. */
export interface MonitorHost {
  /** The state now. Called twice a second. */
  status(): StatusReport;
  /** Every status from now on. Returns how to end that. */
  watch(listener: (message: StatusMessage) => void): () => void;
  /** Brings the port of a reader to the camera's preview (`core/preview-words.ts`). */
  connectPreview(deviceId: string, port: MessagePort): void;
  /** Carries out a command as if the host had sent it. Resolves with its final status. */
  command(command: object): Promise<StatusMessage>;
  log: Log;
  /** Tells the host with a `warning` status. */
  warn(code: 'monitor_failed' | 'monitor_restarted', message: string): void;
  /** The page can be opened. Called once, and again if the place changed. */
  onListening(facts: MonitorFacts): void;
  clock: Clock;
}

interface MonitorParts {
  readonly startThread: StartMonitorThread;
  readonly fileSystem: FileSystem;
}

const SNAPSHOT_PERIOD_MS = 500;
/**
 * What does not wait for the next snapshot: who was told that a camera is ready may ask for it right away, and the shutdown
 * may be over before.
 */
const TOLD_AT_ONCE: ReadonlySet<StatusName> = new Set<StatusName>(['device_ready', 'shutdown_started']);

/**
 * The monitor as its owner in the module's thread: it remembers what the statuses told, sends the server's thread a snapshot
 * twice a second, and brings that thread's wishes to the module. Nothing here runs per frame, and no failure of the monitor
 * becomes one of the module.
 */
export class Monitor {
  readonly #state = new MonitorState();
  #keeper: ThreadKeeper | null = null;
  #isEnded = false;
  #told: MonitorFacts | null = null;
  #startedWallMs = 0;
  #hasFailedToLook = false;
  #stopWatching = (): void => undefined;
  #stopSnapshots = (): void => undefined;

  constructor(
    private readonly settings: MonitorSettings,
    private readonly host: MonitorHost,
    private readonly parts: MonitorParts = { startThread: monitorThreads(), fileSystem: realFileSystem },
  ) {}

  /** Begins to watch and to open the page. Whether that succeeds is told by `onListening` and by warnings. */
  start(): void {
    const { host } = this;
    this.#stopWatching = host.watch((message) => {
      this.#state.hear(message, host.clock.monotonicNs());
      if (TOLD_AT_ONCE.has(message.status)) this.#sendSnapshot();
    });
    void this.#open(); // never rejects
  }

  /** Ends everything, within 0.2 s. May be called twice. */
  async end(): Promise<void> {
    this.#isEnded = true;
    this.#stopWatching();
    this.#stopSnapshots();
    await this.#keeper?.end();
  }

  async #open(): Promise<void> {
    try {
      const access = await accessFor(this.settings, this.parts.fileSystem);
      if (!this.#isEnded) this.#begin(access);
    } catch (thrown) {
      if (!this.#isEnded) this.#fail(messageOf(thrown));
    }
  }

  #begin(access: MonitorAccess): void {
    const { port, host, names } = this.settings;
    const { clock, log } = this.host;
    const { readsNeedToken, hasControl, withoutControl } = access;
    if (withoutControl !== null)
      this.host.warn('monitor_failed', `The page cannot control the cameras. ${withoutControl}`);
    const keeper = new ThreadKeeper({
      clock,
      log,
      startThread: this.parts.startThread,
      options: { port, host, names, tokenSha256: sha256Of(access.token), readsNeedToken, hasControl },
      onWord: (word, reply) => {
        if (word.type === 'connectPreview') this.host.connectPreview(word.deviceId, word.port);
        else void this.#command(word, reply); // never rejects
      },
      onListening: (ownPort, isBack) => {
        if (isBack) this.host.warn('monitor_restarted', 'The monitor had ended and is back. No recording was touched.');
        this.#tell(ownPort, access);
        this.#sendSnapshot();
      },
      onFailure: (message, isFinal) => {
        this.#fail(`${message} ${isFinal ? 'It is not tried again.' : 'It is tried again.'}`);
      },
    });
    this.#keeper = keeper;
    this.#stopSnapshots = clock.every(SNAPSHOT_PERIOD_MS, () => {
      keeper.check();
      this.#sendSnapshot();
    });
    keeper.start();
  }

  #fail(message: string): void {
    this.host.warn('monitor_failed', `${message} Recordings are not touched.`);
  }

  #tell(port: number, { token, tokenFile }: MonitorAccess): void {
    const url = urlOf(this.settings.host, port);
    if (this.#told?.url === url) return;
    this.#told = { url, link: linkOf(url, token), port, tokenFile };
    this.host.log('info', 'The monitor listens.', { url, tokenFile });
    this.host.onListening(this.#told);
  }

  /** Never throws: it is called by a timer, and the module would end. What is on the page grows old then. */
  #sendSnapshot(): void {
    try {
      this.#keeper?.post({ type: 'snapshot', snapshot: this.#look() });
    } catch (thrown) {
      if (!this.#hasFailedToLook) this.#fail(`The monitor cannot tell what is so: ${messageOf(thrown)}.`);
      this.#hasFailedToLook = true;
    }
  }

  #look(): MonitorSnapshot {
    const { clock } = this.host;
    const madeNs = clock.monotonicNs();
    const madeWallMs = clock.wallMs();
    const view = this.#state.look(this.host.status(), madeNs);
    const startedWallMs = this.#startOf(madeWallMs, view.status.uptime_s);
    return { view, totals: this.#state.totals(), madeNs, madeWallMs, startedWallMs };
  }

  /** It moves only with a wall clock that was set, not with the last digit of the uptime. */
  #startOf(wallMs: number, uptimeS: number): number {
    const startedWallMs = Math.round(wallMs - uptimeS * 1000);
    if (Math.abs(startedWallMs - this.#startedWallMs) > 1000) this.#startedWallMs = startedWallMs;
    return this.#startedWallMs;
  }

  async #command(
    { request, command }: ServerWord & { type: 'command' },
    reply: (word: MonitorWord) => void,
  ): Promise<void> {
    try {
      const answer = await this.host.command(asCommand(command));
      reply({ type: 'answered', request, answer });
    } catch (thrown) {
      this.host.log('error', 'A command of the monitor failed.', {
        command: command.command,
        error: messageOf(thrown),
      });
    }
  }
}

/** The fields that are meant, one by one: what the server's thread sends comes from a network. */
function asCommand({ command, device_id, settings }: ControlCommand): object {
  switch (command) {
    case 'set_settings':
      return { command, device_id, settings };
    case 'fix_settings':
    case 'take_snapshot':
      return { command, device_id };
    default:
      throw new Error('The page asked for a command that it may not give.');
  }
}
