/** The flags of `clip`. Ranges have both of their ends. */
export interface ClipFlags {
  readonly frames?: readonly [from: number, to: number];
  readonly seconds?: readonly [from: number, to: number];
  readonly sensorNs?: readonly [from: bigint, to: bigint];
  readonly align?: string;
  readonly tuples?: readonly [from: number, to: number];
  readonly out?: string;
}
