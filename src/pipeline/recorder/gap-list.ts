import { type InfoGap, MAX_INFO_GAPS } from '../../recording/info/info-file.js';
import { GAP_REASONS, type Missing } from './pending-losses.js';

/** The gaps of one video, in order of its frames: all are counted, `MAX_INFO_GAPS` are kept. */
export class GapList {
  #lost: InfoGap[] = [];
  /** Skipped on purpose, perhaps behind every frame: they must not push out what was lost. */
  #skipped: InfoGap[] = [];
  #total = 0;

  /** `afterFrame`: never less than before, but for gaps at the source that were noticed late. */
  add(afterFrame: number, missing: Missing): void {
    for (const reason of GAP_REASONS) {
      if (missing[reason] === 0) continue;
      this.#total += 1;
      const list = reason === 'skipped' ? this.#skipped : this.#lost;
      if (list.length < MAX_INFO_GAPS) list.push({ after_frame: afterFrame, frames: missing[reason], reason });
    }
  }

  get total(): number {
    return this.#total;
  }

  /** The video ends with this frame: what lay between frames that were given up is behind it now. */
  cutAfter(frame: number): void {
    const cut = [this.#lost, this.#skipped].map((list) => list.filter((gap) => gap.after_frame <= frame));
    const behind = [...this.#lost, ...this.#skipped].filter((gap) => gap.after_frame > frame);
    [this.#lost = [], this.#skipped = []] = cut;
    this.#total -= behind.length;
    for (const { frames, reason } of behind) this.growLast(frame, reason, frames);
  }

  /** Frames at the video's end, in one gap for each reason. */
  growLast(afterFrame: number, reason: InfoGap['reason'], frames: number): void {
    const list = reason === 'skipped' ? this.#skipped : this.#lost;
    const at = list.findLastIndex((gap) => gap.after_frame === afterFrame && gap.reason === reason);
    const before = list[at];
    if (before !== undefined) {
      const grown = before.frames + frames;
      if (grown > 0) list[at] = { ...before, frames: grown };
      else {
        list.splice(at, 1);
        this.#total -= 1;
      }
      return;
    }
    if (frames <= 0) return;
    this.#total += 1;
    if (list.length < MAX_INFO_GAPS) list.push({ after_frame: afterFrame, frames, reason });
  }

  /** What is listed: losses go before what was skipped where there is no room for all. */
  get listed(): readonly InfoGap[] {
    const room = MAX_INFO_GAPS - this.#lost.length;
    const gaps = [...this.#lost, ...this.#skipped.slice(0, room)];
    return gaps.sort((one, other) => one.after_frame - other.after_frame);
  }
}
