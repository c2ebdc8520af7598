/** Least and most of runs of neighbours: a plot of a thousand columns in which no single value is lost. */
export interface Buckets {
  /** Of values in all. */
  readonly count: number;
  /** Values in each bucket; the last may have fewer. */
  readonly size: number;
  /** `NaN`: the bucket has no value. */
  readonly least: Float64Array;
  readonly most: Float64Array;
}

/** `NaN` among the values is none. */
export function bucketsOf(values: Float64Array, columns: number): Buckets {
  const size = Math.max(1, Math.ceil(values.length / columns));
  const length = Math.ceil(values.length / size);
  const least = new Float64Array(length).fill(Number.NaN);
  const most = new Float64Array(length).fill(Number.NaN);
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? Number.NaN;
    const bucket = Math.floor(index / size);
    // Comparisons with NaN are false, so the first value is taken.
    if (!((least[bucket] ?? Number.NaN) <= value) && !Number.isNaN(value)) least[bucket] = value;
    if (!((most[bucket] ?? Number.NaN) >= value) && !Number.isNaN(value)) most[bucket] = value;
  }
  return { count: values.length, size, least, most };
}
