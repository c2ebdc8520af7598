// @ts-check
import { CONTENDER } from '../module-run.mjs';
import { barsSvg } from './bars.mjs';
import { growthSvg } from './growth-plot.mjs';
import { placeText } from './svg.mjs';
import { latencySvg } from './latency-plot.mjs';

/** The plots that a set of results gives, by file name. Pure. */

/** Writes durably what it may not have: told in the tables, too much for a plot. */
const isSynced = (/** @type {string} */ contender) => contender.endsWith(', synced');

/**
 * @param {import('../bench.mjs').Measured} measured
 * @returns {Record<string, string>} name without extension to SVG
 */
export function plotsOf({ flatOut, paced, growth }) {
  /** @type {Record<string, string>} */
  const plots = {};
  if (flatOut.length > 0) {
    plots['throughput'] = barsSvg(groups(flatOut, 'megabytesPerSecond'), {
      title: 'Throughput, flat out',
      subtitle: 'Median, with the least and the most; all cameras together. More is better.',
      unit: 'MB/s',
    });
    plots['cpu'] = barsSvg(groups(flatOut, 'cpuSecondsPerGb'), {
      title: 'CPU time, flat out',
      subtitle: 'User and system seconds a GB, the consumer alone. Less is better.',
      unit: 's/GB',
    });
  }
  if (paced.length > 0) plots['latency'] = latencySvg(paced);
  const drawn = growth.filter(({ steps }) => steps.length > 1);
  if (drawn.length > 0) plots['growth'] = growthSvg(drawn);
  return plots;
}

/**
 * @param {readonly import('../flat-out.mjs').FlatOut[]} flatOut
 * @param {'megabytesPerSecond' | 'cpuSecondsPerGb'} figure
 * @returns {import('./bars.mjs').Group[]}
 */
function groups(flatOut, figure) {
  return flatOut.map(({ fileSystem, cameras, contenders }) => ({
    label: `${cameras === 1 ? 'one camera' : `${cameras} cameras`}, to ${placeText(fileSystem)}`,
    bars: contenders
      .filter(({ contender }) => fileSystem === 'tmpfs' || contender === CONTENDER || isSynced(contender))
      .map((one) => ({ label: one.contender, value: one[figure], isOurs: one.contender === CONTENDER })),
  }));
}
