import type { MonitorAnswer } from '../view.js';
import { NO_CAMERA_BADGE } from '../wording/badges.js';
import { NO_CAMERA } from '../wording/summary.js';
import type { CameraWords, PageWords } from '../wording/words.js';
import { make, setData } from './dom.js';
import { makeBadge } from './shapes.js';
import { Tile } from './tile.js';

/** All cameras, the worst first. */
export class Tiles {
  readonly #tiles = new Map<string, Tile>();
  /** One screen above and below counts as seen, so that a tile that is scrolled to has its picture. */
  readonly #watch = new IntersectionObserver((entries) => this.#noteVisible(entries), { rootMargin: '100% 0px' });
  readonly #nobody = make('div', { class: 'nobody' }, [makeBadge(NO_CAMERA_BADGE), make('p', { text: NO_CAMERA })]);

  constructor(
    private readonly main: HTMLElement,
    private readonly onRefused: () => void,
  ) {}

  /** While one is enlarged, the others are out of sight. */
  get viewers(): readonly Tile[] {
    const enlarged = this.enlarged;
    return enlarged === undefined ? [...this.#tiles.values()] : [enlarged];
  }

  get enlarged(): Tile | undefined {
    return [...this.#tiles.values()].find(({ isEnlarged }) => isEnlarged);
  }

  enlarge(tile: Tile | undefined): void {
    const before = this.enlarged;
    for (const each of this.#tiles.values()) each.enlarge(each === tile);
    setData(this.main, 'enlarged', String(tile !== undefined));
    if (tile === undefined) before?.button.focus();
    window.scrollTo({ top: 0 });
  }

  /** Once for each answer. */
  note(answer: MonitorAnswer): void {
    for (const camera of answer.status.cameras) this.#tiles.get(camera.device_id)?.note(camera, answer);
  }

  draw(words: PageWords, answer: MonitorAnswer | null, arePicturesPaused: boolean): void {
    const present = new Map(words.cameras.map((camera) => [camera.deviceId, camera]));
    for (const [deviceId, tile] of this.#tiles) if (!present.has(deviceId)) this.#remove(deviceId, tile);
    if (answer === null) return;
    for (const camera of answer.status.cameras) {
      const told = present.get(camera.device_id);
      if (told === undefined) continue;
      const tile = this.#tiles.get(camera.device_id) ?? this.#add(told);
      tile.draw({ words: told, camera, answer, arePicturesPaused });
    }
    setData(this.main, 'count', String(Math.min(present.size, 4)));
    if (present.size === 0) this.main.append(this.#nobody);
    else this.#nobody.remove();
    this.#order(words.cameras);
  }

  #noteVisible(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const tile = [...this.#tiles.values()].find(({ element }) => element === target);
      if (tile !== undefined) tile.isVisible = isIntersecting;
    }
  }

  #add(words: CameraWords): Tile {
    const tile: Tile = new Tile(
      words.deviceId,
      words,
      () => this.enlarge(tile.isEnlarged ? undefined : tile),
      this.onRefused,
    );
    this.#tiles.set(words.deviceId, tile);
    this.main.append(tile.element);
    this.#watch.observe(tile.element);
    return tile;
  }

  #remove(deviceId: string, tile: Tile): void {
    if (tile.isEnlarged) this.enlarge(undefined);
    this.#watch.unobserve(tile.element);
    tile.element.remove();
    this.#tiles.delete(deviceId);
  }

  /** Cameras of the same severity stay in the host's order. The page is touched only where the order changed. */
  #order(cameras: readonly CameraWords[]): void {
    const wanted = cameras
      .toSorted((a, b) => b.severity - a.severity)
      .flatMap(({ deviceId }) => this.#tiles.get(deviceId)?.element ?? []);
    const present = [...this.main.children];
    if (wanted.every((element, index) => present[index] === element)) return;
    const focused = document.activeElement;
    this.main.append(...wanted);
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  }
}
