import type { Clock } from '../core/clock.js';

const NS_PER_MS = 1e6;
const MS_PER_SECOND = 1000;
const US_PER_MS = 1000;

/** The first frame comes late by nature: the tool withholds some 7 to 9 frames at the start. */
const FIRST_FRAME_FLOOR_MS = 5000;
const FIRST_FRAME_FLOOR_FRAMES = 10;
const FLOOR_FRAMES = 5;

const CHECKS_PER_TIMEOUT = 20;
const MIN_CHECK_PERIOD_MS = 5;
const MAX_CHECK_PERIOD_MS = 200;
/** A check later than so many periods means that this process stood still, not that the camera did. */
const LATE_PERIODS = 3;
/** What is left of the timeout at least after we stood still, in periods: time to read what waited. */
const PERIODS_AFTER_STALL = 5;

export interface WatchdogLimits {
  /** Between frames, ms. Raised to five frame times. */
  readonly frameTimeoutMs: number;
  /** Until the first frame, ms. Raised to 5 s and ten frame times. */
  readonly firstFrameTimeoutMs: number;
  /** Asked for, frames a second. */
  readonly fps: number;
}

/**
 * Tells a camera that stopped from a reader that was stalled. It sits beside the reader, in its thread, and counts
 * only the time in which that thread could have read: a timer that comes late says something about us alone.
 */
export class FrameWatchdog {
  /** From the first check after the last frame: at most a period less than the truth, never more. */
  #silentMs = 0;
  #hasNewFrame = false;
  #lastCheckNs = 0n;
  #timeoutMs: number;
  #periodMs: number;
  #isFirstSeen = false;
  #frameDurationUs = 0;
  #isPaused = false;
  #isVerifying = false;
  #stopTimer: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly limits: WatchdogLimits,
    /** Called once, with the milliseconds of silence. */
    private readonly onTimeout: (silentMs: number) => void,
    /** Calls back when what could be read has been read: one more turn of the event loop. */
    private readonly afterReads: (callback: () => void) => void = setImmediate,
  ) {
    const frameMs = MS_PER_SECOND / limits.fps;
    this.#timeoutMs = Math.max(limits.firstFrameTimeoutMs, FIRST_FRAME_FLOOR_MS + FIRST_FRAME_FLOOR_FRAMES * frameMs);
    this.#periodMs = checkPeriodMs(this.#timeoutMs);
  }

  start(): void {
    this.#silentMs = 0;
    this.#startTimer();
  }

  /**
   * For every frame. `frameDurationUs`: how far apart frames come by the camera's own word, 0 where it gives none;
   * a camera that runs slower than it was asked to is given five of its own frame times.
   */
  frameArrived(frameDurationUs: number): void {
    this.#hasNewFrame = true;
    if (this.#isFirstSeen && frameDurationUs === this.#frameDurationUs) return;
    this.#isFirstSeen = true;
    this.#frameDurationUs = frameDurationUs;
    const frameMs = Math.max(MS_PER_SECOND / this.limits.fps, frameDurationUs / US_PER_MS);
    this.#setTimeout(Math.max(this.limits.frameTimeoutMs, FLOOR_FRAMES * frameMs));
  }

  pause(): void {
    this.#isPaused = true;
  }

  /** The silence counts from here. */
  resume(): void {
    this.#isPaused = false;
    this.#hasNewFrame = true;
  }

  stop(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  #setTimeout(timeoutMs: number): void {
    this.#timeoutMs = timeoutMs;
    const periodMs = checkPeriodMs(timeoutMs);
    if (periodMs === this.#periodMs) return;
    this.#periodMs = periodMs;
    if (this.#stopTimer !== undefined) this.#startTimer();
  }

  #startTimer(): void {
    this.stop();
    this.#lastCheckNs = this.clock.monotonicNs();
    this.#stopTimer = this.clock.every(this.#periodMs, () => {
      this.#check();
    });
  }

  #check(): void {
    const nowNs = this.clock.monotonicNs();
    const elapsedMs = Number(nowNs - this.#lastCheckNs) / NS_PER_MS;
    this.#lastCheckNs = nowNs;
    if (this.#isPaused || this.#isVerifying) return;
    if (this.#hasNewFrame) {
      this.#hasNewFrame = false;
      this.#silentMs = 0;
      return;
    }
    if (elapsedMs > LATE_PERIODS * this.#periodMs) {
      this.#silentMs = Math.min(this.#silentMs, this.#timeoutMs - PERIODS_AFTER_STALL * this.#periodMs);
      return;
    }
    this.#silentMs += elapsedMs;
    if (this.#silentMs < this.#timeoutMs) return;
    this.#isVerifying = true;
    this.afterReads(() => {
      this.#isVerifying = false;
      const isOver = this.#stopTimer === undefined || this.#isPaused;
      if (isOver || this.#hasNewFrame) return;
      this.stop();
      this.onTimeout(this.#silentMs);
    });
  }
}

function checkPeriodMs(timeoutMs: number): number {
  return Math.min(MAX_CHECK_PERIOD_MS, Math.max(MIN_CHECK_PERIOD_MS, Math.floor(timeoutMs / CHECKS_PER_TIMEOUT)));
}
