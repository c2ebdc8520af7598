import { byId, setHidden } from './dom.js';
import { keepToken } from './token.js';

/** Asks for the token where the recorder wants one. */
export class TokenForm {
  readonly #form = byId('token') as HTMLFormElement;
  readonly #input = byId('token-input') as HTMLInputElement;
  /** A command wanted it, although reading needs none. */
  #isWantedForControl = false;

  constructor(onToken: () => void) {
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      keepToken(this.#input.value.trim());
      this.#input.value = '';
      this.#isWantedForControl = false;
      onToken();
    });
  }

  askForControl(): void {
    this.#isWantedForControl = true;
    this.draw(false);
    this.#input.focus();
  }

  draw(isRefused: boolean): void {
    setHidden(this.#form, !isRefused && !this.#isWantedForControl);
  }
}
