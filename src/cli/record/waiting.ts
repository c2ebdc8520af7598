import { type Clock, systemClock } from '../../core/clock.js';
import type { CsiCamerasModule } from '../../module/csi-cameras-module.js';
import type { ProgressLine } from '../progress.js';

/** After this long a wait needs a word. Most cameras have a frame by then. */
const UNNOTICED_MS = 2000;
const COUNT_PERIOD_MS = 1000;

/** The cameras that are opened and where it is told. */
export interface Awaited {
  readonly module: Pick<CsiCamerasModule, 'status'>;
  readonly line: Pick<ProgressLine, 'wait' | 'clear'>;
  readonly deviceIds: readonly string[];
  readonly clock?: Clock;
}

/** The outcome of `opening`. Meanwhile a person sees which cameras have no frame yet, and for how long. */
export async function tellingTheWait<Opened>(
  { module, line, deviceIds, clock = systemClock }: Awaited,
  opening: Promise<Opened>,
): Promise<Opened> {
  const sinceNs = clock.monotonicNs();
  const tell = (): void => {
    const { cameras } = module.status();
    const missing = deviceIds.flatMap((deviceId) => {
      const camera = cameras.find((one) => one.device_id === deviceId);
      if (camera?.state === 'streaming') return [];
      // A client waits for its server, and a server counts frames: neither is broken.
      const role = camera?.sync?.role;
      return role === undefined ? [deviceId] : [`${deviceId} (sync ${role})`];
    });
    if (missing.length === 0) return;
    const elapsedS = Math.round(Number(clock.monotonicNs() - sinceNs) / 1e9);
    line.wait(elapsedS, `Waiting for frames of ${missing.join(', ')}`, 'Ctrl-C ends it');
  };
  let stopCounting = (): void => {};
  const cancel = clock.after(UNNOTICED_MS, () => {
    tell();
    stopCounting = clock.every(COUNT_PERIOD_MS, tell);
  });
  try {
    return await opening;
  } finally {
    cancel();
    stopCounting();
    line.clear();
  }
}
