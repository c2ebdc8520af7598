import { systemClock } from '../core/clock.js';
import { listCameras, type CameraInfo } from '../module/container.js';

export const NO_CAMERAS = 'No CSI cameras found. Check the ribbon cables at both ends.';

const LIMIT_MS = 15_000;

/**
 * The CSI cameras that are connected now. `config` is that of the module. Rejects as `listCameras` does, and after 15 s.
 */
export async function connectedCameras(config: unknown): Promise<readonly CameraInfo[]> {
  const tooLong = new AbortController();
  const cancel = systemClock.after(LIMIT_MS, () => {
    tooLong.abort(new Error(`The capture tool did not answer within ${LIMIT_MS / 1000} s.`));
  });
  try {
    return await listCameras(config, tooLong.signal);
  } finally {
    cancel();
  }
}
