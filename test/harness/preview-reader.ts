import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { PreviewAnswer, PreviewPicture, PreviewState } from '../../src/core/preview-words.js';
import { settled } from './manual-clock.js';

/** A reader of a preview that the test plays. */
export class PreviewReader {
  readonly pictures: PreviewPicture[] = [];
  readonly states: PreviewState[] = [];
  isClosed = false;
  readonly #port: MessagePort;

  constructor(connect: (port: MessagePort) => void) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.on('message', (answer: PreviewAnswer) => {
      if (answer.type === 'frame') this.pictures.push(answer);
      else this.states.push(answer.state);
    });
    port1.once('close', () => {
      this.isClosed = true;
    });
    port1.unref();
    connect(port2);
  }

  /** Says any word, and lets it arrive. */
  async say(word: unknown, transferred: readonly ArrayBuffer[] = []): Promise<void> {
    this.#port.postMessage(word, transferred);
    await settled();
  }

  async want(buffer?: ArrayBuffer): Promise<void> {
    await (buffer === undefined ? this.say({ type: 'want' }) : this.say({ type: 'want', buffer }, [buffer]));
  }

  /** The picture that came last. Throws where none came. */
  get last(): PreviewPicture {
    const picture = this.pictures.at(-1);
    if (picture === undefined) throw new Error('No picture came.');
    return picture;
  }

  async close(): Promise<void> {
    this.#port.close();
    await settled();
  }
}
