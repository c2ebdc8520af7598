import { MODULE_NAME } from '../../recording/timing-csv.js';
import type { RowBatch, RowSink, RowSubject } from '../rows/timing-scan.js';
import type { Findings } from './findings.js';
import { RowTimes } from './row-times.js';

/** The wall clock runs with the monotonic one, or it was set. Between two rows time servers correct it by less. */
const CLOCK_SET_US = 100_000;
const WORD = 2 ** 32;

/** What is checked row by row while the timing file is read: V12, V14, V15, V18. The times are kept for what comes later. */
export class RowChecks implements RowSink {
  readonly times = new RowTimes();
  #subject: RowSubject | null = null;
  /** Rows whose numbers are not their own. */
  #misnumbered = 0;
  #wallMinusMonoUs = Number.NaN;
  #wallMinusSensorUs = Number.NaN;
  #firstWallUs: bigint | null = null;
  #lastWallUs: bigint | null = null;
  #firstMonoNs: bigint | null = null;
  #lastMonoNs: bigint | null = null;

  /** `most`: the frames of a video that was left open; its rows may be more, and the last one half. */
  constructor(
    private readonly findings: Findings,
    private readonly most: number,
    private readonly trialOfName: number | null,
  ) {
    findings.check('V12', 'V14', 'V15', 'V18');
  }

  get deviceId(): string | null {
    return this.#subject?.deviceId ?? null;
  }

  get label(): string | null {
    return this.#subject?.label ?? null;
  }

  get trial(): number | null {
    const trial = Number(this.#subject?.trial ?? Number.NaN);
    return Number.isSafeInteger(trial) ? trial : null;
  }

  get isMisnumbered(): boolean {
    return this.#misnumbered > 0;
  }

  /** Of the first and the last whole row. */
  get span(): RowSpan | null {
    const [firstWallUs, lastWallUs, firstMonoNs, lastMonoNs] = [
      this.#firstWallUs,
      this.#lastWallUs,
      this.#firstMonoNs,
      this.#lastMonoNs,
    ];
    if (firstWallUs === null || lastWallUs === null || firstMonoNs === null || lastMonoNs === null) return null;
    return { firstWallUs, lastWallUs, firstMonoNs, lastMonoNs };
  }

  subject(subject: RowSubject): void {
    this.#subject = subject;
    const { trial, module } = subject;
    if (module !== MODULE_NAME) this.findings.fail('V15', `the module is "${module}" instead of ${MODULE_NAME}`, 1);
    if (this.trialOfName !== null && Number(trial) !== this.trialOfName)
      this.findings.fail('V15', `the rows are of trial ${trial}, the file's name says ${this.trialOfName}`);
    else if (!/^\d{1,16}$/.test(trial)) this.findings.fail('V15', `the trial is "${trial}"`, 1);
  }

  strange(row: number, subject: RowSubject): void {
    if (row > this.most) return;
    const first = this.#subject;
    if (first === null) return;
    const columns = [
      ['trial', first.trial, subject.trial],
      ['module', first.module, subject.module],
      ['device', first.deviceId, subject.deviceId],
      ['label', first.label, subject.label],
    ] as const;
    const found = columns.find(([, one, other]) => one !== other);
    // Written otherwise, and the same: quotes that are not needed.
    if (found === undefined) this.findings.fail('V12', 'its fields are quoted where the recorder does not', row);
    else this.findings.fail('V15', `the ${found[0]} is "${found[2]}", in the first row "${found[1]}"`, row);
  }

  fault(row: number, reason: string): void {
    if (row > this.most) return;
    this.findings.fail('V12', row === 0 ? reason : `row ${row}: ${reason}`, row === 0 ? null : row);
  }

  rows(batch: RowBatch): void {
    const count = Math.min(batch.count, this.most - this.times.count);
    if (count <= 0) return;
    this.times.add(batch, count);
    const unix = new Uint32Array(batch.unixUs.buffer);
    const mono = new Uint32Array(batch.monoNs.buffer);
    const sensor = new Uint32Array(batch.sensorNs.buffer);
    for (let index = 0; index < count; index += 1) {
      if (batch.isWhole[index] !== 1) continue;
      const row = batch.firstRow + index;
      if (batch.frameIndex[index] !== row || batch.videoPts[index] !== row) this.#misnumber(batch, index, row);
      this.#checkClock(valueAt(unix, index), valueAt(mono, index) / 1_000, valueAt(sensor, index) / 1_000, row);
      if (this.#firstWallUs === null) {
        this.#firstWallUs = batch.unixUs[index] ?? 0n;
        this.#firstMonoNs = batch.monoNs[index] ?? 0n;
      }
    }
    for (let index = count - 1; index >= 0; index -= 1) {
      if (batch.isWhole[index] !== 1) continue;
      this.#lastWallUs = batch.unixUs[index] ?? 0n;
      this.#lastMonoNs = batch.monoNs[index] ?? 0n;
      break;
    }
  }

  #misnumber(batch: RowBatch, index: number, row: number): void {
    this.#misnumbered += 1;
    const [frameIndex, pts] = [batch.frameIndex[index], batch.videoPts[index]];
    this.findings.fail('V14', `row ${row} says frame_index ${frameIndex} and video_pts ${pts}`, row);
  }

  /**
   * The wall clock of a frame is read when it arrives, or the camera gives it. So one of the differences stands still, up to a
   * millisecond or so, and both move where the clock was set.
   */
  #checkClock(wallUs: number, monoUs: number, sensorUs: number, row: number): void {
    const minusMono = wallUs - monoUs;
    const minusSensor = sensorUs === 0 ? Number.NaN : wallUs - sensorUs;
    const byMono = minusMono - this.#wallMinusMonoUs;
    const bySensor = minusSensor - this.#wallMinusSensorUs;
    this.#wallMinusMonoUs = minusMono;
    this.#wallMinusSensorUs = minusSensor;
    const movedUs = Math.abs(bySensor) < Math.abs(byMono) ? bySensor : byMono;
    // NaN, at the first row, is not larger.
    if (!(Math.abs(movedUs) > CLOCK_SET_US)) return;
    const bySeconds = `${movedUs < 0 ? 'back' : 'ahead'} by ${(Math.abs(movedUs) / 1e6).toFixed(3)} s`;
    this.findings.note('V18', `the clock was set ${bySeconds} before frame ${row}`, row);
  }
}

export interface RowSpan {
  readonly firstWallUs: bigint;
  readonly lastWallUs: bigint;
  readonly firstMonoNs: bigint;
  readonly lastMonoNs: bigint;
}

/** As a double: a microsecond off after centuries. */
function valueAt(words: Uint32Array, index: number): number {
  return ((words[2 * index + 1] ?? 0) | 0) * WORD + (words[2 * index] ?? 0);
}
