import type { RunTake } from './camera-run.js';
import { CannotAlign } from './cannot-align.js';

/**
 * Whether sensor times can be compared: they count from the start of one machine. The info file says which; without one,
 * wall clock minus monotonic clock is the moment of that start, and tells boots and machines apart well enough.
 */

/** The wall clock may be set by so much between two recordings. A machine does not start twice within it. */
const SET_LIMIT_NS = 20_000_000_000n;

/** Throws `CannotAlign` where the takes are of several boots. Returns what to know besides. */
export function checkSameClock(takes: readonly RunTake[]): readonly string[] {
  const boots = takes.map(({ info }) => info?.csi_cameras.clock.boot ?? null);
  const known = new Set(boots.filter((boot) => boot !== null));
  if (known.size > 1) {
    const one = boots.findIndex((boot) => boot !== null);
    const other = boots.findIndex((boot) => boot !== null && boot !== boots[one]);
    throw differ(takes[one], takes[other], 'their info files name different boots');
  }
  if (boots.every((boot) => boot !== null)) return [];
  const strangers = beyondTheOthers(takes);
  if (strangers !== null) throw differ(...strangers, 'no info file says which boot, and their clocks are far apart');
  const without = boots.filter((boot) => boot === null).length;
  return [
    `${without === takes.length ? 'No' : 'Not every'} recording has an info file that says when its machine was started; their clocks agree, so they are taken to be of one boot.`,
  ];
}

function differ(one: RunTake | undefined, other: RunTake | undefined, how: string): CannotAlign {
  return new CannotAlign(
    `${one?.files.stem ?? ''} and ${other?.files.stem ?? ''} were not recorded by one machine between two of its starts (${how}): their sensor times count from different moments. Move those of one start into a session directory of their own.`,
  );
}

/** Two neighbours between whose starts of the machine there is a wide gap. */
function beyondTheOthers(takes: readonly RunTake[]): readonly [RunTake, RunTake] | null {
  const inOrder = takes
    .filter(({ sensorNs }) => sensorNs.length > 0)
    .toSorted((a, b) => Number(a.wallMinusMonoNs[0] - b.wallMinusMonoNs[0]));
  let reached = inOrder[0];
  for (const take of inOrder) {
    if (reached === undefined) break;
    if (take.wallMinusMonoNs[0] - reached.wallMinusMonoNs[1] > SET_LIMIT_NS) return [reached, take];
    if (take.wallMinusMonoNs[1] > reached.wallMinusMonoNs[1]) reached = take;
  }
  return null;
}
