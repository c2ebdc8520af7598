import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { createRotatingStream, type RotatingStreamFactory } from '../../../src/logging/rotating-stream.js';

/** What the next writes of the file do: as asked, half of it (a full disk's last write), an error, or no answer ever. */
export type DiskMood = 'works' | 'short' | 'full' | 'hangs';

interface OpenHandle {
  write: (bytes: Buffer) => Promise<unknown>;
}

/**
 * The real library on a disk with moods: the descriptor that it opened is bent, everything else is its own code.
 * A short write is followed by a full disk, as in life.
 */
export class FaultyDisk {
  mood: DiskMood = 'works';
  writes = 0;
  readonly streams: Writable[] = [];
  /** Lets every hanging write go on. */
  release: () => void = () => undefined;
  readonly #released = new Promise<void>((resolve) => {
    this.release = resolve;
  });

  readonly createStream: RotatingStreamFactory = async (name, settings) => {
    const stream = await createRotatingStream(name, settings);
    this.streams.push(stream);
    stream.on('open', () => {
      this.#bend((stream as unknown as { file: OpenHandle }).file);
    });
    return stream;
  };

  /** Waits until so many writes hang. */
  async hanging(count = 1): Promise<void> {
    while (this.#hangs < count) await once(this.#events, 'hang');
  }

  #hangs = 0;
  readonly #events = new EventTarget();

  #bend(handle: OpenHandle): void {
    const write = handle.write.bind(handle);
    handle.write = async (bytes) => {
      this.writes += 1;
      switch (this.mood) {
        case 'works':
          return write(bytes);
        case 'short':
          this.mood = 'full';
          return write(bytes.subarray(0, bytes.length >> 1));
        case 'full':
          throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
        case 'hangs':
          this.#hangs += 1;
          this.#events.dispatchEvent(new Event('hang'));
          await this.#released;
          return write(bytes);
      }
    };
  }
}
