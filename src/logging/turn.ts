/**
 * Lets all logs of a sink do one file operation at a time, in the order of asking. All threads of a process share one
 * pool of four threads for file operations, so on a disk that hangs, three stuck logs would leave a single thread for
 * the recordings.
 */
export class Turn {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `work` after all earlier work has ended, and passes on its result or its error. */
  claim<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => undefined); // the caller receives the error; the next in line does not
    return mine;
  }
}
