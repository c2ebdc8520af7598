import { EventEmitter } from 'eventemitter3';

/** Listeners of one kind of message, such as a test or a debug tap. They may come and go at any time. */
export class Watchers<Message> {
  readonly #emitter = new EventEmitter<{ message: [unknown, (thrown: unknown) => void] }>();

  /** The returned function removes the listener. */
  add(listener: (message: Message) => unknown): () => void {
    const guarded = (message: unknown, onFailure: (thrown: unknown) => void): void => {
      callGuarded(listener, message as Message, onFailure); // `tell` takes nothing else
    };
    this.#emitter.on('message', guarded);
    return () => {
      this.#emitter.off('message', guarded);
    };
  }

  /** `onFailure`: a listener threw, or rejected later. */
  tell(message: Message, onFailure: (thrown: unknown) => void): void {
    this.#emitter.emit('message', message, onFailure);
  }
}

/** Calls a foreign function. What it throws, or rejects with later, goes to `onFailure`. */
export function callGuarded<Message>(
  listener: (message: Message) => unknown,
  message: Message,
  onFailure: (thrown: unknown) => void,
): void {
  try {
    const result = listener(message);
    if (result instanceof Promise) result.catch(onFailure);
  } catch (thrown) {
    onFailure(thrown);
  }
}
