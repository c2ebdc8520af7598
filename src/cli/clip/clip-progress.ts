import { clearLine, cursorTo } from 'node:readline';
import type { Writable } from 'node:stream';
import { formatBytes } from '../../core/figures.js';

const BAR_WIDTH = 20;
/** A clip that is made at once needs no bar. */
const UNNOTICED_MS = 1000;
const PERIOD_MS = 200;

/** How far the cutting is, on a terminal alone. */
export class ClipProgress {
  #shownMs = performance.now() + UNNOTICED_MS - PERIOD_MS;
  #isShown = false;

  constructor(private readonly stream: Writable & { readonly isTTY?: boolean }) {}

  show(frames: number, total: number, bytes: number): void {
    const nowMs = performance.now();
    if (this.stream.isTTY !== true || nowMs - this.#shownMs < PERIOD_MS) return;
    this.#shownMs = nowMs;
    this.#isShown = true;
    const full = Math.floor((frames / total) * BAR_WIDTH);
    const bar = `[${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)}]`;
    cursorTo(this.stream, 0);
    this.stream.write(`${bar} ${frames} of ${total} frames  ${formatBytes(bytes)}`);
    clearLine(this.stream, 1);
  }

  clear(): void {
    if (!this.#isShown) return;
    cursorTo(this.stream, 0);
    clearLine(this.stream, 0);
    this.#isShown = false;
  }
}
