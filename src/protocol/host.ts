import type { StatusMessage, StatusReport } from './statuses.js';

/** What a host gives to `start`. */
export interface HostContext {
  /** Session directories that a command gives as relative paths lie in here. Absolute path. */
  readonly dataDir?: string | undefined;
  /** Directory of the module's logs. Absolute path. */
  readonly logDir: string;
  /** Partial configuration (docs/configuration.md); what is left out has its default. */
  readonly config?: unknown;
  /** Called with every status, in order. What it throws is logged and changes nothing. */
  readonly sendStatus: (message: StatusMessage) => void;
}

/** The plugin interface, as `plugin.json` announces it. */
export interface HostModule {
  /** Resolves when `ready` was sent. Rejects if the module runs already. */
  start(context: HostContext): Promise<void>;
  /** Resolves with the command's final answer. Never throws or rejects, whatever it is given. */
  command(command: unknown): Promise<StatusMessage>;
  /** A plain snapshot, at once, in any state. */
  status(): StatusReport;
  /** The shutdown sequence. Twice is once. `start` may follow. */
  stop(): Promise<void>;
}
