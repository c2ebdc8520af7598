import type { PartialSettings } from '../core/camera-settings.js';
import type { StatusMessage, StatusReport } from './statuses.js';

/** What the host passes to `start`. */
export interface HostContext {
  /** Directory of the session directories that commands give as relative paths. Absolute path. */
  readonly dataDir?: string | undefined;
  /** Directory of the module's logs. Absolute path. */
  readonly logDir: string;
  /** Partial configuration (docs/configuration.md). Options that are left out have their defaults. */
  readonly config?: unknown;
  /**
   * Folder of what is kept from one life of the module to the next, such as the settings of cameras. Absolute path. Default:
   * `$XDG_STATE_HOME/csi-cameras`, or `~/.local/state/csi-cameras`.
   */
  readonly stateDir?: string | undefined;
  /** Settings for every camera that win over what was kept, as flags of a command line do. They are never kept. */
  readonly settings?: PartialSettings;
  /** Sentences about a configuration that the host could not read. Each is sent as a `config_ignored` warning. */
  readonly configProblems?: readonly string[];
  /** Called with every status, in order. An exception from it is logged and otherwise ignored. */
  readonly sendStatus: (message: StatusMessage) => void;
}

/** The plugin interface, as `plugin.json` announces it. */
export interface HostModule {
  /** Resolves when `ready` was sent. Rejects if the module is already running. */
  start(context: HostContext): Promise<void>;
  /** Resolves with the command's final answer. Never throws or rejects, whatever value it gets. */
  command(command: unknown): Promise<StatusMessage>;
  /** The present state as plain data, at once, in any state. */
  status(): StatusReport;
  /** Runs the shutdown sequence. May be called twice. `start` may follow. */
  stop(): Promise<void>;
}
