import type { MonitorAnswer } from '../view.js';
import { factsFor, rate } from '../wording/facts-for.js';
import { areFiguresOld, type CameraStatus } from '../wording/limits.js';
import { type NoPicture, pictureStateOf, pictureWords } from '../wording/picture-words.js';
import type { CameraWords } from '../wording/words.js';
import { Aiming } from './aiming.js';
import { ControlForm } from './control-form.js';
import { make, setData, setHidden, setItems, setText } from './dom.js';
import { drawFacts } from './facts.js';
import { type Moment, msSince, now } from './moments.js';
import type { Viewer } from './picture-loop.js';
import { Plot } from './plot.js';
import { drawBadge, makeBadge } from './shapes.js';

/** A tile does not need more pixels than this. An enlarged picture has all of them: the magnifier shows them. */
const TILE_WIDTH_PX = 960;
/** Buffers are seldom fuller than this: a line at the bottom is a healthy one. */
const BUFFER_TOP = 0.1;

export interface TileSeen {
  readonly words: CameraWords;
  readonly camera: CameraStatus;
  readonly answer: MonitorAnswer;
  readonly arePicturesPaused: boolean;
}

/** One camera. */
export class Tile implements Viewer {
  readonly element: HTMLElement;
  readonly aiming: Aiming;
  readonly button: HTMLButtonElement;
  isVisible = true;
  #isEnlarged = false;
  readonly #badge: HTMLElement;
  readonly #name = make('h2');
  readonly #canvas = make('canvas', { class: 'picture', attributes: { width: '0', height: '0' } });
  /** As large as the picture, so that grid and magnifier lie on it and not on the bars beside it. */
  readonly #sheet = make('span', { class: 'sheet' });
  readonly #age = make('span', { class: 'age' });
  readonly #sentence: HTMLElement;
  readonly #advice = make('p', { class: 'advice' });
  readonly #remarks = make('ul', { class: 'remarks' });
  readonly #facts = make('dl', { class: 'facts' });
  readonly #rate = new Plot('Rate');
  readonly #buffer = new Plot('Buffer');
  readonly #control: ControlForm;
  #shown: { readonly ageMs: number; readonly at: Moment } | null = null;
  #told: NoPicture | null = null;

  constructor(
    readonly deviceId: string,
    words: CameraWords,
    onEnlarge: () => void,
    onRefused: () => void,
  ) {
    this.#badge = makeBadge(words.badge);
    this.#sentence = make('p', { class: 'sentence' });
    this.aiming = new Aiming(this.#canvas);
    this.#control = new ControlForm(deviceId, onRefused);
    this.#sheet.append(this.#canvas, this.aiming.overlay);
    const stage = make('span', { class: 'stage' }, [this.#sheet]);
    this.button = make('button', { class: 'frame', attributes: { type: 'button' } }, [stage, this.#age]);
    this.button.addEventListener('click', onEnlarge);
    this.button.addEventListener('pointermove', ({ clientX, clientY }) => {
      const box = this.#canvas.getBoundingClientRect();
      this.aiming.pointAt((clientX - box.left) / box.width, (clientY - box.top) / box.height);
    });
    const head = make('div', { class: 'head' }, [this.#badge, this.#name]);
    const plots = make('div', { class: 'plots' }, [this.#rate.element, this.#buffer.element]);
    const told = [this.#sentence, this.#advice, this.#remarks, this.#facts, plots];
    this.element = make('article', { class: 'tile', attributes: { 'data-device': deviceId } }, [
      head,
      this.button,
      make('div', { class: 'told' }, [...told, this.aiming.panel, this.#control.element]),
    ]);
  }

  get isEnlarged(): boolean {
    return this.#isEnlarged;
  }

  enlarge(isEnlarged: boolean): void {
    this.#isEnlarged = isEnlarged;
    this.element.classList.toggle('enlarged', isEnlarged);
    this.button.setAttribute('aria-expanded', String(isEnlarged));
    if (isEnlarged) this.button.focus();
  }

  /** Once for each answer of the recorder. Figures that stand still are no news. */
  note(camera: CameraStatus, answer: MonitorAnswer): void {
    if (!areFiguresNews(camera, answer)) return;
    this.#rate.add(camera.capture_fps);
    this.#buffer.add(camera.buffer.fill);
  }

  draw({ words, camera, answer, arePicturesPaused }: TileSeen): void {
    setData(this.element, 'face', words.face);
    setData(this.element, 'tone', words.badge.tone);
    drawBadge(this.#badge, words.badge);
    setText(this.#name, words.name);
    // The camera may have been assigned again, under another name.
    if (this.element.getAttribute('aria-label') !== words.name) this.element.setAttribute('aria-label', words.name);
    setText(this.#sentence, words.sentence);
    setText(this.#advice, words.advice);
    setHidden(this.#advice, words.advice === '');
    setItems(this.#remarks, 'li', words.remarks);
    setHidden(this.#remarks, words.remarks.length === 0);
    drawFacts(this.#facts, factsFor(camera, answer));
    const wanted = camera.given?.fps ?? camera.requested.fps;
    const isKnown = areFiguresNews(camera, answer);
    this.#rate.draw(isKnown ? `${rate(camera.capture_fps)} fps` : '–', wanted * 1.1, wanted);
    this.#buffer.draw(isKnown ? `${Math.round(camera.buffer.fill * 100)} %` : '–', BUFFER_TOP, null);
    this.#drawPictureState(words, camera, arePicturesPaused);
    if (this.#isEnlarged) this.aiming.drawFigures(camera);
    this.#control.draw(camera, answer.control && this.#isEnlarged, words.face === 'unknown');
    const action = this.#isEnlarged ? 'Back to all cameras' : `Enlarge ${words.name}`;
    if (this.button.getAttribute('aria-label') !== action) this.button.setAttribute('aria-label', action);
  }

  show(bitmap: ImageBitmap, ageMs: number): void {
    this.#shown = { ageMs, at: now() };
    this.#told = null;
    const width = this.#isEnlarged ? bitmap.width : Math.min(bitmap.width, TILE_WIDTH_PX);
    const height = Math.round((bitmap.height * width) / bitmap.width);
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
      this.#sheet.style.setProperty('--shape', String(width / height));
    }
    this.#canvas.getContext('2d', { alpha: false })?.drawImage(bitmap, 0, 0, width, height);
    if (this.#isEnlarged) this.aiming.drawPicture();
  }

  tell(why: NoPicture): void {
    this.#told = why;
  }

  #drawPictureState(words: CameraWords, camera: CameraStatus, isPausedHere: boolean): void {
    const ageMs = this.#shown === null ? null : this.#shown.ageMs + msSince(this.#shown.at);
    const state = pictureStateOf(this.#told, ageMs, camera);
    setData(this.button, 'picture', state);
    setData(this.button, 'empty', String(ageMs === null));
    setText(this.#age, pictureWords({ state, ageMs, isPausedHere }, words));
  }
}

function areFiguresNews(camera: CameraStatus, answer: MonitorAnswer): boolean {
  return camera.given !== null && !areFiguresOld(camera, answer);
}
