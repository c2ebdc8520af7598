/** All rows of a timing file in typed arrays: some 60 MB for 2.6 million rows. Row k of the file is index k - 1. */
export interface TimingRows {
  readonly count: number;
  readonly trial: number;
  readonly deviceId: string;
  readonly label: string;
  readonly sensorNs: BigInt64Array;
  /** `record_time_mono`, nanoseconds. */
  readonly monoNs: BigInt64Array;
  /** `record_time_unix`, microseconds. */
  readonly unixUs: BigInt64Array;
}
