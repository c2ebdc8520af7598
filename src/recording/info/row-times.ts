import type { FrameTimes } from '../../core/frame.js';
import type { InfoTimes } from './info-file.js';
import { StepMeter } from './step-meter.js';
import { timesOf } from '../timing-csv.js';

/** What the info file tells of the times in a timing file. */
export interface RowTimesFacts {
  /** `null`: there is no row. */
  readonly first: InfoTimes | null;
  readonly last: InfoTimes | null;
  /** Whether the camera gave a time of its own for any row. */
  readonly hasSensorTime: boolean;
  /** Wall clock minus monotonic clock of the first and the last row, ns, as text. */
  readonly wallMinusMonoStartNs: string | null;
  readonly wallMinusMonoEndNs: string | null;
  /** Steps of sensor time from row to row, ns. `null`: there are none. */
  readonly leastNs: number | null;
  readonly medianNs: number | null;
  readonly mostNs: number | null;
}

/** Looks at the times of final rows, one after another. It keeps two rows and a few kilobytes, however long it lasts. */
export class RowTimes {
  #first: FrameTimes | null = null;
  #last: FrameTimes | null = null;
  #hasSensorTime = false;
  readonly #steps = new StepMeter();

  note(times: FrameTimes): void {
    const sensorNs = times.sensorTimestampNs;
    const beforeNs = this.#last?.sensorTimestampNs ?? 0n;
    this.#first ??= times;
    this.#last = times;
    if (sensorNs === 0n) return;
    this.#hasSensorTime = true;
    if (beforeNs !== 0n) this.#steps.note(Number(sensorNs - beforeNs));
  }

  get facts(): RowTimesFacts {
    const [first, last] = [this.#first, this.#last];
    return {
      first: first && timesOf(first),
      last: last && timesOf(last),
      hasSensorTime: this.#hasSensorTime,
      wallMinusMonoStartNs: first && wallMinusMono(first),
      wallMinusMonoEndNs: last && wallMinusMono(last),
      leastNs: this.#steps.least,
      medianNs: this.#steps.median,
      mostNs: this.#steps.most,
    };
  }
}

function wallMinusMono({ wallClockUs, arrivedMonotonicNs }: FrameTimes): string {
  return String(wallClockUs * 1_000n - arrivedMonotonicNs);
}
