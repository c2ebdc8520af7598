import type { CameraStatus } from '../../protocol/statuses.js';
import { msBetween } from './durations.js';

interface Take {
  readonly trial: number;
  readonly take: number;
  /** The most that was seen. Figures may fall: a run that ends has none for a moment. */
  readonly frames: number;
  readonly grownNs: bigint;
}

/**
 * When the takes in progress last grew. The figures of a dead camera stand still, and so does what is told here: only a frame
 * more in the same take, or a take that was not there before, counts.
 */
export class Growth {
  readonly #takes = new Map<string, Take>();

  /** A recording of the camera began or ended. What comes is another take, whatever its number. */
  forget(deviceId: string | null): void {
    if (deviceId !== null) this.#takes.delete(deviceId);
  }

  /** How long ago the camera's take last grew, ms; null while no take is in a file. `nowNs`: monotonic clock. */
  look({ device_id: deviceId, recording, figures_age_ms: ageMs }: CameraStatus, nowNs: bigint): number | null {
    if (recording === null || recording.take === 0) {
      this.#takes.delete(deviceId);
      return null;
    }
    const { trial_number: trial, take, frames } = recording;
    const known = this.#takes.get(deviceId);
    if (known?.trial !== trial || known.take !== take) {
      // A take has its number from its first frame on.
      this.#takes.set(deviceId, { trial, take, frames, grownNs: nowNs });
      return 0;
    }
    if (frames <= known.frames) return msBetween(known.grownNs, nowNs);
    const toldNs = nowNs - BigInt(Math.round(ageMs ?? 0)) * 1_000_000n;
    const grownNs = toldNs > known.grownNs ? toldNs : known.grownNs;
    this.#takes.set(deviceId, { trial, take, frames, grownNs });
    return msBetween(grownNs, nowNs);
  }

  /** Only these cameras are kept. */
  keep(present: ReadonlySet<string>): void {
    for (const deviceId of this.#takes.keys()) if (!present.has(deviceId)) this.#takes.delete(deviceId);
  }
}
