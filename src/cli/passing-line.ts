import { clearLine, cursorTo } from 'node:readline';
import type { Writable } from 'node:stream';
import { formatBytes } from '../core/figures.js';
import { printable } from '../core/safe-text.js';
import { cut } from './watch/text-width.js';

/** What lasts less is not worth a line, ms. */
const SHOWN_AFTER_MS = 500;
const PERIOD_MS = 200;
const BAR_WIDTH = 20;

/** How far something is that takes long: one line on a terminal, which is overwritten. Elsewhere nothing. */
export class PassingLine {
  #shownMs = performance.now() + SHOWN_AFTER_MS - PERIOD_MS;
  #isShown = false;

  constructor(private readonly stream: Writable & { readonly isTTY?: boolean; readonly columns?: number }) {}

  /** May be called for each little step: a few of them are shown. */
  show(line: () => string): void {
    const nowMs = performance.now();
    if (this.stream.isTTY !== true || nowMs - this.#shownMs < PERIOD_MS) return;
    this.#shownMs = nowMs;
    this.#isShown = true;
    cursorTo(this.stream, 0);
    this.stream.write(cut(printable(line()), (this.stream.columns ?? 80) - 1));
    clearLine(this.stream, 1);
  }

  /** To be called before anything else is written. */
  clear(): void {
    if (!this.#isShown) return;
    cursorTo(this.stream, 0);
    clearLine(this.stream, 0);
    this.#isShown = false;
  }
}

/** How much of a file was read, in bytes. */
export function readingText(name: string, done: number, total: number): string {
  return `${bar(done, total)} ${formatBytes(done)} of ${formatBytes(total)}  ${name}`;
}

export function bar(done: number, total: number): string {
  const full = total <= 0 ? 0 : Math.round(Math.min(1, done / total) * BAR_WIDTH);
  return `[${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)}]`;
}
