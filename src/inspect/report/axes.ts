import { grouped } from '../figures-as-text.js';
import { html, type Html, markup } from './html.js';

/** The frame of a plot: its size, its scales, its axes. In units of the view box, which is as wide as the page. */

export const PLOT = { width: 760, left: 62, right: 12, top: 12, bottom: 44 } as const;

export interface Scale {
  /** Position of a value, in units of the view box. Outside of the axis it is the axis's end. */
  at(value: number): number;
}

export function linearScale(from: number, to: number, start: number, end: number): Scale {
  const span = to - from || 1;
  return { at: (value) => start + Math.min(1, Math.max(0, (value - from) / span)) * (end - start) };
}

export function logScale(from: number, to: number, start: number, end: number): Scale {
  const linear = linearScale(Math.log(from), Math.log(to), start, end);
  return { at: (value) => linear.at(Math.log(value)) };
}

/** A number for a path: a tenth of a unit is finer than a printer. */
export function unit(value: number): string {
  return String(Math.round(value * 10) / 10);
}

export interface Tick {
  readonly at: number;
  readonly text: string;
  /** A second line below the first. */
  readonly below?: string;
}

/** Horizontal lines with their labels at the left. */
export function leftAxis(ticks: readonly Tick[], title: string, height: number): Html {
  const right = PLOT.width - PLOT.right;
  const middle = (PLOT.top + height - PLOT.bottom) / 2;
  return html`<g class="axis"
    >${ticks.map(
      ({ at, text }) =>
        html`<path class="grid" d="M${PLOT.left} ${markup(unit(at))}H${right}" /><text
            class="end"
            x="${PLOT.left - 6}"
            y="${markup(unit(at + 3.5))}"
            >${text}</text
          >`,
    )}<text class="middle title" transform="translate(12 ${markup(unit(middle))}) rotate(-90)">${title}</text></g
  >`;
}

/** Labels below the plot, whose lower end is `base`. Those that would touch their neighbour are left out, the last one never. */
export function bottomAxis(ticks: readonly Tick[], title: string, base: number, left: number = PLOT.left): Html {
  const right = PLOT.width - PLOT.right;
  const titleAt = base + (ticks.some(({ below }) => below !== undefined) ? 41 : 31);
  const marks = readable(ticks).map(({ at, text, below }) => {
    const x = markup(unit(at));
    const second = below === undefined ? '' : html`<tspan x="${x}" dy="12">${below}</tspan>`;
    return html`<path class="base" d="M${x} ${base}v4" /><text class="${anchorOf(at)}" x="${x}" y="${base + 15}"
        >${text}${second}</text
      >`;
  });
  return html`<g class="axis"
    ><path class="base" d="M${left} ${base}H${right}" />${marks}<text
      class="middle title"
      x="${(left + right) / 2}"
      y="${titleAt}"
      >${title}</text
    ></g
  >`;
}

/** A label at the right end must not leave the picture. */
function anchorOf(at: number): string {
  return at > PLOT.width - PLOT.right - 24 ? 'end' : 'middle';
}

const CHARACTER = 6.2;

function readable(ticks: readonly Tick[]): readonly Tick[] {
  const width = (tick: Tick): number => Math.max(tick.text.length, tick.below?.length ?? 0) * CHARACTER;
  const kept: Tick[] = [];
  for (const [index, tick] of ticks.entries()) {
    const left = (other: Tick): number => other.at - (anchorOf(other.at) === 'end' ? width(other) : width(other) / 2);
    while (kept.length > 0) {
      const before = kept.at(-1);
      if (before === undefined || left(tick) > before.at + width(before) / 2 + 8) break;
      if (index < ticks.length - 1 || kept.length === 1) break;
      kept.pop(); // the last one of all wins
    }
    const before = kept.at(-1);
    if (before === undefined || left(tick) > before.at + width(before) / 2 + 8) kept.push(tick);
  }
  return kept;
}

/** A number for a tick. `decimals`: of all ticks of the axis; without it as many as it has. */
export function tickText(value: number, decimals?: number): string {
  const shown = Number(value.toPrecision(10));
  if (decimals === undefined) return grouped(shown);
  const [whole = '', part] = shown.toFixed(decimals).split('.');
  return `${grouped(Number(whole))}${part === undefined ? '' : `.${part}`}`;
}

/** The most decimals that one of them needs. */
export function decimalsOf(ticks: readonly number[]): number {
  const each = ticks.map((tick) => String(Number(tick.toPrecision(10))).split('.')[1]?.length ?? 0);
  return Math.min(9, Math.max(0, ...each));
}

/** The picture with its text alternative. */
export function svg(height: number, title: string, name: string, content: Html): Html {
  return html`<svg class="${name}" viewBox="0 0 ${PLOT.width} ${height}" role="img" aria-label="${title}">
    <title>${title}</title>
    ${content}
  </svg>`;
}
