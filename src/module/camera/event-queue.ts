/** Handles one event at a time, in order, because handling one may cause the next before it returns. */
export class EventQueue<Event> {
  readonly #waiting: { readonly event: Event; readonly before: () => void }[] = [];
  #isDraining = false;

  constructor(private readonly handle: (event: Event) => void) {}

  /** `before` is called right before this event is handled. */
  push(event: Event, before = (): void => undefined): void {
    this.#waiting.push({ event, before });
    if (this.#isDraining) return;
    this.#isDraining = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        next.before();
        this.handle(next.event);
      }
    } finally {
      this.#isDraining = false;
    }
  }
}
