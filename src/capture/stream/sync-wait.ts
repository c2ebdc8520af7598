import type { SyncRole } from '../../core/camera-settings.js';
import type { CsiCamerasError } from '../../core/errors.js';
import type { CaptureSettings } from '../camera-source.js';
import { firstFrameLimitMs } from '../frame-watchdog.js';
import { silenceError, type CaptureFailure } from '../rpicam-errors.js';

const MS_PER_SECOND = 1000;
/** A server counts about 100 frames, which nobody gets. The reserve is for a camera that begins slowly. */
const FRAMES_UNTIL_MET = 150;
const WARNING_PERIOD_MS = 10_000;

type Limits = Pick<CaptureSettings, 'fps' | 'firstFrameTimeoutMs' | 'syncTimeoutMs'>;

/**
 * How long the first frame of one opening is waited for, and what is said meanwhile. Of synchronised cameras it comes only
 * when they have met: a server begins without clients too, a client waits for its server for ever and says nothing.
 */
export class SyncWait {
  /** The longest silence before the first frame, ms. */
  readonly limitMs: number;
  #warnings = 0;

  constructor(
    /** As the tool was told. `null`: the camera is not synchronised. */
    private readonly role: SyncRole | null,
    limits: Limits,
    private readonly warn: (code: string, message: string) => void,
  ) {
    this.limitMs = limitOf(role, limits);
  }

  /** Called again and again before the first frame, with the time that was waited until now. */
  silence(silentMs: number): void {
    if (this.role !== 'client') return;
    const due = Math.floor(silentMs / WARNING_PERIOD_MS);
    if (due > this.#warnings) this.#warn(due * WARNING_PERIOD_MS);
    this.#warnings = due; // it may be fewer: after a pause the wait begins anew
  }

  /** The error for a first frame that did not come within the limit. What the tool says of the camera goes before. */
  error(failure: CaptureFailure, silentMs: number): CsiCamerasError {
    return silenceError(failure, silentMs, this.role === 'client' ? 'sync_timeout' : 'frame_timeout');
  }

  #warn(waitedMs: number): void {
    const [waited, limit] = [waitedMs, this.limitMs].map((ms) => Math.round(ms / MS_PER_SECOND));
    const message = `The camera waits for its synchronising server, for ${waited} s so far, and is given up after ${limit} s. Check that the server runs (sync: server), that both have the same rate, and that UDP multicast passes between them.`;
    this.warn('sync_waiting', message);
  }
}

function limitOf(role: SyncRole | null, limits: Limits): number {
  const untilMetMs = (FRAMES_UNTIL_MET * MS_PER_SECOND) / limits.fps;
  if (role === 'client') return Math.max(limits.syncTimeoutMs, untilMetMs);
  return firstFrameLimitMs(limits) + (role === 'server' ? untilMetMs : 0);
}
