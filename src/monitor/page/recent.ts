/** What a figure was in the last two minutes. Pure: the page draws it. */

export const RECENT_MS = 120_000;
/** Points that lie further apart are not joined: nothing is known of the time between. */
const GAP_MS = 3_500;

interface Point {
  readonly atMs: number;
  readonly value: number;
}

export class Recent {
  #points: Point[] = [];

  /** @param atMs on a clock that never runs backwards */
  add(atMs: number, value: number): void {
    this.#points = [...this.#points.filter((point) => point.atMs > atMs - RECENT_MS), { atMs, value }];
  }

  get highest(): number {
    return Math.max(0, ...this.#points.map(({ value }) => value));
  }

  /** As an SVG path in a box of `width` x `height`: now at the right, 0 at the bottom, `top` at the top. */
  path(
    nowMs: number,
    { width, height, top }: { readonly width: number; readonly height: number; readonly top: number },
  ) {
    let lastMs = Number.NEGATIVE_INFINITY;
    const steps = this.#points.map(({ atMs, value }) => {
      const verb = atMs - lastMs > GAP_MS ? 'M' : 'L';
      lastMs = atMs;
      const x = width * (1 - (nowMs - atMs) / RECENT_MS);
      const y = height * (1 - Math.min(1, value / Math.max(top, Number.MIN_VALUE)));
      return `${verb}${x.toFixed(1)} ${y.toFixed(1)}`;
    });
    return steps.join('');
  }
}
