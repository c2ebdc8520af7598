import type { CheckId, Finding } from '../verdict.js';

/** Of each check so many failures are told one by one; the others are counted. */
const MAX_TOLD = 20;

interface Told {
  told: number;
  more: number;
}

/** Gathers what the checks of one video find. One fault is told once: by the check that comes first. */
export class VideoFindings {
  readonly #list: Finding[] = [];
  readonly #failures = new Map<CheckId, Told>();
  /** A byte for each frame: 1 where a check has blamed it. Made with the first one. */
  #blamed: Uint8Array | undefined;
  #frames = 0;

  /** Must be called before a frame is blamed. */
  expectFrames(frames: number): void {
    this.#frames = frames;
  }

  /** Checks failed, in frames and other things. */
  failuresOf(id: CheckId): number {
    const failures = this.#failures.get(id);
    return failures === undefined ? 0 : failures.told + failures.more;
  }

  /** `frame`: from 1. A frame that is to blame is left alone by the checks that follow. */
  fail(id: CheckId, message: string, frame: number | null = null): void {
    const failures = this.#failures.get(id) ?? { told: 0, more: 0 };
    this.#failures.set(id, failures);
    if (frame !== null) {
      this.#blamed ??= new Uint8Array(this.#frames);
      this.#blamed[frame - 1] = 1;
    }
    if (failures.told === MAX_TOLD) {
      failures.more += 1;
      return;
    }
    failures.told += 1;
    this.#list.push({ id, kind: 'failed', frame, message });
  }

  lost(id: CheckId, message: string): void {
    this.#list.push({ id, kind: 'lost', frame: null, message });
  }

  note(id: CheckId, message: string): void {
    this.#list.push({ id, kind: 'note', frame: null, message });
  }

  /** `index`: from 0. */
  isBlamed(index: number): boolean {
    return this.#blamed !== undefined && this.#blamed[index] === 1;
  }

  /** All that was found, by the number of the check. */
  conclude(): Finding[] {
    for (const [id, { more }] of this.#failures) {
      if (more > 0) this.#list.push({ id, kind: 'failed', frame: null, message: `and ${more} more like these` });
    }
    return this.#list.toSorted((a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1)));
  }
}
