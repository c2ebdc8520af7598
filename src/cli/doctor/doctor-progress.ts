import { clearLine, cursorTo } from 'node:readline';
import type { Writable } from 'node:stream';

const WHAT: Readonly<Record<string, string>> = {
  capture: 'Capturing from the cameras',
  disk_speed: 'Writing to the disk, as a recording does',
};

/** One line on a terminal while something takes seconds. */
export class DoctorProgress {
  #isShown = false;

  constructor(
    private readonly terminal: Writable,
    private readonly isTerminal: boolean,
  ) {}

  show(id: string, doneMs: number, ofMs: number): void {
    if (!this.isTerminal) return;
    this.#isShown = true;
    cursorTo(this.terminal, 0);
    const seconds = `${Math.floor(doneMs / 1000)} of ${Math.round(ofMs / 1000)} s`;
    this.terminal.write(`${WHAT[id] ?? id} ... ${seconds}`);
    clearLine(this.terminal, 1);
  }

  clear(): void {
    if (!this.#isShown) return;
    this.#isShown = false;
    cursorTo(this.terminal, 0);
    clearLine(this.terminal, 0);
  }
}
