import { duration } from './amounts.js';
import { type CameraStatus, pictureLimitMs } from './limits.js';
import type { CameraWords } from './words.js';

/** What the page shows in a camera's frame. Also `data-picture`. */
export type PictureState = 'live' | 'old' | 'none' | 'off' | 'paused' | 'lost';

/** Why there is no newer picture: `X-Preview` of the last answer. Null where it was a picture. */
export type NoPicture = 'none' | 'off' | 'paused' | 'lost';

/** What a frame shows, by what was last answered, the age of the picture in it, and the camera's state. */
export function pictureStateOf(told: NoPicture | null, ageMs: number | null, camera: CameraStatus): PictureState {
  if (told === 'off' || told === 'paused') return told;
  if (told === 'lost' || !STREAMS.has(camera.state)) return 'lost';
  if (ageMs === null) return 'none';
  // `none` alone does not make a picture old: a slow camera has no new one for long.
  return ageMs >= pictureLimitMs(camera) ? 'old' : 'live';
}

const STREAMS = new Set<CameraStatus['state']>(['opening', 'streaming', 'recording', 'closing']);

/** The age of a younger picture is not told: it would change faster than it can be read. */
const TELLING_AGE_MS = 1_500;

export interface PictureSeen {
  readonly state: PictureState;
  /** Of the last picture, ms. Null where there is none. */
  readonly ageMs: number | null;
  /** Whether the person who looks paused the pictures. */
  readonly isPausedHere: boolean;
}

/** What stands on the picture, or in its place. */
export function pictureWords({ state, ageMs, isPausedHere }: PictureSeen, camera: CameraWords): string {
  const old = ageMs === null ? '' : `Picture is ${duration(ageMs)} old.`;
  switch (state) {
    case 'live':
      if (isPausedHere) return `Pictures paused here (P). ${old}`;
      return (ageMs ?? 0) < TELLING_AGE_MS ? '' : old;
    case 'old':
      return isPausedHere ? `Pictures paused here (P). ${old}` : old;
    case 'none':
      return isPausedHere ? 'Pictures paused here (P).' : 'No picture yet.';
    case 'off':
      return `Preview turned off by the host. ${old}`.trim();
    case 'paused':
      return `Paused under load${isInProgress(camera) ? '; recording goes on' : ''}. ${old}`.trim();
    case 'lost':
      return `No picture from the camera. ${old}`.trim();
  }
}

function isInProgress({ face }: CameraWords): boolean {
  return face === 'recording' || face === 'dropping';
}
