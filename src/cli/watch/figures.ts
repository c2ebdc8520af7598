import type { MonitorAnswer } from '../../monitor/view.js';
import { areFiguresOld } from '../../monitor/wording/limits.js';
import type { CameraWords } from '../../monitor/wording/words.js';
import type { CameraStatus } from '../../protocol/statuses.js';
import { formatBytes } from '../../core/figures.js';
import { formatTime } from '../progress.js';

/** The figures of a camera as cells of a table. A figure that is not known, or that may no longer hold, is a dash. */

/** In the order of the table. Where there is no room the last ones are left out first. */
export const FIGURES = ['fps', 'frames', 'dropped', 'time', 'size', 'buffer', 'exposure', 'gain', 'focus'] as const;

export type Figures = Readonly<Record<(typeof FIGURES)[number], string>>;

const NOT_KNOWN = '-';

const NO_FIGURES: Figures = {
  fps: NOT_KNOWN,
  frames: NOT_KNOWN,
  dropped: NOT_KNOWN,
  time: NOT_KNOWN,
  size: NOT_KNOWN,
  buffer: NOT_KNOWN,
  exposure: NOT_KNOWN,
  gain: NOT_KNOWN,
  focus: NOT_KNOWN,
};

/** `ageMs`: of the answer. */
export function figuresOf(words: CameraWords, answer: MonitorAnswer | null, ageMs: number): Figures {
  const camera = answer?.status.cameras.find((one) => one.device_id === words.deviceId);
  if (answer === null || camera === undefined || words.face === 'unknown') return NO_FIGURES;
  if (areStale(camera, answer, ageMs)) return NO_FIGURES;
  return { ...NO_FIGURES, ...streamFigures(camera), ...takeFigures(camera) };
}

/** As the page counts it. Figures that never came are none. */
function areStale(camera: CameraStatus, answer: MonitorAnswer, ageMs: number): boolean {
  return camera.figures_age_ms === null || areFiguresOld(camera, { ...answer, status_age_ms: ageMs });
}

function streamFigures({ state, capture_fps, buffer, given, focus }: CameraStatus): Partial<Figures> {
  if (state !== 'streaming' && state !== 'recording') return {};
  return {
    fps: rate(capture_fps),
    buffer: `${Math.round(buffer.fill * 100)} %`,
    ...(typeof given?.exposure_time_us === 'number' ? { exposure: `${exposureMs(given.exposure_time_us)} ms` } : {}),
    ...(typeof given?.gain === 'number' ? { gain: given.gain.toFixed(1) } : {}),
    ...(focus === null ? {} : { focus: grouped(focus.value) }),
  };
}

/** A take counts from its first frame in the file on. */
function takeFigures({ recording }: CameraStatus): Partial<Figures> {
  if (recording === null || recording.take === 0) return {};
  return {
    frames: grouped(recording.frames),
    dropped: grouped(recording.dropped),
    time: formatTime(recording.duration_s),
    size: formatBytes(recording.bytes),
  };
}

function rate(fps: number): string {
  return fps < 1 ? String(fps) : fps.toFixed(1);
}

function exposureMs(exposureTimeUs: number): string {
  const ms = exposureTimeUs / 1000;
  return ms < 10 ? ms.toFixed(2) : ms.toFixed(1);
}

/** For example `12 340`. */
function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ' ');
}
