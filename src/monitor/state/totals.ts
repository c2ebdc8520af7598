import type { CameraStatus, StatusData } from '../../protocol/statuses.js';
import type { CameraTotals, MonitorTotals } from '../view.js';

/** Names of `drops` that are no dropped frames: they have totals of their own. */
const MISSING = 'source_gap';
const SKIPPED = 'gate_skip';

/** Counts by name. They only rise. */
class Tally {
  readonly #counts = new Map<string, number>();

  add(name: string, more = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + more);
  }

  read(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }
}

/**
 * A total of counts that begin at 0 again with each opening of a camera. A count that fell is a new one. A new one that has
 * passed the old one between two looks is not found out, so the total may be too small, but it never falls.
 */
class RisingTotal {
  #last = 0;
  #total = 0;

  see(count: number): void {
    this.#total += count >= this.#last ? count - this.#last : count;
    this.#last = count;
  }

  get total(): number {
    return this.#total;
  }
}

class CameraCounts {
  readonly #received = new RisingTotal();
  readonly #drops = new Map<string, RisingTotal>();
  readonly recordingsEnded = new Tally();
  readonly losses = new Tally();

  see({ frames, drops }: CameraStatus): void {
    this.#received.see(frames);
    for (const reason of Object.keys(drops)) if (!this.#drops.has(reason)) this.#drops.set(reason, new RisingTotal());
    // A camera without figures names no reason: all its counts are 0.
    for (const [reason, total] of this.#drops) total.see(drops[reason] ?? 0);
  }

  read(): CameraTotals {
    const { [MISSING]: framesMissing = 0, [SKIPPED]: framesSkipped = 0, ...framesDropped } = this.#dropTotals();
    return {
      framesReceived: this.#received.total,
      framesMissing,
      framesSkipped,
      framesDropped,
      recordingsEnded: this.recordingsEnded.read(),
      losses: this.losses.read(),
    };
  }

  #dropTotals(): Record<string, number> {
    return Object.fromEntries([...this.#drops].map(([reason, { total }]) => [reason, total]));
  }
}

/** Sums since the module was started, for metrics. They outlive assignments, openings and the monitor's server. */
export class Totals {
  /** By device id, the camera that was named first at the beginning. */
  readonly #cameras = new Map<string, CameraCounts>();
  readonly #warnings = new Tally();

  look(camera: CameraStatus): void {
    this.#of(camera.device_id).see(camera);
  }

  noteWarning({ code }: StatusData<'warning'>): void {
    this.#warnings.add(code);
  }

  noteLoss({ device_id: deviceId, code }: StatusData<'device_error'>): void {
    this.#of(deviceId).losses.add(code);
  }

  noteEnd({ device_id: deviceId, take, reason }: StatusData<'recording_stopped'>): void {
    // Without a file nothing was recorded.
    if (deviceId !== null && take !== null) this.#of(deviceId).recordingsEnded.add(reason);
  }

  /** Forgets the cameras that were named first, but for those that are present, until `most` are left. */
  trim(present: ReadonlySet<string>, most: number): void {
    for (const deviceId of this.#cameras.keys()) {
      if (this.#cameras.size <= most) return;
      if (!present.has(deviceId)) this.#cameras.delete(deviceId);
    }
  }

  read(): MonitorTotals {
    const cameras = [...this.#cameras].map(([deviceId, counts]) => [deviceId, counts.read()] as const);
    return { cameras: Object.fromEntries(cameras), warnings: this.#warnings.read() };
  }

  #of(deviceId: string): CameraCounts {
    const known = this.#cameras.get(deviceId);
    if (known !== undefined) return known;
    const counts = new CameraCounts();
    this.#cameras.set(deviceId, counts);
    return counts;
  }
}
