import { aimingFacts } from '../wording/facts-for.js';
import type { CameraStatus } from '../wording/limits.js';
import { BINS, brightnessOf, percent } from './brightness.js';
import { make, makeSvg, setHidden, setText } from './dom.js';
import { drawFacts } from './facts.js';

const SAMPLE = { width: 160, height: 120 };
const LENS_PX = 220;
const MAGNIFICATION = 2;
/** A step of the magnifier by an arrow key, as a share of the picture. */
const STEP = 0.04;

/** What helps to aim an enlarged camera: magnifier, grid, exposure, gain, the focus figure with its best, brightness. */
export class Aiming {
  /** Lies on the picture. */
  readonly overlay: HTMLElement;
  /** Stands beside it. */
  readonly panel: HTMLElement;
  readonly #grid = make('div', { class: 'grid', attributes: { hidden: '' } });
  readonly #lens = make('canvas', {
    class: 'lens',
    attributes: { hidden: '', width: `${LENS_PX}`, height: `${LENS_PX}` },
  });
  readonly #facts = make('dl', { class: 'facts aim' });
  readonly #best = make('p', { class: 'best' });
  readonly #meter = make('meter', { class: 'focus', attributes: { 'aria-label': 'Focus, of its best' } });
  readonly #bars = makeSvg('path', { class: 'bars' });
  readonly #clipping = make('p', { class: 'clipping' });
  readonly #sample = make('canvas', { attributes: { width: `${SAMPLE.width}`, height: `${SAMPLE.height}` } });
  readonly #gridButton = make('button', { text: 'Grid (G)', attributes: { type: 'button', 'aria-pressed': 'false' } });
  readonly #lensButton = make('button', {
    text: 'Magnifier (M)',
    attributes: { type: 'button', 'aria-pressed': 'false' },
  });
  #bestFocus = 0;
  #at = { x: 0.5, y: 0.5 };

  constructor(private readonly picture: HTMLCanvasElement) {
    const chart = makeSvg('svg', { viewBox: `0 0 ${BINS} 24`, preserveAspectRatio: 'none', class: 'histogram' }, [
      this.#bars,
    ]);
    chart.setAttribute('aria-hidden', 'true');
    const forget = make('button', { text: 'Forget best (B)', attributes: { type: 'button' } });
    forget.addEventListener('click', () => this.forgetBest());
    this.#gridButton.addEventListener('click', () => this.toggleGrid());
    this.#lensButton.addEventListener('click', () => this.toggleLens());
    this.overlay = make('div', { class: 'overlay' }, [this.#grid, this.#lens]);
    this.panel = make('div', { class: 'aiming' }, [
      make('h3', { text: 'Aim' }),
      this.#facts,
      this.#meter,
      this.#best,
      chart,
      this.#clipping,
      make('div', { class: 'tools' }, [this.#gridButton, this.#lensButton, forget]),
    ]);
  }

  toggleGrid(): void {
    this.#toggle(this.#grid, this.#gridButton);
  }

  toggleLens(): void {
    this.#toggle(this.#lens, this.#lensButton);
    this.#drawLens();
  }

  forgetBest(): void {
    this.#bestFocus = 0;
    setText(this.#best, 'Best forgotten: it counts from now.');
  }

  /** @param x @param y shares of the picture, 0 to 1 */
  pointAt(x: number, y: number): void {
    this.#at = { x: Math.min(1, Math.max(0, x)), y: Math.min(1, Math.max(0, y)) };
    this.#drawLens();
  }

  /** Whether the key moved the magnifier. */
  moveBy(key: string): boolean {
    const step = STEPS[key];
    if (step === undefined || this.#lens.hidden) return false;
    this.pointAt(this.#at.x + step[0] * STEP, this.#at.y + step[1] * STEP);
    return true;
  }

  drawFigures(camera: CameraStatus): void {
    drawFacts(this.#facts, aimingFacts(camera));
    const focus = camera.focus?.value ?? null;
    setHidden(this.#meter, focus === null);
    if (focus === null) return setText(this.#best, 'The camera tells no focus figure.');
    this.#bestFocus = Math.max(this.#bestFocus, focus);
    this.#meter.max = Math.max(1, this.#bestFocus);
    this.#meter.value = focus;
    const isBest = focus >= this.#bestFocus;
    setText(this.#best, isBest ? `This is the best so far.` : `Best so far: ${this.#bestFocus}.`);
  }

  /** After each new picture. */
  drawPicture(): void {
    this.#drawLens();
    const context = this.#sample.getContext('2d', { willReadFrequently: true });
    if (context === null || this.picture.width === 0) return;
    // Single pixels: an average would hide small spots that are too bright.
    context.imageSmoothingEnabled = false;
    context.drawImage(this.picture, 0, 0, SAMPLE.width, SAMPLE.height);
    const { bins, clipped, black } = brightnessOf(context.getImageData(0, 0, SAMPLE.width, SAMPLE.height).data);
    const highest = Math.max(0.01, ...bins);
    this.#bars.setAttribute('d', bins.map((share, bin) => `M${bin} 24v${(-24 * share) / highest}h1V24z`).join(''));
    setText(this.#clipping, `Too bright: ${percent(clipped)}. Black: ${percent(black)}.`);
  }

  #toggle(what: HTMLElement, button: HTMLElement): void {
    what.hidden = !what.hidden;
    button.setAttribute('aria-pressed', String(!what.hidden));
  }

  #drawLens(): void {
    const context = this.#lens.getContext('2d', { alpha: false });
    if (this.#lens.hidden || context === null || this.picture.width === 0) return;
    const { x, y } = this.#at;
    const side = LENS_PX / MAGNIFICATION;
    const left = x * this.picture.width - side / 2;
    const top = y * this.picture.height - side / 2;
    context.imageSmoothingEnabled = false;
    context.fillRect(0, 0, LENS_PX, LENS_PX);
    context.drawImage(this.picture, left, top, side, side, 0, 0, LENS_PX, LENS_PX);
    this.#lens.style.left = `${x * 100}%`;
    this.#lens.style.top = `${y * 100}%`;
  }
}

const STEPS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
