// @ts-check
import { roomIn } from './machine.mjs';
import { GB } from './units.mjs';
import { Workspace } from './workspace.mjs';

/** A measurement that records to a place: with a folder of its own there, and only where there is room. */

/** A run's file, and a bit more. */
export const ROOM_FACTOR = 1.2;

/**
 * @param {string} place
 * @param {{ title: string, seconds: number, bytes: number }} what `bytes`: the most that lies there at a time
 * @param {(workspace: Workspace) => Promise<void>} measure
 * @returns {import('./steps.mjs').Step}
 */
export function placedStep(place, { title, seconds, bytes }, measure) {
  return {
    title,
    seconds,
    run: async () => {
      if (roomIn(place) < bytes * ROOM_FACTOR) {
        const needed = (bytes / GB).toFixed(1);
        throw new Error(`${place} has no room for ${needed} GB (${title}): take less, or another place with --dir.`);
      }
      const workspace = new Workspace(place);
      try {
        await measure(workspace);
      } finally {
        workspace.remove();
      }
    },
  };
}

/** @param {number} cameras */
export const camerasText = (cameras) => (cameras === 1 ? 'one camera' : `${cameras} cameras`);
