import type { CameraStatus, StatusReport } from '../../protocol/statuses.js';
import type { CameraView, MonitorSnapshot, MonitorTotals } from '../view.js';
import { hasStalled } from '../wording/limits.js';

/** What the server counted of itself since its thread began. */
export interface TrafficFigures {
  readonly connections: number;
  /** By HTTP status. */
  readonly requests: Readonly<Record<string, number>>;
  readonly previewBytes: number;
}

/** Everything that one answer of `/metrics` is made of. */
export interface Scene {
  readonly snapshot: MonitorSnapshot;
  readonly traffic: TrafficFigures;
  readonly status: StatusReport;
  readonly cameras: readonly CameraScene[];
  /** Cameras that are, or were, assigned: by device id. */
  readonly totals: MonitorTotals;
}

export interface CameraScene {
  readonly status: CameraStatus;
  /** Whether the take in progress is in a file and that file grows. */
  readonly isGrowing: boolean;
  /** When the take in progress last grew, ms since 1970 by the recorder's clock. Null while no take is in a file. */
  readonly grownWallMs: number | null;
  readonly isStreaming: boolean;
  /** Whether its rates, buffer and settings are of now. A dead thread's figures stand still and would be told for ever. */
  readonly isFresh: boolean;
}

const FRAME_TIMES = 5;
const FIGURES_LIMIT_MS = 10_000;

export function sceneOf(snapshot: MonitorSnapshot, traffic: TrafficFigures, nowWallMs: number): Scene {
  const { view, totals } = snapshot;
  // A clock that was set back makes no snapshot younger than new.
  const ageMs = Math.max(0, nowWallMs - snapshot.madeWallMs);
  const seen = new Map(view.cameras.map((camera) => [camera.device_id, camera]));
  const cameras = view.status.cameras.map((status) =>
    cameraScene(status, seen.get(status.device_id), snapshot, { ageMs, loadLevel: view.status.load_level }),
  );
  return { snapshot, traffic, status: view.status, cameras, totals };
}

function cameraScene(
  status: CameraStatus,
  view: CameraView | undefined,
  { madeWallMs }: MonitorSnapshot,
  { ageMs, loadLevel }: { ageMs: number; loadLevel: StatusReport['load_level'] },
): CameraScene {
  const isInFile = (status.recording?.take ?? 0) > 0;
  const grownMsAgo = isInFile ? (view?.grown_ms_ago ?? null) : null;
  const slowestMs = FRAME_TIMES * frameTimeMs(status);
  const figuresAgeMs = status.figures_age_ms ?? Infinity;
  return {
    status,
    isGrowing: grownMsAgo !== null && !hasStalled(status, grownMsAgo + ageMs, { ageMs, loadLevel }),
    grownWallMs: grownMsAgo === null ? null : madeWallMs - grownMsAgo,
    isStreaming: status.state === 'streaming' || status.state === 'recording',
    isFresh: figuresAgeMs + ageMs <= Math.max(FIGURES_LIMIT_MS, slowestMs),
  };
}

/** The time between two frames of the file: a slow camera is not a dead one, nor is one of which `recording.fps` takes few. */
function frameTimeMs({ given, requested, recording }: CameraStatus): number {
  const cameraMs = 1_000 / (given?.fps || requested.fps);
  const { frames = 0, skipped = 0 } = recording ?? {};
  return cameraMs * (1 + skipped / Math.max(1, frames));
}
