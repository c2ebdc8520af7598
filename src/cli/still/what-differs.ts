import type { PartialSettings } from '../../core/camera-settings.js';
import { roundedDioptres, roundedGain } from '../../core/figures.js';
import type { Still } from '../../module/container.js';

/** What a still was asked for and did not get. A picture alone does not show it. */

/** Largest difference that is none, as a share. */
const TOLERANCE = 0.02;
/** The longest line of a usual sensor, microseconds: exposures are whole lines. */
const LINE_US = 30;

type Given = Pick<Still, 'exposureTimeUs' | 'gain' | 'lensPositionDioptres'>;

/** Sentences for the person. What the tool does not tell is not judged, except a lens that cannot move. */
export function whatDiffers(asked: PartialSettings, given: Given): readonly string[] {
  const { exposureTimeUs: exposure, gain, lensPositionDioptres: lens } = asked;
  const notes: string[] = [];
  if (exposure !== undefined && given.exposureTimeUs !== null && isFar(exposure, given.exposureTimeUs, LINE_US)) {
    notes.push(`exposureTimeUs: asked ${exposure}, the camera gives ${Math.round(given.exposureTimeUs)}.`);
  }
  if (gain !== undefined && given.gain !== null && isFar(gain, given.gain)) {
    notes.push(`gain: asked ${gain}, the camera gives ${roundedGain(given.gain)}.`);
  }
  if (lens === undefined) return notes;
  if (given.lensPositionDioptres !== null) {
    if (isFar(lens, given.lensPositionDioptres, TOLERANCE)) {
      const position = roundedDioptres(given.lensPositionDioptres);
      notes.push(`lensPositionDioptres: asked ${lens}, the camera gives ${position}.`);
    }
  } else if (given.exposureTimeUs !== null) {
    notes.push(
      `lensPositionDioptres: asked ${lens}, the camera tells no position: its lens cannot be moved, or the tool does not tell.`,
    );
  }
  return notes;
}

function isFar(asked: number, given: number, least = 0): boolean {
  return Math.abs(asked - given) > Math.max(TOLERANCE * Math.abs(asked), least);
}
