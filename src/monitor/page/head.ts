import type { MonitorEvent } from '../view.js';
import { duration } from '../wording/amounts.js';
import { eventText } from '../wording/event-text.js';
import type { PageWords } from '../wording/words.js';
import { byId, make, setData, setHidden, setItems, setText } from './dom.js';
import { shapeOf, TONE_SHAPE } from './shapes.js';

type Banner = NonNullable<PageWords['banner']>;

const FAILED = 'This page failed: reload it. Whether the recorder records is unknown.';

/** What stands above and below the cameras: banner, summary, events. And what a screen reader is told of it. */
export class Head {
  readonly #banner = byId('banner');
  readonly #bannerText = make('p');
  readonly #summary = byId('summary');
  readonly #events = byId('events');
  readonly #alert = byId('alert');
  readonly #news = byId('news');
  #bannerKind = '';
  readonly #faces = new Map<string, string>();

  constructor() {
    this.#banner.replaceChildren(this.#bannerText);
  }

  draw({ banner, title, summary, cameras }: PageWords): void {
    if (document.title !== title) document.title = title;
    setItems(this.#summary, 'li', summary);
    if (banner === null) {
      setHidden(this.#banner, true);
      delete this.#banner.dataset['kind'];
      this.#tell(this.#alert, '', '');
      this.#tellFaces(cameras);
      return;
    }
    this.#drawBanner(banner);
    if (banner.tone !== 'unknown') this.#tellFaces(cameras);
  }

  /** The page itself made a mistake: nothing stays that it said before. */
  fail(): void {
    document.title = '? page failed';
    this.#summary.replaceChildren();
    this.#events.replaceChildren();
    this.#drawBanner({ kind: 'failed', tone: 'unknown', text: FAILED });
  }

  #drawBanner(banner: Banner): void {
    setHidden(this.#banner, false);
    if (this.#banner.dataset['tone'] !== banner.tone) {
      this.#banner.querySelector('.shape')?.remove();
      this.#banner.prepend(shapeOf(TONE_SHAPE[banner.tone]));
    }
    setData(this.#banner, 'kind', banner.kind);
    setData(this.#banner, 'tone', banner.tone);
    setText(this.#bannerText, banner.text);
    const isAlarming = banner.tone === 'alarm' || banner.tone === 'unknown' || banner.kind === 'stalled';
    this.#tell(isAlarming ? this.#alert : this.#news, banner.kind, banner.text);
  }

  /** @param sinceMs how long ago the events were told */
  drawEvents(events: readonly MonitorEvent[], cameras: PageWords['cameras'], sinceMs: number): void {
    while (this.#events.children.length > events.length) this.#events.lastElementChild?.remove();
    while (this.#events.children.length < events.length) {
      this.#events.append(make('li', {}, [make('span', { class: 'ago' }), make('span', { class: 'text' })]));
    }
    for (const [index, event] of events.entries()) {
      const { ago_ms: agoMs, level } = event;
      const item = this.#events.children[index];
      if (!(item instanceof HTMLElement)) continue;
      setData(item, 'level', level);
      const [ago, told] = item.children;
      if (ago !== undefined) setText(ago, `${duration(agoMs + sinceMs)} ago`);
      if (told !== undefined) setText(told, `${LEVELS[level]}${eventText(event, cameras)}`);
    }
  }

  /** Once for each kind of trouble: its seconds count on, and would be read out again and again. */
  #tell(region: HTMLElement, kind: string, text: string): void {
    if (this.#bannerKind === kind) return;
    this.#bannerKind = kind;
    if (region !== this.#alert) setText(this.#alert, '');
    setText(region, text);
  }

  #tellFaces(cameras: PageWords['cameras']): void {
    const changed = cameras.filter(({ deviceId, face }) => (this.#faces.get(deviceId) ?? face) !== face);
    for (const { deviceId, face } of cameras) this.#faces.set(deviceId, face);
    if (changed.length === 0) return;
    setText(this.#news, changed.map(({ name, badge, sentence }) => `${name}: ${badge.word}. ${sentence}`).join(' '));
  }
}

const LEVELS: Readonly<Record<MonitorEvent['level'], string>> = { info: '', warning: '⚠ ', error: '✕ ' };
