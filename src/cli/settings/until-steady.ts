import type { Clock } from '../../core/clock.js';
import { SteadyExposure, type Exposure } from './steady-exposure.js';

const POLL_MS = 250;
const STEADY_MS = 3000;
const LIMIT_MS = 10_000;

interface Watched {
  /** Index of the camera, for the advice. */
  readonly camera: number;
  readonly clock: Clock;
  /** What the camera tells of its exposure now, or why it tells nothing any more. */
  readonly look: () => Promise<Exposure | string>;
  /** Hears once a second how far it is. */
  readonly note: (text: string) => void;
}

/** Resolves with why the exposure does not get steady, or `undefined` when it has been steady for 3 s. */
export async function untilSteady({ camera, clock, look, note }: Watched): Promise<string | undefined> {
  const nowMs = (): number => Number(clock.monotonicNs()) / 1e6;
  const steady = new SteadyExposure();
  const startedMs = nowMs();
  let shownS = -1;
  for (;;) {
    const given = await look();
    if (typeof given === 'string') return given;
    const lookedMs = nowMs();
    const steadyMs = steady.steadyForMs(lookedMs, given);
    if (steadyMs >= STEADY_MS) return undefined;
    const seconds = Math.floor((lookedMs - startedMs) / 1000);
    if (seconds > shownS)
      note(`Waiting for a steady exposure: ${textOf(given)} (${(steadyMs / 1000).toFixed(1)} of 3 s)`);
    shownS = seconds;
    if (lookedMs - startedMs >= LIMIT_MS) return whyNotSteady(given, camera);
    await clock.sleep(POLL_MS);
  }
}

function whyNotSteady(given: Exposure, camera: number): string {
  const setIt = `csi-cameras settings --camera ${camera} --set exposureTimeUs=10000 --set gain=2`;
  if (given.exposureTimeUs === null && given.gain === null) {
    return `The camera does not tell its exposure, so it cannot be fixed as it is. Set it: ${setIt}`;
  }
  return `The exposure did not come to rest within ${LIMIT_MS / 1000} s (${textOf(given)} at the end). Steady the light, or set it: ${setIt}`;
}

function textOf({ exposureTimeUs, gain }: Exposure): string {
  if (exposureTimeUs === null && gain === null) return 'not told yet';
  return `${exposureTimeUs ?? '?'} us, gain ${gain ?? '?'}`;
}
