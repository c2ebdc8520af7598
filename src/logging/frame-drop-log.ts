import type { Clock } from '../core/clock.js';
import type { FrameDrop } from '../core/frame-drop.js';
import { jsonLine } from '../core/safe-text.js';
import { logTime } from './command-log.js';
import { cutText } from './plain-value.js';

const WINDOW_NS = 1_000_000_000n;
const WINDOW_MS = 1_000;
/** More than a camera at 60 fps can lose one by one. */
const LINES_PER_WINDOW = 100;
/** Runs in one window at most: a few reasons times a few cameras are normal. */
const MAX_RUNS = 64;
const MAX_DEVICE_ID_LENGTH = 64;

/** Drops of the same reason, device and trial that share a line. */
interface Run {
  readonly first: FrameDrop;
  readonly wallMs: number;
  lastFrameNumber: number;
  frames: number;
  lines: number;
}

/**
 * Drops as lines of `frame_drops.jsonl`. At most 100 a second have a line of their own; what comes beyond that in the
 * second becomes one line for each reason, device and trial, with `count` (frames), `last_frame_num` and `summarised` (how
 * many lines it stands for). So a flood costs neither the disk nor the real drops that rotation would push out, and the counts add up.
 */
export class FrameDropLog {
  #windowStartNs = 0n;
  #linesInWindow = 0;
  #runs: Run[] = [];
  #cancelFlush: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly write: (line: string) => void,
  ) {}

  add(drop: FrameDrop): void {
    const nowNs = this.clock.monotonicNs();
    if (nowNs - this.#windowStartNs >= WINDOW_NS) {
      this.flush();
      this.#windowStartNs = nowNs;
      this.#linesInWindow = 0;
    }
    if (this.#linesInWindow < LINES_PER_WINDOW) {
      this.#linesInWindow += 1;
      this.write(dropLine(drop, this.clock.wallMs()));
      return;
    }
    this.#summarise(drop);
  }

  /** Writes the summaries of the running second now: before the log is closed. */
  flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    const runs = this.#runs;
    this.#runs = [];
    for (const run of runs) this.write(runLine(run));
  }

  #summarise(drop: FrameDrop): void {
    const run = this.#runs.find(({ first }) => isSameRun(first, drop));
    if (run !== undefined) {
      run.lastFrameNumber = drop.frameNumber;
      run.frames += drop.count ?? 1;
      run.lines += 1;
      return;
    }
    if (this.#runs.length >= MAX_RUNS) this.flush();
    this.#runs.push({
      first: drop,
      wallMs: this.clock.wallMs(),
      lastFrameNumber: drop.frameNumber,
      frames: drop.count ?? 1,
      lines: 1,
    });
    this.#cancelFlush ??= this.clock.after(WINDOW_MS, () => {
      this.flush();
    });
  }
}

function isSameRun(a: FrameDrop, b: FrameDrop): boolean {
  return a.reason === b.reason && a.deviceId === b.deviceId && a.trial === b.trial;
}

/** One drop as a line, without newline. `mono_ns` is written from the bigint: all its digits are right. */
export function dropLine(drop: FrameDrop, wallMs: number): string {
  return `${lineStart(drop, wallMs)}${drop.count === undefined ? '' : `,"count":${drop.count}`}}`;
}

function runLine({ first, wallMs, lastFrameNumber, frames, lines }: Run): string {
  if (lines === 1) return dropLine(first, wallMs);
  return `${lineStart(first, wallMs)},"count":${frames},"last_frame_num":${lastFrameNumber},"summarised":${lines}}`;
}

function lineStart({ monoNs, reason, frameNumber, deviceId, trial }: FrameDrop, wallMs: number): string {
  const device = jsonLine(cutText(deviceId, MAX_DEVICE_ID_LENGTH));
  return `{"ts":${logTime(wallMs)},"mono_ns":${monoNs},"reason":"${reason}","frame_num":${frameNumber},"device_id":${device},"trial":${trial}`;
}
