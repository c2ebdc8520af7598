import { createInterface } from 'node:readline';
import { messageOf } from '../../core/errors.js';
import { openToInspect } from '../open-file.js';
import { CAMERA_COLUMNS, TUPLE_COLUMNS } from './align-file.js';
import { CannotAlign } from './cannot-align.js';

/** One camera's frames in some tuples, of one of its takes: from the first to the last. */
export interface TupleFrames {
  /** As its columns are named: `picam_0`. */
  readonly camera: string;
  readonly take: number;
  readonly first: TupleFrame;
  readonly last: TupleFrame;
}

export interface TupleFrame {
  readonly frame: number;
  readonly sensorNs: bigint;
}

/**
 * Which frames the tuples from `from` to `to` hold, by camera and take in the order of the file. Rejects with `CannotAlign`
 * where it is no align file, and where it does not reach to these tuples.
 */
export async function readTuples(path: string, from: number, to: number): Promise<readonly TupleFrames[]> {
  const reading = new Reading(path, from, to);
  const file = await openToInspect(path).catch((failure: unknown) => {
    throw new CannotAlign(`${path}: ${messageOf(failure)}`);
  });
  const lines = createInterface({ input: file.createReadStream(), crlfDelay: Infinity });
  for await (const line of lines) reading.line(line);
  return reading.result();
}

class Reading {
  #cameras: readonly string[] | undefined;
  readonly #found = new Map<string, { camera: string; take: number; first: TupleFrame; last: TupleFrame }>();
  #least = 0;
  #most = 0;

  constructor(
    private readonly path: string,
    private readonly from: number,
    private readonly to: number,
  ) {}

  line(line: string): void {
    const cells = line.split(',');
    if (this.#cameras === undefined) {
      this.#cameras = this.#header(cells);
      return;
    }
    if (cells.length !== TUPLE_COLUMNS.length + this.#cameras.length * CAMERA_COLUMNS.length) throw this.#isNone();
    const tuple = this.#number(cells[0]);
    if (this.#least === 0) this.#least = tuple;
    this.#most = tuple;
    if (tuple < this.from || tuple > this.to) return;
    for (const [at, camera] of this.#cameras.entries()) {
      const begin = TUPLE_COLUMNS.length + at * CAMERA_COLUMNS.length;
      const [frame, take] = [this.#number(cells[begin]), this.#number(cells[begin + 1])];
      if (frame > 0) this.#note(camera, take, { frame, sensorNs: BigInt(this.#digits(cells[begin + 2])) });
    }
  }

  result(): readonly TupleFrames[] {
    if (this.#cameras === undefined) throw this.#isNone();
    if (this.#least === 0) throw new CannotAlign(`${this.path} has no tuples.`);
    if (this.from < this.#least || this.to > this.#most || this.from > this.to) {
      throw new CannotAlign(`${this.path} has the tuples ${this.#least} to ${this.#most}.`, true);
    }
    if (this.#found.size === 0) throw new CannotAlign(`${this.path} has none of these tuples.`, true);
    return [...this.#found.values()];
  }

  #note(camera: string, take: number, place: TupleFrame): void {
    const key = `${camera} ${take}`;
    const known = this.#found.get(key);
    if (known === undefined) this.#found.set(key, { camera, take, first: place, last: place });
    else known.last = place;
  }

  #header(cells: readonly string[]): readonly string[] {
    const [own, columns] = [cells.slice(0, TUPLE_COLUMNS.length), cells.slice(TUPLE_COLUMNS.length)];
    const suffix = `_${CAMERA_COLUMNS[0]}`;
    const cameras = columns
      .filter((_, at) => at % CAMERA_COLUMNS.length === 0)
      .map((column) => (column.endsWith(suffix) ? column.slice(0, -suffix.length) : ''));
    const wanted = cameras.flatMap((camera) => CAMERA_COLUMNS.map((column) => `${camera}_${column}`));
    if (own.join() !== TUPLE_COLUMNS.join() || columns.join() !== wanted.join()) throw this.#isNone();
    return cameras;
  }

  #number(cell: string | undefined): number {
    return Number(this.#digits(cell));
  }

  #digits(cell: string | undefined): string {
    if (cell === undefined || !/^\d{1,19}$/.test(cell)) throw this.#isNone();
    return cell;
  }

  #isNone(): CannotAlign {
    return new CannotAlign(`${this.path} is no file that csi-cameras align wrote, or another program has saved it.`);
  }
}
