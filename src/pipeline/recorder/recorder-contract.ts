import type { Clock } from '../../core/clock.js';
import type { DiskSpace } from '../../core/disk-space.js';
import type { LoadLevel } from '../../core/load-level.js';
import type { Recording, RecordingPaths } from '../../recording/recording-session.js';
import type { FpsGate } from '../fps-gate.js';
import type { RecordingSummary } from '../pipeline-messages.js';
import type { DiskWatchListener } from './disk-watch.js';
import type { RingLimits } from './frame-ring.js';
import type { RecordedCamera } from './recorded-camera.js';
import type { AccountListener } from './recording-account.js';

/** Hears from a recorder, at once and in order. No method throws. */
export interface RecorderListener extends AccountListener {
  /** Told once each, or once for each reason. */
  warn(
    code: Parameters<DiskWatchListener['warn']>[0] | 'timestamps_disordered' | 'info_not_written',
    message: string,
  ): void;
  /** The first frame is in the file. `firstFrameNs`: its `timelineNs`. */
  onStarted(paths: RecordingPaths, firstFrameNs: bigint): void;
  /** The recording accepts no more frames, and nobody asked for that. */
  onEnding(): void;
  /** The files are about to be committed. Frames that are offered within the call belong to the commit. */
  onCommitDue(): void;
  /** `pauseSource` only. `true`: the ring is nearly full, so the source must pause. `false`: it may go on. */
  onPressure(mustPause: boolean): void;
}

export interface RecorderDependencies {
  readonly recording: Recording;
  readonly buffer: RingLimits;
  readonly gate: FpsGate;
  readonly clock: Clock;
  /** Time between commits of the files, ms. */
  readonly commitIntervalMs: number;
  readonly disk: DiskSpace;
  /** Absolute path. */
  readonly sessionDir: string;
  /** Bytes that must stay free on the disk; 0: no limit. */
  readonly minFreeBytes: number;
  /** For info files. */
  readonly camera: RecordedCamera;
  readonly loadLevel: () => LoadLevel;
  readonly listener: RecorderListener;
}

/** How a recording ended. `hasStarted`: `onStarted` was called. */
export interface RecorderOutcome {
  readonly summary: RecordingSummary;
  readonly hasStarted: boolean;
}
