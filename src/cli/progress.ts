import { clearLine, cursorTo } from 'node:readline';
import type { Writable } from 'node:stream';
import { roundedFps } from '../core/figures.js';
import { printable } from '../core/safe-text.js';

/** The progress of a recording, for a person at a terminal. */
export interface Progress {
  readonly elapsedS: number;
  /** `undefined`: the recording lasts until Ctrl-C. */
  readonly durationS: number | undefined;
  readonly frames: number;
  readonly fps: number;
  readonly dropped: number;
  /** Frames lost in the camera, according to the sensor timestamps. */
  readonly missingAtSource: number;
  readonly freeBytes: bigint | null;
}

/** Most bytes that wait for somebody who does not read. Progress beyond them is not shown; notes are. */
const MAX_WAITING_BYTES = 64 * 1024;

/** Shows progress: on a terminal as one line that is overwritten, elsewhere as separate lines and less often. */
export class ProgressLine {
  #lastPlainS = -1;

  constructor(private readonly stream: Writable & { readonly isTTY?: boolean; readonly columns?: number }) {}

  show(progress: Progress): void {
    if (this.stream.writableLength > MAX_WAITING_BYTES) return;
    if (this.stream.isTTY === true) {
      cursorTo(this.stream, 0);
      this.stream.write(describeProgress(progress, (this.stream.columns || 80) - 1));
      clearLine(this.stream, 1);
      return;
    }
    // Every second at first, then every ten seconds, so that the log of a long recording stays readable.
    const stepS = progress.elapsedS < 10 ? 1 : 10;
    const nowS = Math.floor(progress.elapsedS / stepS) * stepS;
    if (nowS <= this.#lastPlainS) return;
    this.#lastPlainS = nowS;
    this.stream.write(`${describeProgress(progress, 200)}\n`);
  }

  /** Shows the final figures and ends the line. */
  last(progress: Progress): void {
    this.#lastPlainS = -1;
    this.show(progress);
    if (this.stream.isTTY === true) this.stream.write('\n');
  }

  /** Prints text above the progress line. It is made printable, because names of tools or folders may be in it. */
  note(text: string): void {
    if (this.stream.isTTY === true) {
      cursorTo(this.stream, 0);
      clearLine(this.stream, 0);
    }
    this.stream.write(`${printable(text)}\n`);
  }
}

const BAR_WIDTH = 20;

export function describeProgress(progress: Progress, columns: number): string {
  const { elapsedS, durationS, frames, fps, dropped, missingAtSource, freeBytes } = progress;
  const parts = [
    durationS === undefined
      ? formatTime(elapsedS)
      : `${bar(elapsedS / durationS)} ${formatTime(elapsedS)} / ${formatTime(durationS)}`,
    `${frames} frames`,
    `${fps < 1 ? roundedFps(fps) : fps.toFixed(1)} fps`,
    `${dropped} dropped`,
    ...(missingAtSource === 0 ? [] : [`${missingAtSource} lost in the camera`]),
    ...(freeBytes === null ? [] : [`${formatBytes(Number(freeBytes))} left`]),
  ];
  return parts.join('  ').slice(0, columns);
}

function bar(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * BAR_WIDTH);
  return `[${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)}]`;
}

/** For example `00:05`, `1:02:03` or, from a day on, `30d 00:00:00`. */
export function formatTime(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  const days = Math.floor(whole / 86_400);
  const hours = Math.floor(whole / 3600) % 24;
  const rest = `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  if (days > 0) return `${days}d ${two(hours)}:${rest}`;
  return hours === 0 ? rest : `${hours}:${rest}`;
}

/** For example `3.2 MB`. The units are decimal, like those on disks and in players. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? 'B'}`;
}
