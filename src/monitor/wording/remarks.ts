import type { LastEnd } from '../view.js';
import { counted, fileName } from './amounts.js';
import type { CameraStatus } from './limits.js';
import type { CameraFace } from './words.js';

/** What else there is to say of a camera: what its take lost, how its last recording ended, what comes next. */

const DROP_WORDS: Readonly<Record<string, string>> = {
  buffer_full: 'buffer full',
  timeout: 'too late',
  corrupt: 'damaged',
  write_error: 'disk error',
};

/** The reason of most drops since the camera was opened. Reasons of this take alone are not told. */
export function mainDropReason({ drops }: CameraStatus): string {
  const told = Object.entries(drops).filter(([reason, dropped]) => Object.hasOwn(DROP_WORDS, reason) && dropped > 0);
  return told.toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? '';
}

export function endedByItself({ error, reason }: LastEnd): boolean {
  return error !== null || (reason !== 'command' && reason !== 'shutdown');
}

export function safeFrames({ frames, video_path: path }: LastEnd): string {
  if (frames === 0 || path === null) return '';
  return `${counted(frames, 'frame')} ${frames === 1 ? 'is' : 'are'} safe in ${fileName(path)}.`;
}

/** Besides the sentence. `end`: of the last recording. */
export function remarksOn(camera: CameraStatus, end: LastEnd | null, face: CameraFace): readonly string[] {
  const take = camera.recording;
  const ofTake = take === null ? [] : [droppedRemark(camera, take.dropped), missingRemark(take.source_gaps)];
  const isTold = face === 'ended' || end === null || !endedByItself(end);
  return [
    ...ofTake,
    isTold ? '' : `Its recording ended by itself. ${safeFrames(end)}`.trim(),
    take === null ? pendingRemark(camera.pending_trial_number, end, face) : '',
  ].filter((remark) => remark !== '');
}

function droppedRemark(camera: CameraStatus, dropped: number): string {
  if (dropped === 0) return '';
  const reason = DROP_WORDS[mainDropReason(camera)];
  return `${counted(dropped, 'frame')} dropped in this take${reason === undefined ? '' : ` (${reason})`}.`;
}

function missingRemark(missing: number): string {
  return missing === 0 ? '' : `${counted(missing, 'frame')} never came from the camera in this take.`;
}

function pendingRemark(trial: number | null, end: LastEnd | null, face: CameraFace): string {
  if (trial === null) return '';
  if (end?.trial_number === trial) return `Trial ${trial} goes on in a new take when frames come.`;
  return `Trial ${trial} begins ${face === 'live' ? 'next' : 'when frames come'}.`;
}
