import { formatBytes } from '../../core/figures.js';
import { printable } from '../../core/safe-text.js';
import type { CameraStatus, StatusReport } from '../../protocol/statuses.js';
import { formatTime } from '../progress.js';

/** What a supervisor is told of the module: whether it lives, and what it does. */

/**
 * A camera's thread tells its figures every second. One that is silent for 20 s is ended, and the camera opened again, by the
 * module itself: figures older than this mean that it does not get to it.
 */
const OLD_FIGURES_MS = 30_000;
/** The line of `systemctl status`. */
const MAX_LENGTH = 500;

/**
 * Why the module is not alive, as a sentence, or `undefined` while it is. What it handles by itself is life: a lost camera, a
 * full disk, a thread that died.
 */
export function whyNotAlive({ cameras }: Pick<StatusReport, 'cameras'>): string | undefined {
  const silent = cameras.find(
    ({ state, figures_age_ms: ageMs }) =>
      (state === 'streaming' || state === 'recording') && ageMs !== null && ageMs > OLD_FIGURES_MS,
  );
  if (silent === undefined) return undefined;
  const seconds = Math.round((silent.figures_age_ms ?? 0) / 1000);
  return `${silent.device_id} has told nothing for ${seconds} s, and was not opened again.`;
}

/** What it does, on one line. */
export function stateText({ cameras, disk }: Pick<StatusReport, 'cameras' | 'disk'>): string {
  const parts = cameras.map((camera) => `${camera.device_id} ${whatItDoes(camera)}`);
  if (disk !== null) {
    const left = disk.seconds_left === null ? '' : `, full in about ${formatTime(disk.seconds_left)}`;
    parts.push(`${formatBytes(disk.free_bytes)} free${left}`);
  }
  return oneLine(parts.length === 0 ? 'No camera is open' : parts.join('; '));
}

/** Without control characters, and not too long for a line. */
export function oneLine(text: string): string {
  return printable(text.replaceAll(/\s+/g, ' ')).slice(0, MAX_LENGTH);
}

function whatItDoes({ state, recording, error, attempts }: CameraStatus): string {
  if (state === 'recording' && recording !== null) {
    if (recording.frames === 0) return 'begins to record';
    const dropped = recording.dropped === 0 ? '' : `, ${recording.dropped} dropped`;
    return `records take ${recording.take}: ${recording.frames} frames${dropped}`;
  }
  if (state === 'waiting') return `is lost${error === null ? '' : ` (${error.code})`}, attempt ${attempts}`;
  return state === 'streaming' ? 'gives frames, and is not recorded' : `is ${state}`;
}
