import type { FrameDrop } from '../core/frame-drop.js';
import { noDrops } from './frame-tally.js';
import type { DropReason } from './frame-tally.js';

/** Drop events between two ticks (half a second) that go out one by one; what is beyond is summed up by reason. */
const EVENTS_PER_TICK = 500;
const TICKS_PER_SKIP_LINE = 2;

interface HeldDrop {
  readonly frameNumber: number;
  readonly monoNs: bigint;
  count: number;
}

/** Turns drops into events: one a drop in ordinary times, sums in a burst, skips of the gate once a second. */
export class DropReporter {
  /** Since the run began. */
  readonly totals = noDrops();
  readonly #held = new Map<DropReason, HeldDrop>();
  #trial: number | null = null;
  #budget = EVENTS_PER_TICK;
  #ticks = 0;

  constructor(
    private readonly deviceId: string,
    private readonly reportsGateSkips: boolean,
    private readonly emit: (drop: FrameDrop) => void,
  ) {}

  /** The trial that drops belong to from now on, `null` while not recording. What was held goes out under the old one. */
  set trial(trial: number | null) {
    this.flush();
    this.#trial = trial;
  }

  /** `monoNs`: the frame's time on the monotonic clock. `count`: how many frames were dropped. */
  report(reason: DropReason, frameNumber: number, monoNs: bigint, count = 1): void {
    this.totals[reason] += count;
    const held = this.#held.get(reason);
    if (held !== undefined) {
      held.count += count;
      return;
    }
    if (reason === 'gate_skip') {
      if (this.reportsGateSkips) this.#held.set(reason, { frameNumber, monoNs, count });
      return;
    }
    if (this.#budget > 0) {
      this.#budget -= 1;
      this.#emit(reason, { frameNumber, monoNs, count });
      return;
    }
    this.#held.set(reason, { frameNumber, monoNs, count });
  }

  /** To be called twice a second. */
  tick(): void {
    this.#budget = EVENTS_PER_TICK;
    this.#ticks += 1;
    const isSkipTick = this.#ticks % TICKS_PER_SKIP_LINE === 0;
    for (const [reason, held] of this.#held) {
      if (reason === 'gate_skip' && !isSkipTick) continue;
      this.#held.delete(reason);
      this.#emit(reason, held);
    }
  }

  /** Sends what is held back. */
  flush(): void {
    for (const [reason, held] of this.#held) this.#emit(reason, held);
    this.#held.clear();
  }

  #emit(reason: DropReason, { frameNumber, monoNs, count }: HeldDrop): void {
    const drop = { reason, monoNs, frameNumber, deviceId: this.deviceId, trial: this.#trial };
    this.emit(count === 1 ? drop : { ...drop, count });
  }
}
