import { afterWarmUp, trendLine, type Judgement, type Measure, type Sample } from './judge.js';
import type { SoakResult } from './soak.js';

const WIDTH = 900;
const LEFT = 70;
const RIGHT = 20;
const TOP = 84;
const PANEL_HEIGHT = 120;
const PANEL_GAP = 36;
const BOTTOM = 60;
const MIB = 2 ** 20;

const INK = '#1f2933';
const FAINT = '#d5dbe1';
const MEASURED = '#1f77b4';
const TREND = '#d62728';

interface Panel {
  readonly title: string;
  readonly measure: Measure;
  readonly divisor: number;
}

const PANELS: readonly Panel[] = [
  { title: 'heap after garbage collection, without compiled code, MB', measure: 'heapData', divisor: MIB },
  { title: 'resident set (RSS), MB', measure: 'rss', divisor: MIB },
  { title: 'open files', measure: 'descriptors', divisor: 1 },
  { title: 'timers', measure: 'timers', divisor: 1 },
  { title: 'child processes', measure: 'children', divisor: 1 },
];

interface Scale {
  readonly x: (seconds: number) => number;
  readonly y: (value: number) => number;
}

/** The samples over the run's time as SVG: what was measured, the trend after the warm-up, and the verdict. */
export function plot({ samples, judgements, warmUp, totals, ok }: SoakResult): string {
  const height = TOP + PANELS.length * (PANEL_HEIGHT + PANEL_GAP) + BOTTOM - PANEL_GAP;
  const endS = samples.at(-1)?.elapsedS ?? 1;
  const x = (seconds: number): number => LEFT + (seconds / endS) * (WIDTH - LEFT - RIGHT);
  const panels = PANELS.map((panel, index) => {
    const top = TOP + index * (PANEL_HEIGHT + PANEL_GAP);
    return panelSvg(panel, samples, judgements, { x, endS, warmUp, top });
  });
  const what = `${totals.frames.toLocaleString('en-GB')} frames in ${totals.recordings.toLocaleString('en-GB')} recordings, ${totals.losses} cameras lost`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" fill="${INK}">`,
    `<rect width="${WIDTH}" height="${height}" fill="white"/>`,
    `<text x="${LEFT}" y="26" font-size="17" font-weight="bold">Soak: ${ok ? 'pass' : 'FAIL'}</text>`,
    `<text x="${LEFT}" y="46">${what}</text>`,
    legend(),
    ...panels,
    timeAxis(x, endS, height - BOTTOM),
    '</svg>\n',
  ].join('\n');
}

interface Place {
  readonly x: Scale['x'];
  readonly endS: number;
  readonly warmUp: number;
  readonly top: number;
}

function panelSvg(
  panel: Panel,
  samples: readonly Sample[],
  judgements: readonly Judgement[],
  { x, endS, warmUp, top }: Place,
): string {
  const { measure, title, divisor } = panel;
  const values = samples.map((sample) => sample[measure] / divisor);
  const ticks = niceTicks(0, Math.max(1, ...values) * 1.1);
  const highest = ticks.at(-1) ?? 1;
  const bottom = top + PANEL_HEIGHT;
  const y = (value: number): number => bottom - (value / highest) * PANEL_HEIGHT;
  const right = WIDTH - RIGHT;
  const points = samples.map((sample, index) => `${x(sample.elapsedS).toFixed(1)},${y(values[index] ?? 0).toFixed(1)}`);
  return [
    `<rect x="${LEFT}" y="${top}" width="${(x(endS * warmUp) - LEFT).toFixed(1)}" height="${PANEL_HEIGHT}" fill="#f1f4f7"/>`,
    ...ticks.map(
      (tick) =>
        `<path d="M${LEFT} ${y(tick).toFixed(1)}H${right}" stroke="${FAINT}"/><text x="${LEFT - 8}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${tick}</text>`,
    ),
    `<text x="${LEFT}" y="${top - 7}" font-weight="bold">${title}</text>`,
    `<text x="${right}" y="${top - 7}" text-anchor="end">${growthText(judgements, measure)}</text>`,
    `<polyline points="${points.join(' ')}" fill="none" stroke="${MEASURED}" stroke-width="1.2"/>`,
    divisor === MIB ? trendSvg(afterWarmUp(samples, warmUp), measure, { x, y }) : '',
  ].join('\n');
}

function growthText(judgements: readonly Judgement[], measure: Measure): string {
  const found = judgements.find((judgement) => judgement.measure === measure);
  if (found === undefined) return '';
  const { growthPercent, from, to, unit, ok } = found;
  const change =
    unit === 'MB' ? `${growthPercent.toFixed(2)} % growth after warm-up` : `lowest count ${from}, then ${to}`;
  return `${change}: ${ok === false ? 'GROWS' : 'ok'}`;
}

function trendSvg(rest: readonly Sample[], measure: Measure, { x, y }: Scale): string {
  const [first, last] = [rest[0], rest.at(-1)];
  if (first === undefined || last === undefined) return '';
  const line = trendLine(rest, measure);
  const point = ({ elapsedS }: Sample): string => `${x(elapsedS).toFixed(1)} ${y(line.at(elapsedS) / MIB).toFixed(1)}`;
  return `<path d="M${point(first)}L${point(last)}" stroke="${TREND}" stroke-width="2" stroke-dasharray="7 4"/>`;
}

function legend(): string {
  const y = 26;
  const entry = (at: number, mark: string, text: string): string =>
    `<g transform="translate(${at} ${y})">${mark}<text x="34" y="0">${text}</text></g>`;
  return [
    entry(520, `<path d="M0 -4H28" stroke="${MEASURED}" stroke-width="2"/>`, 'measured'),
    entry(630, `<path d="M0 -4H28" stroke="${TREND}" stroke-width="2" stroke-dasharray="7 4"/>`, 'trend'),
    entry(720, `<rect y="-11" width="28" height="14" fill="#f1f4f7" stroke="${FAINT}"/>`, 'warm-up, not judged'),
  ].join('\n');
}

function timeAxis(x: Scale['x'], endS: number, bottom: number): string {
  const [unitS, unit] = timeUnit(endS);
  const ticks = niceTicks(0, endS / unitS).filter((tick) => tick * unitS <= endS * 1.001);
  return [
    ...ticks.map(
      (tick) =>
        `<path d="M${x(tick * unitS).toFixed(1)} ${bottom}v5" stroke="${INK}"/><text x="${x(tick * unitS).toFixed(1)}" y="${bottom + 20}" text-anchor="middle">${tick}</text>`,
    ),
    `<path d="M${LEFT} ${bottom}H${WIDTH - RIGHT}" stroke="${INK}"/>`,
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${bottom + 42}" text-anchor="middle">time since the start, ${unit}</text>`,
  ].join('\n');
}

function timeUnit(endS: number): readonly [number, string] {
  if (endS < 300) return [1, 'seconds'];
  return endS < 4 * 3600 ? [60, 'minutes'] : [3600, 'hours'];
}

/** Round values that span the range, five or so. */
function niceTicks(from: number, to: number): readonly number[] {
  const rough = (to - from) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough) ?? 10;
  // Nothing that is counted here comes in halves, and less than a megabyte is not read off a plot.
  const step = Math.max(factor * power, 1);
  const count = Math.ceil((to - from) / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => from + index * step);
}
