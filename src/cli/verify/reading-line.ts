import { clearLine, cursorTo } from 'node:readline';
import type { WriteStream } from 'node:tty';
import { printable } from '../../core/safe-text.js';
import { formatBytes } from '../../core/figures.js';
import { cut } from '../watch/text-width.js';

/** What lasts less is not worth a line, ms. */
const SHOWN_AFTER_MS = 500;
const BETWEEN_MS = 200;
const BAR_WIDTH = 20;

/** How much of a long file is read: one line on a terminal, which is overwritten. Elsewhere nothing. */
export class ReadingLine {
  #name = '';
  #sinceMs = 0;
  #lastMs = 0;
  #isShown = false;

  constructor(private readonly stream: WriteStream & { readonly fd?: number }) {}

  show(name: string, done: number, total: number): void {
    if (!this.stream.isTTY) return;
    const nowMs = performance.now();
    if (name !== this.#name) {
      this.#name = name;
      this.#sinceMs = nowMs;
    }
    if (nowMs - this.#sinceMs < SHOWN_AFTER_MS || nowMs - this.#lastMs < BETWEEN_MS || total <= 0) return;
    this.#lastMs = nowMs;
    this.#isShown = true;
    const full = Math.round(Math.min(1, done / total) * BAR_WIDTH);
    const bar = `[${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)}]`;
    const line = `${bar} ${formatBytes(done)} of ${formatBytes(total)}  ${printable(name)}`;
    cursorTo(this.stream, 0);
    this.stream.write(cut(line, (this.stream.columns || 80) - 1));
    clearLine(this.stream, 1);
  }

  clear(): void {
    if (!this.#isShown) return;
    cursorTo(this.stream, 0);
    clearLine(this.stream, 0);
    this.#isShown = false;
  }
}
