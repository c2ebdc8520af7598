import { bottomAxis, linearScale, PLOT, type Scale, svg, unit } from './axes.js';
import { counted, grouped, utc } from '../figures-as-text.js';
import { html, type Html, markup } from './html.js';
import { type RecordingLine, verdictWord } from './report-data.js';
import { clockTicks } from './ticks.js';

/** When each camera recorded, by the wall clock; a row a camera, a bar a recording, a tick a place where frames are missing. */

const ROW = 40;
const NAME = 16;
const BAR = 16;
/** A recording of a second within a day must still be seen. */
const LEAST_BAR = 3;
/** What the axis takes. */
const BELOW = 34;
const LEFT = 4;
const RIGHT = PLOT.width - 4;
/** A bar shorter than its label has none. */
const CHARACTER = 6.2;
const DAY_S = 86_400;

interface Bar {
  readonly line: RecordingLine;
  readonly fromS: number;
  readonly toS: number;
}

/** `null`: no recording tells when it was. */
export function timeline(lines: readonly RecordingLine[]): Html | null {
  const bars = lines.flatMap((line): readonly Bar[] => {
    if (line.startMs === null || utc(line.startMs) === null) return [];
    const fromS = line.startMs / 1000;
    return [{ line, fromS, toS: fromS + Math.max(0, line.spanS ?? 0) }];
  });
  if (bars.length === 0) return null;
  const from = Math.min(...bars.map(({ fromS }) => fromS));
  const to = Math.max(from + 1, ...bars.map(({ toS }) => toS));
  const margin = (to - from) * 0.01;
  const x = linearScale(from - margin, to + margin, LEFT, RIGHT);
  const cameras = [...new Set(bars.map(({ line }) => line.camera))];
  const height = PLOT.top + cameras.length * ROW + BELOW;
  const rows = cameras.map((camera, row) => {
    const top = PLOT.top + row * ROW;
    const own = bars.filter(({ line }) => line.camera === camera);
    return html`<text class="name" x="${LEFT}" y="${top + 9}">${camera}</text
      >${own.map((bar) => drawBar(bar, x, top + NAME))}`;
  });
  const ticks = clockTicks(from - margin, to + margin, 7).map((tick) => ({
    at: x.at(tick),
    text: timeOfDay(tick, to - from),
  }));
  const title = `When each camera recorded: ${counted(bars.length, 'recording')} of ${counted(cameras.length, 'camera')}.`;
  const day = (utc(from * 1000) ?? '').slice(0, 10);
  return svg(
    height,
    title,
    'plot timeline',
    html`${PATTERNS}${rows}${bottomAxis(ticks, `wall clock, UTC, from ${day}`, height - BELOW, LEFT)}`,
  );
}

/** What bars are filled with, so that a print without colour tells them apart. */
const PATTERNS = html`<defs
  ><pattern id="fill-lost" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"
    ><rect class="back lost" width="6" height="6" /><path class="stroke lost" d="M0 0V6" stroke-width="2" /></pattern
  ><pattern id="fill-damaged" width="6" height="6" patternUnits="userSpaceOnUse"
    ><rect class="back damaged" width="6" height="6" /><path
      class="stroke damaged"
      d="M0 0L6 6M6 0L0 6"
      stroke-width="1.2" /></pattern
></defs>`;

function drawBar({ line, fromS, toS }: Bar, x: Scale, top: number): Html {
  const { verified, anchor } = line;
  const [start, end] = [x.at(fromS), x.at(toS)];
  const width = Math.max(LEAST_BAR, end - start);
  const name = `trial ${verified.trial ?? '?'}${verified.take !== null && verified.take > 1 ? `, take ${verified.take}` : ''}`;
  const gaps = verified.gaps
    .filter(({ atS, reason }) => atS !== null && reason !== 'skipped')
    .map(({ atS }) => `M${unit(Math.round(x.at(fromS + (atS ?? 0)) * 2) / 2)} ${top - 3}V${top + BAR + 3}`);
  // Gaps at one place of the picture are one tick: a thousand of them would be all of a small report.
  const ticks = markup([...new Set(gaps)].join(''));
  const told = `${line.camera}, ${name}: ${verdictWord(verified)}, ${verified.frames === null ? 'frames unknown' : counted(verified.frames, 'frame')}`;
  const hasRoom = width > name.length * CHARACTER + 8;
  return html`<a href="#${anchor}"
    ><title>${told}</title
    ><rect
      class="bar ${verified.verdict}"
      x="${markup(unit(start))}"
      y="${top}"
      width="${markup(unit(width))}"
      height="${BAR}" />${hasRoom ? html`<rect class="plate" x="${markup(unit(start + 3))}" y="${top + 2}" width="${markup(unit(name.length * CHARACTER + 4))}" height="${BAR - 4}" /><text class="in" x="${markup(unit(start + 6))}" y="${top + 12}">${name}</text>` : ''}<path
      class="gaps"
      d="${ticks}"
  /></a>`;
}

function timeOfDay(seconds: number, span: number): string {
  const text = new Date(Math.round(seconds * 1000)).toISOString();
  if (span > 3 * DAY_S) return text.slice(5, 10);
  if (span > DAY_S) return text.slice(5, 16).replace('T', ' ');
  return span < 5 ? text.slice(11, 21) : text.slice(11, 19);
}

/** What the marks of the time line mean. */
export function legend(lines: readonly RecordingLine[]): string {
  const gaps = lines.reduce((sum, { verified }) => sum + verified.gapsTotal, 0);
  return gaps === 0
    ? 'A bar a recording. Plain: proven; striped: frames lost, or ended early; crossed: damaged; dotted: not checked.'
    : `A bar a recording. Plain: proven; striped: frames lost, or ended early; crossed: damaged; dotted: not checked. ${gaps === 1 ? 'The upright line marks the place where frames are missing' : `Upright lines mark the ${grouped(gaps)} places where frames are missing; some may be too close together to tell apart`}.`;
}
