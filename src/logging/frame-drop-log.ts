import type { Clock } from '../core/clock.js';
import type { FrameDrop } from '../core/frame-drop.js';
import { jsonLine } from '../core/safe-text.js';
import { logTime } from './command-log.js';
import { cutText } from './plain-value.js';

const WINDOW_NS = 1_000_000_000n;
const WINDOW_MS = 1_000;
/** A camera at 60 fps cannot lose this many frames one by one. */
const LINES_PER_WINDOW = 100;
/** Groups in one window at most. A few reasons times a few cameras are normal. */
const MAX_GROUPS = 64;
const MAX_DEVICE_ID_LENGTH = 64;

/** Drops of one reason, device and trial that share a line. */
interface Group {
  readonly first: FrameDrop;
  readonly wallMs: number;
  lastFrameNumber: number;
  frames: number;
  lines: number;
}

/**
 * Writes drops as lines of `frame_drops.jsonl`. At most 100 drops a second get a line of their own. Later drops of
 * that second become one line for each reason, device and trial, with `count` (frames), `last_frame_num` and
 * `summarised` (the number of lines it stands for). So a flood neither fills the disk nor pushes out earlier drops by
 * rotation, and the counts still add up.
 */
export class FrameDropLog {
  #windowStartNs = 0n;
  #linesInWindow = 0;
  #groups: Group[] = [];
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

  /** Writes the summaries of the current second now. Called before the log is closed. */
  flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    const groups = this.#groups;
    this.#groups = [];
    for (const group of groups) this.write(groupLine(group));
  }

  #summarise(drop: FrameDrop): void {
    const group = this.#groups.find(({ first }) => isSameGroup(first, drop));
    if (group !== undefined) {
      group.lastFrameNumber = drop.frameNumber;
      group.frames += drop.count ?? 1;
      group.lines += 1;
      return;
    }
    if (this.#groups.length >= MAX_GROUPS) this.flush();
    this.#groups.push({
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

function isSameGroup(a: FrameDrop, b: FrameDrop): boolean {
  return a.reason === b.reason && a.deviceId === b.deviceId && a.trial === b.trial;
}

/** One drop as a line, without its newline. `mono_ns` is written from the bigint, so all its digits are exact. */
export function dropLine(drop: FrameDrop, wallMs: number): string {
  return `${lineStart(drop, wallMs)}${drop.count === undefined ? '' : `,"count":${drop.count}`}}`;
}

function groupLine({ first, wallMs, lastFrameNumber, frames, lines }: Group): string {
  if (lines === 1) return dropLine(first, wallMs);
  return `${lineStart(first, wallMs)},"count":${frames},"last_frame_num":${lastFrameNumber},"summarised":${lines}}`;
}

function lineStart({ monoNs, reason, frameNumber, deviceId, trial }: FrameDrop, wallMs: number): string {
  const device = jsonLine(cutText(deviceId, MAX_DEVICE_ID_LENGTH));
  return `{"ts":${logTime(wallMs)},"mono_ns":${monoNs},"reason":"${reason}","frame_num":${frameNumber},"device_id":${device},"trial":${trial}`;
}
