// @ts-check

/** Whether a timing CSV accounts for every frame that was sent. Pure. */

const SENSOR_TIMESTAMP_COLUMN = 7;
/** Timestamps are rounded to whole microseconds: neighbours on a grid of 60 fps are 16,666 or 16,667 us apart. */
const GRID_NS = new Set([16_666_000n, 16_667_000n]);

/**
 * A recording may begin anywhere before the go, and from there on holds every frame up to the last one sent.
 *
 * @param {string} csv
 * @param {number} frames that the module says it recorded
 * @param {Pick<import('./feeder.mjs').FeedReport, 'frames' | 'trickled' | 'lastSensorTimestampNs'>} sent
 * @returns {string[]} what is wrong; empty where nothing is
 */
export function checkTiming(csv, frames, sent) {
  const stamps = csv
    .split('\n')
    .slice(1, -1)
    .map((row) => BigInt(row.split(',')[SENSOR_TIMESTAMP_COLUMN] ?? ''));
  const problems = [];
  if (stamps.length !== frames) problems.push(`${stamps.length} rows for ${frames} frames`);
  if (frames < sent.frames || frames > sent.frames + sent.trickled) {
    problems.push(`${frames} frames recorded, ${sent.frames} sent after ${sent.trickled}`);
  }
  const last = String(stamps.at(-1));
  if (last !== sent.lastSensorTimestampNs)
    problems.push(`the last row is of ${last}, not ${sent.lastSensorTimestampNs}`);
  const holeAt = stamps.findIndex((stamp, row) => row > 0 && !GRID_NS.has(stamp - (stamps[row - 1] ?? 0n)));
  if (holeAt !== -1) problems.push(`row ${holeAt + 1} does not follow row ${holeAt}`);
  return problems;
}
