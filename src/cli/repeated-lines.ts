import type { StatusData, StatusMessage } from '../protocol/statuses.js';

/** Keeps lines for people from flooding: of failed attempts those that say nothing new, of all kinds those that are too many. */

/** Most kinds of lines that are remembered. */
const MAX_KINDS = 1000;

/** Of cameras that are tried again: the code of the last failed attempt. */
export class FailedAttempts {
  readonly #codes = new Map<string, string>();

  /** To be called with every status: a camera that came back, or is given up, begins anew. */
  hear({ status, data }: StatusMessage): void {
    if (status !== 'device_ready' && status !== 'device_unassigned') return;
    if (data.device_id === null) this.#codes.clear();
    else this.#codes.delete(data.device_id);
  }

  /** Whether the attempt before failed with the same code. */
  isRepeated({ device_id: deviceId, code }: StatusData<'device_error'>): boolean {
    const isRepeated = this.#codes.get(deviceId) === code;
    this.#codes.set(deviceId, code);
    return isRepeated;
  }
}

/** Lines of one kind. */
interface Kind {
  /** When the lines of the last period were shown, ms. */
  shownMs: number[];
  hidden: number;
}

/** How many lines of a kind, and of all kinds, there are in a period. */
export class LineLimits {
  readonly #kinds = new Map<string, Kind>();
  #allShownMs: number[] = [];

  constructor(
    private readonly periodMs: number,
    private readonly mostOfAll: number,
  ) {}

  /**
   * Whether one more line of this kind is to be shown: `undefined` if not, else what to say behind it of those that were not
   * shown before it. `nowMs`: monotonic, never earlier than the last one.
   */
  oneMore(key: string, mostOfKind: number, nowMs: number): string | undefined {
    const kind = this.#kindOf(key, nowMs);
    this.#allShownMs = this.#within(this.#allShownMs, nowMs);
    if (kind.shownMs.length >= mostOfKind || this.#allShownMs.length >= this.mostOfAll) {
      kind.hidden += 1;
      return undefined;
    }
    const more = kind.hidden === 0 ? '' : ` (${kind.hidden} more lines like this were not shown.)`;
    kind.hidden = 0;
    kind.shownMs.push(nowMs);
    this.#allShownMs.push(nowMs);
    return more;
  }

  #kindOf(key: string, nowMs: number): Kind {
    // Texts can hold names of files, so there may be ever new kinds. The limit of all lines holds then.
    if (this.#kinds.size >= MAX_KINDS) this.#kinds.clear();
    const kind = this.#kinds.get(key) ?? { shownMs: [], hidden: 0 };
    this.#kinds.set(key, kind);
    kind.shownMs = this.#within(kind.shownMs, nowMs);
    return kind;
  }

  #within(timesMs: readonly number[], nowMs: number): number[] {
    return timesMs.filter((timeMs) => nowMs - timeMs < this.periodMs);
  }
}
