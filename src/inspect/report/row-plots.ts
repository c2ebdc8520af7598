import {
  bottomAxis,
  decimalsOf,
  leftAxis,
  linearScale,
  logScale,
  PLOT,
  type Scale,
  svg,
  tickText,
  unit,
} from './axes.js';
import type { Buckets } from './buckets.js';
import { clockOf, counted, grouped, milliseconds } from '../figures-as-text.js';
import type { Histogram } from './histogram.js';
import { html, type Html, markup } from './html.js';
import type { DelayFigures, IntervalFigures, RowFigures } from './row-figures.js';
import { linearTicks, logTicks } from './ticks.js';

/** Plots of a recording's rows. Each shows every single value that stands out. */

const HEIGHT = 210;
const HISTOGRAM_HEIGHT = 170;
const BASE = HEIGHT - PLOT.bottom;
const RIGHT = PLOT.width - PLOT.right;
/** Intervals beyond so many medians stand out: a frame is missing in them. */
export const GAP_FACTOR = 1.5;
/** From here on delays differ so much that only a logarithm shows all of them. */
const WIDE = 20;

export function intervalPlot(rows: RowFigures, intervals: IntervalFigures): Html {
  const { least, median, most, buckets } = intervals;
  const from = Math.min(least, median / 2) / 1.08;
  const to = Math.max(most, median * 2) * 1.08;
  const y = logScale(from, to, BASE, PLOT.top);
  const x = frameScale(rows);
  const ticks = logTicks(from, to, 7).map((tick) => ({ at: y.at(tick), text: tickText(tick) }));
  const title = `Time from each frame to the next, ${counted(buckets.count, 'interval')}: median ${milliseconds(median)}, longest ${milliseconds(most)} after frame ${grouped(intervals.mostAfterFrame)}. Logarithmic.`;
  const content = html`${leftAxis(ticks, 'interval, ms (log)', HEIGHT)}<path
      class="median"
      d="M${PLOT.left} ${markup(unit(y.at(median)))}H${RIGHT}"
    /><path class="${dataClass(buckets)}" d="${columns(buckets, x, y)}" /><path
      class="far"
      d="${dots(buckets, x, y, median * GAP_FACTOR)}"
    />${frameAxis(rows, x)}`;
  return svg(HEIGHT, title, 'plot', content);
}

export function delayPlot(rows: RowFigures, delays: DelayFigures): Html {
  const { least, median, most, buckets } = delays;
  const isLog = least > 0 && most > WIDE * least;
  const from = isLog ? least / 1.1 : Math.min(0, least);
  const to = isLog ? most * 1.1 : Math.max(most * 1.08, from + 1);
  const y = (isLog ? logScale : linearScale)(from, to, BASE, PLOT.top);
  const x = frameScale(rows);
  const ticks = (isLog ? logTicks : linearTicks)(from, to, 6).map((tick) => ({ at: y.at(tick), text: tickText(tick) }));
  const title = `Delay from sensor time to arrival: median ${milliseconds(median)}, longest ${milliseconds(most)} at frame ${grouped(delays.mostFrame)}.${isLog ? ' Logarithmic.' : ''}`;
  const content = html`${leftAxis(ticks, isLog ? 'delay, ms (log)' : 'delay, ms', HEIGHT)}<path
      class="${dataClass(buckets)}"
      d="${columns(buckets, x, y)}"
    />${frameAxis(rows, x)}`;
  return svg(HEIGHT, title, 'plot', content);
}

/** How often each length of interval comes. The counts are logarithmic, so that a single one is seen beside thousands. */
export function histogramPlot(histogram: Histogram): Html {
  const { from, step, counts, shorter, longer } = histogram;
  const base = HISTOGRAM_HEIGHT - PLOT.bottom;
  const most = Math.max(1, ...counts);
  const y = logScale(0.5, Math.max(2, most * 1.2), base, PLOT.top);
  const x = linearScale(from, from + step * counts.length, PLOT.left, RIGHT);
  const left = logTicks(0.5, Math.max(2, most * 1.2), 6)
    .filter((tick) => Number.isInteger(tick))
    .map((tick) => ({ at: y.at(tick), text: tickText(tick) }));
  const texts = linearTicks(from, from + step * counts.length, 8);
  const decimals = decimalsOf(texts);
  const below = texts.map((tick) => ({ at: x.at(tick), text: tickText(tick, decimals) }));
  const bars = counts
    .map((count, bin) => {
      if (count === 0) return '';
      const [start, end] = [x.at(from + step * bin), x.at(from + step * (bin + 1))];
      return `M${unit(start + 0.3)} ${unit(base)}V${unit(y.at(count))}H${unit(Math.max(start + 1, end - 0.3))}V${unit(base)}z`;
    })
    .join('');
  const beside = [
    ...(shorter > 0 ? [`${grouped(shorter)} shorter`] : []),
    ...(longer > 0 ? [`${grouped(longer)} longer`] : []),
  ].join(', ');
  const title = `How often each interval comes, in steps of ${milliseconds(step)}.${beside === '' ? '' : ` Not shown: ${beside}.`}`;
  const height = HISTOGRAM_HEIGHT - 8;
  const content = html`${leftAxis(left, 'count (log)', HISTOGRAM_HEIGHT)}<path
      class="bars"
      d="${markup(bars)}"
    />${bottomAxis(below, 'interval, ms', base)}`;
  return svg(height, title, 'plot', content);
}

const frameScale = (rows: RowFigures): Scale => linearScale(1, Math.max(2, rows.count), PLOT.left + 1, RIGHT - 1);

function frameAxis(rows: RowFigures, x: Scale): Html {
  const decimals = rows.spanS < 10 ? 2 : 1;
  const ticks = rows.ticks.map(({ frame, atS }) => ({
    at: x.at(frame),
    text: grouped(frame),
    below: clockOf(atS, decimals),
  }));
  return bottomAxis(ticks, 'frame, and time since the first one', BASE);
}

/** Few values are dots, so that they are seen; many of them would run into one another. */
const dataClass = ({ least }: Buckets): string => (least.length <= FEW ? 'data few' : 'data');
const FEW = 300;

/** A line from least to most of each bucket, at least one unit long, so that a single value is seen. */
function columns(buckets: Buckets, x: Scale, y: Scale): Html {
  let path = '';
  for (let bucket = 0; bucket < buckets.least.length; bucket += 1) {
    const [least = Number.NaN, most = Number.NaN] = [buckets.least[bucket], buckets.most[bucket]];
    if (Number.isNaN(least)) continue;
    const [low, high] = [y.at(least), y.at(most)];
    const rest = Math.max(0, 1.2 - (low - high)) / 2;
    path += `M${unit(middleOf(buckets, bucket, x))} ${unit(low + rest)}V${unit(high - rest)}`;
  }
  return markup(path);
}

/** Round dots at what is beyond the limit. */
function dots(buckets: Buckets, x: Scale, y: Scale, limit: number): Html {
  let path = '';
  for (let bucket = 0; bucket < buckets.most.length; bucket += 1) {
    const most = buckets.most[bucket] ?? Number.NaN;
    if (most > limit) path += `M${unit(middleOf(buckets, bucket, x))} ${unit(y.at(most))}h0`;
  }
  return markup(path);
}

const middleOf = ({ count, size }: Buckets, bucket: number, x: Scale): number =>
  x.at((bucket * size + Math.min(count, (bucket + 1) * size) + 1) / 2);
