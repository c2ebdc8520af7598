import { difference, isZero, wordsOf } from '../rows/row-numbers.js';
import { BATCH_ROWS, type RowBatch } from '../rows/timing-scan.js';

interface Block {
  readonly sensor: BigInt64Array;
  readonly sensorWords: Uint32Array;
  readonly monoWords: Uint32Array;
}

const NO_BLOCK: Block = {
  sensor: new BigInt64Array(0),
  sensorWords: new Uint32Array(0),
  monoWords: new Uint32Array(0),
};

/**
 * The times of all rows: 16 bytes a row, in blocks, so that nothing is copied while they grow. Rows count from 1. A row that
 * could not be read has no times.
 */
export class RowTimes {
  readonly #blocks: Block[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** The first `count` rows of the batch. All batches but the last are full. */
  add(batch: RowBatch, count: number): void {
    const sensor = batch.sensorNs.slice(0, count);
    const mono = batch.monoNs.slice(0, count);
    for (let index = 0; index < count; index += 1) {
      if (batch.isWhole[index] === 1) continue;
      sensor[index] = 0n;
      mono[index] = 0n;
    }
    this.#blocks.push({ sensor, sensorWords: wordsOf(sensor), monoWords: wordsOf(mono) });
    this.#count += count;
  }

  sensorNs(row: number): bigint {
    return this.#blockOf(row).sensor[(row - 1) % BATCH_ROWS] ?? 0n;
  }

  /** Whether the row has a sensor time. */
  isStamped(row: number): boolean {
    return row >= 1 && row <= this.#count && !isZero(this.#blockOf(row).sensorWords, (row - 1) % BATCH_ROWS);
  }

  hasArrived(row: number): boolean {
    return row >= 1 && row <= this.#count && !isZero(this.#blockOf(row).monoWords, (row - 1) % BATCH_ROWS);
  }

  /** Sensor time from one row to another, ns. Both are stamped. */
  sensorStep(from: number, to: number): number {
    const [one, other] = [this.#blockOf(from), this.#blockOf(to)];
    return difference(other.sensorWords, (to - 1) % BATCH_ROWS, one.sensorWords, (from - 1) % BATCH_ROWS);
  }

  monoStep(from: number, to: number): number {
    const [one, other] = [this.#blockOf(from), this.#blockOf(to)];
    return difference(other.monoWords, (to - 1) % BATCH_ROWS, one.monoWords, (from - 1) % BATCH_ROWS);
  }

  /** From the frame's sensor time to its arrival, ns. */
  delay(row: number): number {
    const { monoWords, sensorWords } = this.#blockOf(row);
    const index = (row - 1) % BATCH_ROWS;
    return difference(monoWords, index, sensorWords, index);
  }

  #blockOf(row: number): Block {
    return this.#blocks[Math.floor((row - 1) / BATCH_ROWS)] ?? NO_BLOCK;
  }
}
