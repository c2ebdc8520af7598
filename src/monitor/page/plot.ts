import { make, makeSvg, setText } from './dom.js';
import { Recent } from './recent.js';

const BOX = { width: 240, height: 36 };

/** A line over the last two minutes. The figure beside it says the present value, so a screen reader skips the line. */
export class Plot {
  readonly element: HTMLElement;
  readonly #recent = new Recent();
  readonly #line = makeSvg('path', { class: 'line' });
  readonly #wanted = makeSvg('path', { class: 'wanted' });
  readonly #value = make('span', { class: 'value' });

  constructor(label: string) {
    const box = { viewBox: `0 -2 ${BOX.width} ${BOX.height + 4}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' };
    const base = makeSvg('path', { class: 'base', d: `M0 ${BOX.height}H${BOX.width}` });
    const chart = makeSvg('svg', box, [base, this.#wanted, this.#line]);
    const caption = make('figcaption', {}, [make('span', { text: label }), this.#value]);
    this.element = make('figure', { class: 'plot', attributes: { title: `${label}, last two minutes` } }, [
      caption,
      chart,
    ]);
  }

  add(value: number): void {
    this.#recent.add(performance.now(), value);
  }

  /** @param wanted where a thin line is drawn; null: none */
  draw(text: string, least: number, wanted: number | null): void {
    setText(this.#value, text);
    const top = Math.max(least, this.#recent.highest);
    this.#line.setAttribute('d', this.#recent.path(performance.now(), { ...BOX, top }));
    const y = wanted === null ? null : BOX.height * (1 - wanted / top);
    this.#wanted.setAttribute('d', y === null ? '' : `M0 ${y.toFixed(1)}H${BOX.width}`);
  }
}
