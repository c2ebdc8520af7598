/** What the metadata tells of a synchronised camera, besides what it tells of any. */
import { type Drift, type ReadingLines, type Readings } from '../readings.js';
import { type FrameSync } from './frame-sync.js';

export class SyncedReadings {
  constructor(
    private readonly readings: Pick<Readings, 'lines'>,
    private readonly sync: Pick<FrameSync, 'timerUs' | 'durationUs'>,
  ) {}

  /** As of any readings. Only frames that are given have metadata, so all of them are ready. */
  lines(number: number, drift: Drift | undefined): ReadingLines {
    const [exposure, rest] = this.readings.lines(number, drift);
    const duration = `FrameDuration=${this.sync.durationUs(number)}`;
    const steered = rest.map((line) => (line.startsWith('FrameDuration=') ? duration : line));
    return [exposure, [...steered, 'SyncReady=true', `SyncTimer=${this.sync.timerUs(number)}`]];
  }
}
