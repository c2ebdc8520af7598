import { afterWarmUp, type Judgement, type Measure, type Sample } from './judge.js';
import { growthText } from './report.js';
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
export function plot({ samples, judgements, warmUp, totals, outcome }: SoakResult): string {
  const height = TOP + PANELS.length * (PANEL_HEIGHT + PANEL_GAP) + BOTTOM - PANEL_GAP;
  const endS = samples.at(-1)?.elapsedS ?? 1;
  const judgedFromS = afterWarmUp(samples, warmUp)[0]?.elapsedS ?? endS;
  const x = (seconds: number): number => LEFT + (seconds / endS) * (WIDTH - LEFT - RIGHT);
  const panels = PANELS.map((panel, index) => {
    const top = TOP + index * (PANEL_HEIGHT + PANEL_GAP);
    return panelSvg(panel, samples, judgements, { x, judgedFromS, top });
  });
  const what = `${totals.frames.toLocaleString('en-GB')} frames in ${totals.recordings.toLocaleString('en-GB')} recordings, ${totals.losses} cameras lost`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" fill="${INK}">`,
    `<rect width="${WIDTH}" height="${height}" fill="white"/>`,
    `<text x="${LEFT}" y="26" font-size="17" font-weight="bold">Soak: ${outcome.kind}</text>`,
    `<text x="${LEFT}" y="46">${what}</text>`,
    legend(),
    ...panels,
    timeAxis(x, endS, height - BOTTOM),
    '</svg>\n',
  ].join('\n');
}

interface Place {
  readonly x: Scale['x'];
  readonly judgedFromS: number;
  readonly top: number;
}

function panelSvg(
  panel: Panel,
  samples: readonly Sample[],
  judgements: readonly Judgement[],
  { x, judgedFromS, top }: Place,
): string {
  const { measure, title, divisor } = panel;
  const judgement = judgements.find((candidate) => candidate.measure === measure);
  const endS = samples.at(-1)?.elapsedS ?? judgedFromS;
  const values = samples.map((sample) => sample[measure] / divisor);
  const ticks = niceTicks(0, Math.max(1, ...values) * 1.1);
  const highest = ticks.at(-1) ?? 1;
  const bottom = top + PANEL_HEIGHT;
  const y = (value: number): number => bottom - (value / highest) * PANEL_HEIGHT;
  const right = WIDTH - RIGHT;
  const points = samples.map((sample, index) => `${x(sample.elapsedS).toFixed(1)},${y(values[index] ?? 0).toFixed(1)}`);
  return [
    `<rect x="${LEFT}" y="${top}" width="${(x(judgedFromS) - LEFT).toFixed(1)}" height="${PANEL_HEIGHT}" fill="#f1f4f7"/>`,
    ...ticks.map(
      (tick) =>
        `<path d="M${LEFT} ${y(tick).toFixed(1)}H${right}" stroke="${FAINT}"/><text x="${LEFT - 8}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${tick}</text>`,
    ),
    `<text x="${LEFT}" y="${top - 7}" font-weight="bold">${title}</text>`,
    `<text x="${right}" y="${top - 7}" text-anchor="end">${verdictText(judgement)}</text>`,
    `<polyline points="${points.join(' ')}" fill="none" stroke="${MEASURED}" stroke-width="1.2"/>`,
    judgement?.unit === 'MB' ? trendSvg(judgement, [x(judgedFromS), x(endS)], y, [top, bottom]) : '',
  ].join('\n');
}

function verdictText(judgement: Judgement | undefined): string {
  if (judgement === undefined) return '';
  const { from, to, unit, verdict } = judgement;
  const change = unit === 'MB' ? growthText(judgement) : `lowest count ${from}, then ${to}`;
  return `${change}: ${verdict ?? 'not judged'}`;
}

/** The trend, and the steepest and flattest lines that its error allows: they cross in its middle. */
function trendSvg(
  { from, to, growthPercent, errorPercent }: Judgement,
  [left, right]: readonly [number, number],
  y: Scale['y'],
  [top, bottom]: readonly [number, number],
): string {
  const at = (value: number): string => Math.min(bottom, Math.max(top, y(value))).toFixed(1);
  const line = `<path d="M${left.toFixed(1)} ${at(from)}L${right.toFixed(1)} ${at(to)}" stroke="${TREND}" stroke-width="2" stroke-dasharray="7 4"/>`;
  if (errorPercent === null || growthPercent === 0) return line;
  const middle = (from + to) / 2;
  // The error is to the growth as its part of the line is to the line's own rise.
  const off = Math.abs((errorPercent / growthPercent) * (to - from)) / 2;
  const [l, m, r] = [left, (left + right) / 2, right].map((place) => place.toFixed(1));
  const ends = `M${l} ${at(from - off)}L${m} ${at(middle)}L${r} ${at(to + off)}V${at(to - off)}L${m} ${at(middle)}L${l} ${at(from + off)}Z`;
  return `<path d="${ends}" fill="${TREND}" fill-opacity="0.12"/>${line}`;
}

function legend(): string {
  const y = 26;
  const entry = (at: number, mark: string, text: string): string =>
    `<g transform="translate(${at} ${y})">${mark}<text x="34" y="0">${text}</text></g>`;
  return [
    entry(520, `<path d="M0 -4H28" stroke="${MEASURED}" stroke-width="2"/>`, 'measured'),
    entry(630, `<path d="M0 -4H28" stroke="${TREND}" stroke-width="2" stroke-dasharray="7 4"/>`, 'trend and error'),
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
