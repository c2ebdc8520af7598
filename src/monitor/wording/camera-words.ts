import type { CameraView, LastEnd, MonitorAnswer } from '../view.js';
import { count, counted, duration } from './amounts.js';
import { BADGES, SEVERITY } from './badges.js';
import { givenText } from './given-text.js';
import { areFiguresOld, type CameraStatus, hasStalled, ungrownMs } from './limits.js';
import { endedByItself, mainDropReason, remarksOn, safeFrames } from './remarks.js';
import type { CameraFace, CameraWords } from './words.js';

/** One camera in words, as far as the answer proves it. How old the answer is belongs to `words-for.ts`. */

/** What is said of a camera, besides its face. */
interface Told {
  readonly face: CameraFace;
  readonly sentence: string;
  readonly advice?: string;
}

interface Subject {
  readonly camera: CameraStatus;
  readonly view: CameraView | undefined;
  readonly answer: MonitorAnswer;
  readonly answeredMsAgo: number;
}

type Take = NonNullable<CameraStatus['recording']>;

export function cameraWords(subject: Subject): CameraWords {
  const { camera } = subject;
  const { face, sentence, advice = '' } = tell(subject);
  return {
    deviceId: camera.device_id,
    name: nameOf(subject),
    face,
    badge: BADGES[face],
    sentence,
    advice,
    remarks: remarksOn(camera, subject.view?.last_end ?? null, face),
    severity: SEVERITY[face],
  };
}

/** For news that are too old: the camera's state stands behind words that say so. `since` is a full sentence. */
export function unknownCamera(subject: Subject, since: string): CameraWords {
  const { camera } = subject;
  const then = tell({ ...subject, answer: { ...subject.answer, status_age_ms: 0 }, answeredMsAgo: 0 });
  const lastKnown = then === STILL ? 'not recording, no new frame from the camera' : LAST_KNOWN[then.face];
  return {
    deviceId: camera.device_id,
    name: nameOf(subject),
    face: 'unknown',
    badge: BADGES.unknown,
    sentence: `${since} Last known: ${lastKnown}.`,
    advice: '',
    remarks: [],
    severity: SEVERITY.unknown,
  };
}

/** What a camera was, in the words that follow "Last known". */
export const LAST_KNOWN: Readonly<Record<CameraFace, string>> = {
  opening: 'opening',
  live: 'live, not recording',
  asked: 'recording requested, nothing in the file',
  recording: 'recording',
  stalled: 'recording, but no new frame in the file',
  dropping: 'recording, with dropped frames',
  lost: 'camera lost',
  gaveUp: 'gave up, not recording',
  ended: 'recording had ended by itself',
  closing: 'closing',
  unknown: 'no figures from the camera',
};

/** Hosts give several cameras one name: then the device id tells them apart. */
function nameOf({ camera, answer }: Subject): string {
  const name = givenText(camera.display_name);
  if (name === '') return camera.device_id;
  const namesakes = answer.status.cameras.filter(({ display_name: other }) => givenText(other) === name);
  return namesakes.length > 1 ? `${name} (${camera.device_id})` : name;
}

function tell(subject: Subject): Told {
  const { camera } = subject;
  switch (camera.state) {
    case 'opening':
      // Each attempt to reopen a lost camera is an opening too. It stays lost until its first frame clears the error.
      if (camera.error !== null) return lost(subject, 'An attempt is being made now');
      return endedOr(subject, { face: 'opening', sentence: 'Opening: waiting for the first frame.' });
    case 'streaming':
      return endedOr(subject, live(subject));
    case 'recording':
      return camera.recording === null ? asked() : recording(subject, camera.recording);
    case 'waiting':
      return lost(subject, nextAttempt(subject));
    case 'closing':
      return { face: 'closing', sentence: 'Closing.' };
    case 'closed':
      return closed(camera);
  }
}

function endedOr({ camera, view }: Subject, otherwise: Told): Told {
  const end = view?.last_end ?? null;
  if (end === null || !endedByItself(end)) return otherwise;
  const told = ended(end);
  if (camera.pending_trial_number !== null) return told;
  return { ...told, advice: `${told.advice ?? ''} Nothing is recorded until it is started again.`.trim() };
}

function live({ camera, answer }: Subject): Told {
  if (!areFiguresOld(camera, answer))
    return isStill(camera) ? STILL : { face: 'live', sentence: 'Live, not recording.' };
  const age = duration((camera.figures_age_ms ?? 0) + answer.status_age_ms);
  return {
    face: 'unknown',
    sentence: `No figures from the camera for ${age}. Last known: ${LAST_KNOWN.live}.`,
    advice: 'The recorder opens the camera again by itself if this goes on.',
  };
}

/** A camera has a rate from its second frame on, and it is 0 when no frame has come for long. */
function isStill({ capture_fps: fps, frames }: CameraStatus): boolean {
  return fps === 0 && frames > 1;
}

const STILL: Told = {
  face: 'stalled',
  sentence: 'Not recording, and no new frame comes from the camera.',
  advice: 'Check the camera cable. The recorder opens the camera again by itself if this goes on.',
};

function asked(): Told {
  return { face: 'asked', sentence: 'Recording requested, nothing in the file yet.' };
}

function recording(subject: Subject, take: Take): Told {
  const { camera, view, answer, answeredMsAgo } = subject;
  const ungrown = ungrownMs(view, answer);
  if (take.take === 0 || ungrown === null) return asked();
  if (hasStalled(camera, ungrown, { ageMs: answer.status_age_ms, loadLevel: answer.status.load_level })) {
    return {
      face: 'stalled',
      sentence: `Recording, but no new frame in the file for ${duration(ungrown + answeredMsAgo)}.`,
      advice: `${stallAdvice(camera)} ${counted(take.frames, 'frame')} were in the file before.`,
    };
  }
  if (take.frames === 0) return asked();
  const counts = `${counted(take.frames, 'frame')}, ${count(take.dropped)} dropped`;
  const sentence = `Recording trial ${take.trial_number}, take ${take.take}: ${counts}.`;
  if (take.dropped === 0) return { face: 'recording', sentence };
  return { face: 'dropping', sentence, advice: DROP_ADVICE[mainDropReason(camera)] ?? '' };
}

/** Where frames wait, they came, and the disk did not take them. */
function stallAdvice({ buffer }: CameraStatus): string {
  if (buffer.frames < 2) return 'Check the disk and the camera cable.';
  return `Check the disk: ${counted(buffer.frames, 'frame')} wait for it, and are lost when the buffer is full.`;
}

const DROP_ADVICE: Readonly<Record<string, string>> = {
  buffer_full: 'The disk was too slow: end other programs that write to it, or record fewer cameras or a lower rate.',
  write_error: 'The disk refused them: check the disk and its connection.',
  corrupt: 'They came damaged from the camera: check the ribbon cable.',
};

function lost({ camera }: Subject, next: string): Told {
  const [what, advice] = splitError(camera.error?.error ?? 'no reason given');
  const attempt = camera.attempts > 0 ? ` (no. ${camera.attempts})` : '';
  return { face: 'lost', sentence: `Camera lost: ${what} ${next}${attempt}.`, advice };
}

function nextAttempt({ camera, answer, answeredMsAgo }: Subject): string {
  if (camera.retry_in_ms === null) return 'An attempt follows';
  const leftMs = camera.retry_in_ms - answer.status_age_ms - answeredMsAgo;
  return leftMs < 1000 ? 'Next attempt now' : `Next attempt in ${duration(leftMs)}`;
}

function closed({ error, attempts }: CameraStatus): Told {
  if (error === null) return { face: 'closing', sentence: 'The camera is closed.' };
  const [what, advice] = splitError(error.error);
  const sentence = attempts > 0 ? `Gave up after ${counted(attempts, 'attempt')}: ${what}` : `Gave up: ${what}`;
  return { face: 'gaveUp', sentence, advice: `${advice} The host must assign it again.`.trim() };
}

function ended(end: LastEnd): Told {
  const [what, advice] = splitError(end.error?.error ?? REASONS[end.reason] ?? end.reason);
  if (end.reason === 'not_started') return { face: 'ended', sentence: `The recording did not start: ${what}`, advice };
  return { face: 'ended', sentence: `Recording ended by itself: ${what} ${safeFrames(end)}`.trim(), advice };
}

/** Where an end tells no error. */
const REASONS: Readonly<Record<string, string>> = {
  device_error: 'The camera was lost.',
  disk_full: 'The disk is full.',
  io_error: 'The disk failed.',
};

/** What happened, and what to do: an error's text ends with its advice. Its first sentence says what happened. */
function splitError(text: string): readonly [what: string, advice: string] {
  const whole = text.trim();
  const end = /[.!?](?=\s+[A-Z])/.exec(whole);
  if (end === null) return [/[.!?]$/.test(whole) ? whole : `${whole}.`, ''];
  return [whole.slice(0, end.index + 1), whole.slice(end.index + 1).trim()];
}
