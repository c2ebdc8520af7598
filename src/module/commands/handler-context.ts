import type { LoadLevel } from '../../core/load-level.js';
import type { LogSink } from '../../logging/log-sink.js';
import type { Config } from '../../protocol/config.js';
import type { StatusReport } from '../../protocol/statuses.js';
import type { CameraDependencies } from '../camera/camera-description.js';
import type { Camera } from '../camera/camera.js';
import type { Session, SessionOfCommand } from '../session.js';
import type { SettingsDesks } from '../settings/desk-for.js';
import type { WindowShown } from '../window/monitor-window.js';
import type { Ended, StopsBehind } from './waiting-ends.js';

/** What the commands are carried out on. */
export interface HandlerContext {
  readonly config: Config;
  readonly session: Session;
  readonly desks: SettingsDesks;
  /** The assigned cameras by device id, in the order of assignment. */
  readonly cameras: Map<string, Camera>;
  readonly cameraDependencies: CameraDependencies;
  readonly logs: LogSink;
  readonly status: () => StatusReport;
  readonly loadLevel: () => LoadLevel;
  readonly isShuttingDown: () => boolean;
  /** Opens the monitor's page on this machine. Never rejects. */
  readonly showWindow: () => Promise<WindowShown>;
  /** Whether a waiting command ends this for the device. It was sent after the command that is carried out now. */
  readonly isEndWaiting: (ended: Ended, deviceId: string) => boolean;
}

/** One command's turn. */
export interface CommandTurn extends StopsBehind {
  readonly session: SessionOfCommand;
  /** The command holds up no other one from now on, although it is not answered yet. */
  readonly letGo: () => void;
}
