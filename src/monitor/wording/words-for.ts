import type { CameraView, MonitorAnswer } from '../view.js';
import { duration } from './amounts.js';
import { banner, bannerOf } from './banner.js';
import { cameraWords, unknownCamera } from './camera-words.js';
import { newsAgeMs, pageStateOf } from './limits.js';
import type { Seen } from './seen.js';
import { camerasSentence, isRecordingFace, summaryOf } from './summary.js';
import type { CameraWords, PageWords } from './words.js';

/** The server answers, and the recorder behind it has told nothing for this long: it hangs. */
const LONG_WITHOUT_NEWS_MS = 5_000;

/**
 * Everything that a person is told, from what was seen. It claims nothing that the last answer does not prove: where the news are
 * old, every camera is unknown, with what was last known of it.
 */
export function wordsFor(seen: Seen): PageWords {
  const { answer, answeredMsAgo } = seen;
  const state = pageStateOf(seen);
  if (state === 'answering' && answer !== null) return proven(answer, answeredMsAgo);
  if (state === 'refused') {
    return unproven(seen, {
      banner: banner('refused', 'unknown', 'The recorder wants the token. Whether it records is not shown.'),
      title: '? token',
      since: 'The token is missing or wrong. The recorder printed a link with it, or the name of its file.',
    });
  }
  if (state === 'silent') {
    return unproven(seen, {
      banner: banner('silent', 'unknown', silence(seen)),
      title: '? no answer',
      since: 'Whether it records is unknown.',
    });
  }
  if (answer === null)
    return { banner: null, title: 'CSI Cameras', summary: ['Waiting for the recorder.'], cameras: [] };
  const ageMs = newsAgeMs(answer, answeredMsAgo);
  const since = `No news for ${duration(ageMs)}.`;
  const doubt =
    ageMs < LONG_WITHOUT_NEWS_MS ? '' : ' Whether it still records is unknown: its machine may be overloaded.';
  return unproven(seen, {
    banner: banner('old', 'unknown', `${since} Last known: ${lastKnown(answer)}${doubt}`),
    title: '? no news',
    since,
  });
}

function proven(answer: MonitorAnswer, answeredMsAgo: number): PageWords {
  const cameras = camerasOf(answer).map(({ camera, view }) => cameraWords({ camera, view, answer, answeredMsAgo }));
  const worst = bannerOf(answer, cameras);
  return { banner: worst, title: titleOf(worst?.kind ?? null, cameras), summary: summaryOf(answer, cameras), cameras };
}

interface Doubt extends Pick<PageWords, 'banner' | 'title'> {
  /** Why nothing is sure, a full sentence. */
  readonly since: string;
}

function unproven(seen: Seen, { banner: doubt, title, since }: Doubt): PageWords {
  const { answer, answeredMsAgo } = seen;
  if (answer === null) return { banner: doubt, title, summary: [since], cameras: [] };
  const cameras = camerasOf(answer).map(({ camera, view }) =>
    unknownCamera({ camera, view, answer, answeredMsAgo }, since),
  );
  const age = duration(newsAgeMs(answer, answeredMsAgo));
  return { banner: doubt, title, summary: [`Last known, ${age} ago: ${lastKnown(answer)}`], cameras };
}

function silence({ answer, answeredMsAgo }: Seen): string {
  const since = answer === null ? '' : ` (${duration(answeredMsAgo)})`;
  return `The recorder does not answer${since}. Whether it records is unknown. Check its machine, its program and the network. It is asked again all the time.`;
}

/** The sentence about all cameras, as it was true when the recorder told it. */
function lastKnown(told: MonitorAnswer): string {
  const answer = { ...told, status_age_ms: 0 };
  const cameras = camerasOf(answer).map((seen) => cameraWords({ ...seen, answer, answeredMsAgo: 0 }));
  const sentence = camerasSentence(cameras, answer.status.cameras);
  return `${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`;
}

function camerasOf(answer: MonitorAnswer) {
  const views = new Map<string, CameraView>(answer.cameras.map((view) => [view.device_id, view]));
  return answer.status.cameras.map((camera) => ({ camera, view: views.get(camera.device_id) }));
}

const TROUBLE: Readonly<Record<string, string>> = {
  ended: 'Recording ended',
  gaveUp: 'Camera gave up',
  lost: 'Camera lost',
  stalled: 'No new frame',
  unknown: 'No figures',
  dropping: 'Frames dropped',
  diskFull: 'Disk full',
  diskNearlyFull: 'Disk nearly full',
  underVoltage: 'Supply too low',
  hot: 'Too hot',
  stopping: 'Shutting down',
  stopped: 'Stopped',
};

function titleOf(trouble: string | null, cameras: readonly CameraWords[]): string {
  const recording = cameras.filter(isRecordingFace).length;
  const share = `REC ${recording}/${cameras.length}`;
  if (trouble !== null) return `⚠ ${TROUBLE[trouble] ?? trouble}${recording === 0 ? '' : ` · ${share}`}`;
  if (recording > 0) return `● ${share}`;
  return cameras.length === 0 ? 'No camera' : 'Not recording';
}
