// @ts-check

/** Whether a take is whole: what the module told of it, its rows and its pictures say the same, and nothing is missing. Pure. */

/**
 * What the module told of a take when it ended.
 *
 * @typedef {object} Told
 * @property {string} device
 * @property {number} trial
 * @property {number} take
 * @property {number} frames
 * @property {number} delivered
 * @property {number} lost dropped, skipped, or missing at the source
 * @property {string} reason
 */

/** @typedef {{ told: Told, files: import('./take-files.mjs').TakeFiles }} Take */

/**
 * Sensor timestamps of the virtual camera are a grid of whole microseconds. A lost frame makes a step of two periods,
 * so one part in a hundred is far from both.
 */
const UNEVEN_SHARE = 0.01;

/** @param {Readonly<Record<string, unknown>>} data of a `recording_stopped` @returns {Told} */
export function toldOf(data) {
  const { device_id: device, trial_number: trial, take, frames, delivered, reason } = data;
  return {
    device: String(device),
    trial: Number(trial),
    take: Number(take),
    frames: Number(frames),
    delivered: Number(delivered),
    lost: Number(data['dropped']) + Number(data['skipped']) + Number(data['source_gaps']),
    reason: String(reason),
  };
}

/**
 * Frames that are not where they should be: in the rows and not in the video, or the other way round, or of another
 * moment than their row says, or not counted.
 *
 * @param {Take} take
 */
export function mismatches({ told, files: { rows, pictures } }) {
  const pairs = Math.min(rows.length, pictures.length);
  const unlike = rows.slice(0, pairs).filter((stamp, index) => stamp !== pictures[index]).length;
  return unlike + Math.abs(rows.length - told.frames) + Math.abs(pictures.length - told.frames);
}

/**
 * Steps from one frame to the next that are not one period long.
 *
 * @param {Take} take
 * @param {number} fps
 */
export function unevenSteps({ files: { rows } }, fps) {
  const periodNs = 1e9 / fps;
  return rows.filter((stamp, index) => {
    const before = rows[index - 1];
    return before !== undefined && Math.abs(Number(stamp - before) - periodNs) > UNEVEN_SHARE * periodNs;
  }).length;
}

/**
 * Frames that fit between the first of these takes and the last, the first and the last included.
 *
 * @param {readonly Take[]} takes in order
 * @param {number} fps
 */
export function framesSpanned(takes, fps) {
  const [first, last] = [takes[0]?.files.rows[0], takes.at(-1)?.files.rows.at(-1)];
  return first === undefined || last === undefined ? 0 : Math.round((Number(last - first) / 1e9) * fps) + 1;
}

/** @param {readonly number[]} values */
export const sum = (values) => values.reduce((total, value) => total + value, 0);

/** @typedef {{ what: string, measured: string, limit: string, kept: boolean | 'busy' }} Judgement */

/** @param {string} what @param {number} measured @returns {Judgement} */
export function none(what, measured) {
  return { what, measured: String(measured), limit: '0', kept: measured === 0 };
}

/** @param {readonly Judgement[]} judgements @returns {string[][]} rows of a table */
export function judgementRows(judgements) {
  return judgements.map(({ what, measured, limit, kept }) => [
    what,
    measured,
    limit,
    kept === 'busy' ? 'machine busy' : kept ? 'yes' : '**no**',
  ]);
}

export const JUDGEMENT_HEAD = ['what', 'measured', 'limit', 'kept'];
