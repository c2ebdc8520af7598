import { FPS_RANGE } from '../core/capture-limits.js';
import type { Clock } from '../core/clock.js';

const NS_PER_MS = 1e6;
const MS_PER_SECOND = 1000;
const US_PER_MS = 1000;

/** The first frame always comes late, because the tool withholds about 7 to 9 frames at the start. */
const FIRST_FRAME_FLOOR_MS = 5000;
const FIRST_FRAME_FLOOR_FRAMES = 10;
const FLOOR_FRAMES = 5;
/**
 * The first frames may state another duration than those to come, because exposure and rate settle only then. So long the
 * slower of the stated and the requested rate counts.
 */
const SETTLED_AFTER_FRAMES = 10;

const SLOWEST_FRAME_MS = MS_PER_SECOND / FPS_RANGE.min;

const CHECKS_PER_TIMEOUT = 20;
const MIN_CHECK_PERIOD_MS = 5;
const MAX_CHECK_PERIOD_MS = 200;
/** A check that is late by more than this many periods means that this process stalled, not the camera. */
const LATE_PERIODS = 3;
/**
 * After a stall of this process, at least this many periods of the timeout remain, so that waiting input can be read.
 */
const PERIODS_AFTER_STALL = 5;

export interface WatchdogLimits {
  /** Maximum time between frames, ms. Raised to five frame times of the rate that the camera gives. */
  readonly frameTimeoutMs: number;
  /** Maximum time until the first frame, ms. Raised to 5 s plus ten frame times of the requested rate. */
  readonly firstFrameTimeoutMs: number;
  /** Requested rate, frames a second. */
  readonly fps: number;
}

/** The time until the first frame that every camera has, ms. */
export function firstFrameLimitMs({ firstFrameTimeoutMs, fps }: Omit<WatchdogLimits, 'frameTimeoutMs'>): number {
  return Math.max(firstFrameTimeoutMs, FIRST_FRAME_FLOOR_MS + (FIRST_FRAME_FLOOR_FRAMES * MS_PER_SECOND) / fps);
}

export interface WatchdogListener {
  /** Called once, with the milliseconds of silence. */
  onTimeout(silentMs: number): void;
  /** Called some times a second while the camera is silent and the limit is not reached. */
  onSilence?(silentMs: number): void;
}

/**
 * Tells a stopped camera from a stalled reader. It runs in the reader's thread and counts only the time in which that
 * thread could have read. A late timer proves only that this thread was stalled.
 */
export class FrameWatchdog {
  /**
   * Silence counted from the first check after the last frame. It is at most one period too short, and never too
   * long.
   */
  #silentMs = 0;
  #hasNewFrame = false;
  #lastCheckNs = 0n;
  #timeoutMs: number;
  #periodMs: number;
  /** Frames seen, up to `SETTLED_AFTER_FRAMES`. */
  #frames = 0;
  #frameDurationUs = 0;
  #isPaused = false;
  #isVerifying = false;
  #stopTimer: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly limits: WatchdogLimits,
    private readonly listener: WatchdogListener,
    /** Calls back after all readable input was read: one more turn of the event loop. */
    private readonly afterReads: (callback: () => void) => void = setImmediate,
  ) {
    this.#timeoutMs = firstFrameLimitMs(limits);
    this.#periodMs = checkPeriodMs(this.#timeoutMs);
  }

  /** `firstFrameMs`: another limit for the first frame. */
  start(firstFrameMs = firstFrameLimitMs(this.limits)): void {
    this.#silentMs = 0;
    this.#timeoutMs = firstFrameMs;
    this.#periodMs = checkPeriodMs(firstFrameMs);
    this.#startTimer();
  }

  /**
   * Called for every frame. `frameDurationUs`: the frame period that the camera states, 0 if it states none: then the
   * requested rate counts. A camera that runs at another rate than requested gets five of its own frame times.
   */
  frameArrived(frameDurationUs: number): void {
    this.#hasNewFrame = true;
    const isSettling = this.#frames < SETTLED_AFTER_FRAMES;
    if (!isSettling && frameDurationUs === this.#frameDurationUs) return;
    if (isSettling) this.#frames += 1;
    this.#frameDurationUs = frameDurationUs;
    const requestedMs = MS_PER_SECOND / this.limits.fps;
    // No camera is slower: a duration beyond that is garbage, and must not hide that the camera died.
    const statedMs = frameDurationUs > 0 ? Math.min(frameDurationUs / US_PER_MS, SLOWEST_FRAME_MS) : requestedMs;
    const isSettled = this.#frames === SETTLED_AFTER_FRAMES;
    const frameMs = isSettled ? statedMs : Math.max(requestedMs, statedMs);
    this.#setTimeout(Math.max(this.limits.frameTimeoutMs, FLOOR_FRAMES * frameMs));
  }

  pause(): void {
    this.#isPaused = true;
  }

  /** Silence counts from this moment. */
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
    if (this.#silentMs < this.#timeoutMs) {
      this.listener.onSilence?.(this.#silentMs);
      return;
    }
    this.#isVerifying = true;
    this.afterReads(() => {
      this.#isVerifying = false;
      const isOver = this.#stopTimer === undefined || this.#isPaused;
      if (isOver || this.#hasNewFrame) return;
      this.stop();
      this.listener.onTimeout(this.#silentMs);
    });
  }
}

function checkPeriodMs(timeoutMs: number): number {
  return Math.min(MAX_CHECK_PERIOD_MS, Math.max(MIN_CHECK_PERIOD_MS, Math.floor(timeoutMs / CHECKS_PER_TIMEOUT)));
}
