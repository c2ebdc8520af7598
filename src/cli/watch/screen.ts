import type { ReadStream, WriteStream } from 'node:tty';

/** What the screen tells. */
export interface ScreenEvents {
  /** Somebody pressed `q` or Ctrl-C, or the keyboard is gone. */
  readonly onQuit: () => void;
  /** Everything must be drawn again: another size, back in the foreground. */
  readonly onStale: () => void;
}

const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J';
const LEAVE = '\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l';
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const CTRL_L = '\u000c';
const CTRL_Z = '\u001a';

/**
 * The terminal's other screen. What was on the terminal before is there again after `close`, and on every other way out of the
 * process: an exception, a signal that is handled, Ctrl-Z.
 */
export class Screen {
  #isOpen = false;
  #drawn: readonly string[] = [];
  readonly #onResize = (): void => {
    this.#redraw();
  };
  readonly #onContinue = (): void => {
    // After a stop that nothing here knew of the shell has put the terminal back, and Node takes it for raw still.
    this.#setRaw(false);
    this.#enter();
    this.#redraw();
  };
  readonly #onExit = (): void => {
    this.close();
  };
  readonly #onGone = (): void => {
    this.events.onQuit();
  };
  readonly #onKeys = (keys: Buffer): void => {
    const text = keys.toString('latin1');
    if (text === CTRL_Z) this.#suspend();
    else if (text === CTRL_L) this.#redraw();
    // Not the letter within an escape sequence or a paste.
    else if (text === 'q' || text === 'Q' || text.includes(CTRL_C) || text === CTRL_D) this.events.onQuit();
  };

  /** `keyboard`: `null` where stdin is no terminal. */
  constructor(
    private readonly terminal: WriteStream,
    private readonly keyboard: ReadStream | null,
    private readonly events: ScreenEvents,
  ) {}

  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    process.on('exit', this.#onExit);
    // Before Node prints what was thrown, which would be lost with the screen.
    process.on('uncaughtExceptionMonitor', this.#onExit);
    process.on('SIGCONT', this.#onContinue);
    this.terminal.on('resize', this.#onResize);
    this.keyboard?.on('data', this.#onKeys).on('end', this.#onGone).on('error', this.#onGone);
    this.#enter();
  }

  get columns(): number {
    return Math.max(1, this.terminal.columns || 80);
  }

  get rows(): number {
    return Math.max(1, this.terminal.rows || 24);
  }

  /** Shows these lines. Only those that changed are written, because the way to the terminal may be slow. */
  draw(lines: readonly string[]): void {
    if (!this.#isOpen) return;
    const shown = lines.slice(0, this.rows);
    let text = '';
    for (const [index, line] of shown.entries()) {
      if (line !== this.#drawn[index]) text += `\u001b[${index + 1};1H${line}\u001b[0m\u001b[K`;
    }
    if (this.#drawn.length > shown.length) text += `\u001b[${shown.length + 1};1H\u001b[J`;
    if (text !== '') this.terminal.write(text);
    this.#drawn = shown;
  }

  /** Puts the terminal back. May be called twice. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    process.off('exit', this.#onExit);
    process.off('uncaughtExceptionMonitor', this.#onExit);
    process.off('SIGCONT', this.#onContinue);
    this.terminal.off('resize', this.#onResize);
    this.keyboard?.off('data', this.#onKeys).off('end', this.#onGone).off('error', this.#onGone);
    this.#leave();
    // Else it would keep the process alive.
    this.keyboard?.pause();
    this.keyboard?.unref();
  }

  #enter(): void {
    this.#setRaw(true);
    this.terminal.write(ENTER);
  }

  #leave(): void {
    this.terminal.write(LEAVE);
    this.#setRaw(false);
  }

  #redraw(): void {
    this.#drawn = [];
    this.terminal.write('\u001b[2J');
    this.events.onStale();
  }

  /** A raw terminal sends Ctrl-Z as a key. */
  #suspend(): void {
    this.#leave();
    process.kill(process.pid, 'SIGTSTP');
    // Here again: it was continued, or there is no shell that could stop it.
    this.#onContinue();
  }

  #setRaw(isRaw: boolean): void {
    try {
      this.keyboard?.setRawMode(isRaw);
    } catch {
      // The terminal was closed meanwhile, so there is nothing to put back.
    }
  }
}
