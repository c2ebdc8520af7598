/**
 * One file operation at a time for all logs of a sink, in order of asking. All threads of a process share one pool of four
 * for file operations: on a disk that hangs, three stuck logs would leave a recording a single one.
 */
export class Turn {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `work` when all earlier ones have ended, and gives its result or its error. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => undefined); // the error is for whoever asked, not for the next one
    return mine;
  }
}
