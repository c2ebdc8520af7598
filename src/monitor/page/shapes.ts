import type { Badge, Shape } from '../wording/words.js';
import { make, makeSvg, setData, setText } from './dom.js';

/** Badges: the shape says what the colour says, for those who do not see the colour. */

const OUTLINE = { fill: 'none', stroke: 'currentColor', 'stroke-width': '3' };
const SOLID = { fill: 'currentColor' };

const SHAPES: Readonly<Record<Shape, () => SVGElement[]>> = {
  ring: () => [makeSvg('circle', { cx: '12', cy: '12', r: '8', ...OUTLINE })],
  dashed: () => [makeSvg('circle', { cx: '12', cy: '12', r: '8', 'stroke-dasharray': '4.2 4.2', ...OUTLINE })],
  triangle: () => [makeSvg('path', { d: 'M6 3l15 9-15 9z', ...SOLID })],
  dot: () => [makeSvg('circle', { cx: '12', cy: '12', r: '9.5', ...SOLID })],
  warning: () => [
    makeSvg('path', {
      d: 'M12 1.5L23.5 22H.5zM10.6 8.5v6.5h2.8V8.5zM10.6 16.8v2.8h2.8v-2.8z',
      'fill-rule': 'evenodd',
      ...SOLID,
    }),
  ],
  cross: () => [makeSvg('path', { d: 'M4 4l16 16M20 4L4 20', ...OUTLINE, 'stroke-width': '5' })],
  square: () => [makeSvg('path', { d: 'M3 3h18v18H3z', ...SOLID })],
  question: () => [
    makeSvg('path', { d: 'M7 8.5a5 5 0 1 1 7.5 4.3c-1.8 1-2.5 1.8-2.5 3.7', ...OUTLINE }),
    makeSvg('circle', { cx: '12', cy: '21', r: '2', ...SOLID }),
  ],
};

export function shapeOf(shape: Shape): SVGElement {
  return makeSvg('svg', { viewBox: '0 0 24 24', class: 'shape', 'aria-hidden': 'true' }, SHAPES[shape]());
}

export function makeBadge(badge: Badge): HTMLElement {
  const element = make('span', { class: 'badge' }, [make('span', { class: 'word' })]);
  drawBadge(element, badge);
  return element;
}

export function drawBadge(element: HTMLElement, { shape, word, tone }: Badge): void {
  if (element.dataset['shape'] !== shape) {
    element.querySelector('.shape')?.remove();
    element.prepend(shapeOf(shape));
    setData(element, 'shape', shape);
  }
  setData(element, 'tone', tone);
  const text = element.querySelector('.word');
  if (text !== null) setText(text, word);
}

/** The shape of a whole banner, by its tone. */
export const TONE_SHAPE = {
  quiet: 'ring',
  live: 'triangle',
  recording: 'dot',
  caution: 'warning',
  alarm: 'cross',
  unknown: 'question',
} as const satisfies Record<Badge['tone'], Shape>;
