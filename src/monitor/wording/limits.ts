import type { CameraView, MonitorAnswer } from '../view.js';
import type { Seen } from './seen.js';

/** When something counts as old. Every limit that frames have to keep is the larger of its seconds and five frame times. */

export type CameraStatus = MonitorAnswer['status']['cameras'][number];

const OLD_NEWS_MS = 3_000;
/** Said within 5 s of a death: half a second is left for the request that fails and for drawing. */
const SILENCE_MS = 4_500;
const GROWTH_MS = 3_000;
const FIGURES_MS = 3_000;
const PICTURE_MS = 2_500;
const FRAME_TIMES = 5;
/** On the load level `reportingSlowed` figures come every 2.5 s instead of twice a second: 3 s would be one that comes late. */
const SLOWED_FIGURES_MS = FIGURES_MS + 2_500;

/**
 * How much the last answer is worth. `old`: the recorder's news stand still. `silent`: no answer comes. `refused`: the token is
 * missing or wrong. `starting`: no answer yet, and no reason to worry. Also `data-page` of the page.
 */
export type PageState = 'answering' | 'old' | 'silent' | 'refused' | 'starting';

export function pageStateOf(seen: Seen): PageState {
  if (seen.lastRequest === 'refused') return 'refused';
  if (seen.answeredMsAgo >= SILENCE_MS) return 'silent';
  if (seen.answer === null) return 'starting';
  if (newsAgeMs(seen.answer, seen.answeredMsAgo) < OLD_NEWS_MS) return 'answering';
  // A request that failed is a proof of its own: the answer before it is not waited for any longer.
  return seen.lastRequest === 'failed' && seen.answeredMsAgo >= OLD_NEWS_MS ? 'silent' : 'old';
}

/** Age of what the answer says, ms. */
export function newsAgeMs(answer: MonitorAnswer, answeredMsAgo: number): number {
  return answer.status_age_ms + answeredMsAgo;
}

/** Since the take in progress grew, as far as the answer proves it, ms. What came after the answer is not known. */
export function ungrownMs(view: CameraView | undefined, answer: MonitorAnswer): number | null {
  const grownMsAgo = view?.grown_ms_ago ?? null;
  return grownMsAgo === null ? null : grownMsAgo + answer.status_age_ms;
}

/** How old what is known of a camera is, and how often its figures come. */
interface News {
  /** Age of the status, ms. */
  readonly ageMs: number;
  readonly loadLevel: MonitorAnswer['status']['load_level'];
}

/**
 * Whether a take that has not grown for `ungrown` ms is told as not growing. Until the last figures came, that is proven. After
 * them it may be that the next ones are only late: a disk that hangs raises the load, and that makes figures seldom.
 */
export function hasStalled(camera: CameraStatus, ungrown: number, { ageMs, loadLevel }: News): boolean {
  const slowestMs = FRAME_TIMES * recordedFrameTimeMs(camera);
  const provenMs = ungrown - (camera.figures_age_ms ?? 0) - ageMs;
  const patienceMs = loadLevel === 'reportingSlowed' ? SLOWED_FIGURES_MS : GROWTH_MS;
  return provenMs >= Math.max(GROWTH_MS, slowestMs) || ungrown >= Math.max(patienceMs, slowestMs);
}

/** Figures of a camera that are older than this prove nothing, ms. They come by the clock, not by frames. */
export function figuresLimitMs(answer: MonitorAnswer): number {
  return isSlowed(answer) ? SLOWED_FIGURES_MS : FIGURES_MS;
}

export function areFiguresOld(camera: CameraStatus, answer: MonitorAnswer): boolean {
  return camera.figures_age_ms !== null && camera.figures_age_ms + answer.status_age_ms >= figuresLimitMs(answer);
}

/** A picture that is older than this is veiled, ms. */
export function pictureLimitMs(camera: CameraStatus): number {
  return Math.max(PICTURE_MS, FRAME_TIMES * frameTimeMs(camera));
}

/** Time from frame to frame, ms. */
function frameTimeMs({ given, requested }: CameraStatus): number {
  const fps = given?.fps ?? requested.fps;
  return fps > 0 ? 1000 / fps : 0;
}

/** `recording.fps` leaves frames out: a take grows more seldom than frames come. */
function recordedFrameTimeMs(camera: CameraStatus): number {
  const { frames = 0, skipped = 0 } = camera.recording ?? {};
  return frameTimeMs(camera) * (1 + skipped / Math.max(1, frames));
}

function isSlowed({ status }: MonitorAnswer): boolean {
  return status.load_level === 'reportingSlowed';
}
