import type { Clock } from '../../core/clock.js';
import type { Log } from '../../core/log-level.js';
import type { CaptureSettings } from '../camera-source.js';
import type { SlabPool } from '../frame-memory.js';
import type { LeftoverProcesses } from '../leftover-processes.js';
import type { CameraLookup, LocatedCamera } from '../listing/camera-lookup.js';
import type { OptionalOption } from '../rpicam-arguments.js';
import type { ToolCommand } from '../tool-process.js';

/** What a stream shares with its source and the source's other streams. */
export interface StreamDependencies {
  readonly clock: Clock;
  readonly log: Log;
  readonly pool: SlabPool;
  /** Options that the tool does not know. They are remembered, so a reconnection does not try them again. */
  readonly leftOut: Set<OptionalOption>;
  /** Notes on capture processes, for the next start in case this process is killed. */
  readonly leftovers: Pick<LeftoverProcesses, 'note'>;
  readonly lookup: Pick<CameraLookup, 'locateAnew' | 'confirm'>;
}

/** Which camera to open, and how. */
export interface StreamPlan {
  readonly command: ToolCommand;
  readonly located: LocatedCamera;
  /** As configured. */
  readonly settings: CaptureSettings;
}
