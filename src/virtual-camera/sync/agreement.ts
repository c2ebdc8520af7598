/** When the frames of all synchronised cameras are, as their server tells it. Microseconds on the monotonic clock. */
export interface Agreement {
  readonly periodUs: number;
  /** Timestamp of one of the server's frames. */
  readonly originUs: number;
  /** From this moment on the cameras give their frames. */
  readonly startUs: number;
}

/** By how much `momentUs` is later than the nearest agreed frame, microseconds: half a period either way at most. */
export function latenessUs({ periodUs, originUs }: Agreement, momentUs: number): number {
  const sinceOrigin = momentUs - originUs;
  return sinceOrigin - Math.round(sinceOrigin / periodUs) * periodUs;
}
