import type { Badge, CameraFace } from './words.js';

/** Shape and word first, colour third. No green: what records is red, as on every camera. */
export const BADGES: Readonly<Record<CameraFace, Badge>> = {
  opening: { shape: 'dashed', word: 'Opening', tone: 'live' },
  live: { shape: 'triangle', word: 'Live', tone: 'live' },
  asked: { shape: 'dashed', word: 'Requested', tone: 'caution' },
  recording: { shape: 'dot', word: 'REC', tone: 'recording' },
  stalled: { shape: 'warning', word: 'No new frame', tone: 'caution' },
  dropping: { shape: 'warning', word: 'REC, drops', tone: 'caution' },
  lost: { shape: 'cross', word: 'Lost', tone: 'alarm' },
  gaveUp: { shape: 'cross', word: 'Gave up', tone: 'alarm' },
  ended: { shape: 'square', word: 'Ended', tone: 'alarm' },
  closing: { shape: 'dashed', word: 'Closing', tone: 'quiet' },
  unknown: { shape: 'question', word: 'Unknown', tone: 'unknown' },
};

/** No camera is assigned: there is no face to wear it. */
export const NO_CAMERA_BADGE: Badge = { shape: 'ring', word: 'No camera', tone: 'quiet' };

/** The worse, the higher. 0: nothing is wrong. */
export const SEVERITY: Readonly<Record<CameraFace, number>> = {
  unknown: 100,
  ended: 90,
  gaveUp: 80,
  lost: 70,
  stalled: 60,
  dropping: 50,
  asked: 0,
  opening: 0,
  live: 0,
  recording: 0,
  closing: 0,
};
