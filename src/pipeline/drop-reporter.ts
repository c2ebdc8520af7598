import { type FrameDrop, noDrops, type DropReason } from '../core/frame-drop.js';

/** This many drops between two ticks (half a second) are sent one by one. Further drops are summed up by reason. */
const EVENTS_PER_TICK = 500;
const TICKS_PER_SKIP_LINE = 2;

interface HeldDrop {
  readonly reason: DropReason;
  readonly trial: number | null;
  readonly frameNumber: number;
  readonly monoNs: bigint;
  count: number;
}

/** Turns drops into events: usually one per drop, sums in a burst, and the gate's skips once a second. */
export class DropReporter {
  /** Since the run began. */
  readonly totals = noDrops();
  /** Sums that wait to be sent, one per reason. `#heldOutside`: frames that belong to no recording. */
  readonly #held = new Map<DropReason, HeldDrop>();
  readonly #heldOutside = new Map<DropReason, HeldDrop>();
  #trial: number | null = null;
  #budget = EVENTS_PER_TICK;
  #ticks = 0;

  constructor(
    private readonly deviceId: string,
    private readonly reportsGateSkips: boolean,
    private readonly emit: (drop: FrameDrop) => void,
  ) {}

  /**
   * The trial of all later drops, or `null` while not recording. Drops held back so far are sent with the old trial.
   */
  set trial(trial: number | null) {
    this.flush();
    this.#trial = trial;
  }

  /** `monoNs`: the frame's time on the monotonic clock. `count`: how many frames were dropped. */
  report(reason: DropReason, frameNumber: number, monoNs: bigint, count = 1): void {
    this.#report(this.#held, { reason, frameNumber, monoNs, count, trial: this.#trial });
  }

  /** Like `report`, for frames that belong to no recording. */
  reportOutside(reason: DropReason, frameNumber: number, monoNs: bigint, count = 1): void {
    this.#report(this.#heldOutside, { reason, frameNumber, monoNs, count, trial: null });
  }

  /** Call this twice a second. */
  tick(): void {
    this.#budget = EVENTS_PER_TICK;
    this.#ticks += 1;
    const isSkipTick = this.#ticks % TICKS_PER_SKIP_LINE === 0;
    this.#send((reason) => reason !== 'gate_skip' || isSkipTick);
  }

  /** Sends all drops that are held back. */
  flush(): void {
    this.#send(() => true);
  }

  #report(allHeld: Map<DropReason, HeldDrop>, drop: HeldDrop): void {
    const { reason, count } = drop;
    this.totals[reason] += count;
    const held = allHeld.get(reason);
    if (held !== undefined) {
      held.count += count;
      return;
    }
    if (reason === 'gate_skip') {
      if (this.reportsGateSkips) allHeld.set(reason, drop);
      return;
    }
    if (this.#budget > 0) {
      this.#budget -= 1;
      this.#emit(drop);
      return;
    }
    allHeld.set(reason, drop);
  }

  #send(isDue: (reason: DropReason) => boolean): void {
    for (const allHeld of [this.#held, this.#heldOutside]) {
      for (const [reason, held] of allHeld) {
        if (!isDue(reason)) continue;
        allHeld.delete(reason);
        this.#emit(held);
      }
    }
  }

  #emit({ reason, frameNumber, monoNs, count, trial }: HeldDrop): void {
    const drop = { reason, monoNs, frameNumber, deviceId: this.deviceId, trial };
    this.emit(count === 1 ? drop : { ...drop, count });
  }
}
