/** Smallest change that counts, as a share: automatic exposure trembles below. */
const TOLERANCE = 0.02;

/** What a camera tells of its exposure. `null`: it does not tell it. */
export interface Exposure {
  readonly exposureTimeUs: number | null;
  readonly gain: number | null;
}

/** Finds out for how long a camera's exposure has been the same. */
export class SteadyExposure {
  #first: Exposure | undefined;
  #sinceMs = 0;

  /** For how long exposure time and gain have been the same at this moment, ms. 0 where the camera tells neither. */
  steadyForMs(nowMs: number, exposure: Exposure): number {
    if (exposure.exposureTimeUs === null && exposure.gain === null) {
      this.#first = undefined;
      return 0;
    }
    const first = this.#first;
    if (
      first === undefined ||
      !isNear(first.exposureTimeUs, exposure.exposureTimeUs) ||
      !isNear(first.gain, exposure.gain)
    ) {
      this.#first = exposure;
      this.#sinceMs = nowMs;
    }
    return nowMs - this.#sinceMs;
  }
}

function isNear(one: number | null, other: number | null): boolean {
  if (one === null || other === null) return one === other;
  return Math.abs(one - other) <= TOLERANCE * Math.max(one, other);
}
