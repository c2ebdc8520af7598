import type { CameraStatus, StatusReport } from '../../protocol/statuses.js';
import type { ServerTraffic } from '../server/traffic.js';
import type { CameraView, MonitorSnapshot, MonitorTotals } from '../view.js';
import { hasStalled } from '../wording/limits.js';

/** Everything that one answer of `/metrics` is made of. */
export interface Scene {
  readonly snapshot: MonitorSnapshot;
  /** What the server counted of itself since its thread began. */
  readonly traffic: ServerTraffic;
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

/** Figures come by the clock, however seldom frames do. */
const FIGURES_LIMIT_MS = 10_000;

export function sceneOf(snapshot: MonitorSnapshot, traffic: ServerTraffic, ageMs: number): Scene {
  const { view, totals } = snapshot;
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
  const figuresAgeMs = status.figures_age_ms ?? Infinity;
  return {
    status,
    isGrowing: grownMsAgo !== null && !hasStalled(status, grownMsAgo + ageMs, { ageMs, loadLevel }),
    grownWallMs: grownMsAgo === null ? null : madeWallMs - grownMsAgo,
    isStreaming: status.state === 'streaming' || status.state === 'recording',
    isFresh: figuresAgeMs + ageMs <= FIGURES_LIMIT_MS,
  };
}
