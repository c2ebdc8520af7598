// @ts-check
import { median } from '../statistics.mjs';
import { none } from './take-judge.mjs';

/** The monitor's page, open for minutes: whether the browser's memory stays, and whether the page went on showing what is so. Pure. */

/**
 * @typedef {object} MemorySample
 * @property {number} atS since the page was opened
 * @property {number} rendererMb resident, of all renderers
 * @property {number} browserMb resident, of the browser's own process: where blobs pile up
 */

/**
 * @typedef {object} PageHold
 * @property {number} cameras
 * @property {number} seconds
 * @property {readonly MemorySample[]} samples
 * @property {number} pictures that came
 * @property {readonly string[]} mistakes exceptions and errors of the page
 * @property {readonly string[]} faces of the tiles at the end: `recording live`
 */

/** Until the page has compiled its script and drawn its first plots. */
const SETTLE_S = 10;
const MINUTE_S = 60;
const MOST_GROWTH_MB = 60;
/** Of the two pictures a second that a tile gets: an address is asked for one at a time, and a busy machine takes its time. */
const FEWEST_PICTURES = 0.5;
const GOOD_FACE = 'recording live';

/**
 * @param {PageHold} hold
 * @returns {import('./take-judge.mjs').Judgement[]}
 */
export function judgePage({ cameras, seconds, samples, pictures, mistakes, faces }) {
  const rate = pictures / seconds / cameras;
  return [
    growth("the page's renderer", samples, ({ rendererMb }) => rendererMb),
    growth("the browser's process", samples, ({ browserMb }) => browserMb),
    {
      what: 'pictures a second of each tile',
      measured: rate.toFixed(2),
      limit: `at least ${FEWEST_PICTURES}`,
      kept: rate >= FEWEST_PICTURES,
    },
    none('errors of the page', mistakes.length),
    {
      what: 'tiles at the end',
      measured: [...new Set(faces)].join(', '),
      limit: `${cameras} x ${GOOD_FACE}`,
      kept: faces.length === cameras && faces.every((face) => face === GOOD_FACE),
    },
  ];
}

/**
 * Medians: a renderer's memory goes up and down by dozens of megabytes between two collections.
 *
 * @param {string} of
 * @param {readonly MemorySample[]} samples
 * @param {(sample: MemorySample) => number} figure
 */
function growth(of, samples, figure) {
  const endS = samples.at(-1)?.atS ?? 0;
  const first = median(samples.filter(({ atS }) => atS >= SETTLE_S && atS <= MINUTE_S).map(figure));
  const last = median(samples.filter(({ atS }) => atS > endS - MINUTE_S).map(figure));
  return {
    what: `${of}: first minute, last minute, MB`,
    measured: `${first.toFixed(0)} and ${last.toFixed(0)}`,
    limit: `at most ${MOST_GROWTH_MB} more`,
    kept: last - first <= MOST_GROWTH_MB,
  };
}
