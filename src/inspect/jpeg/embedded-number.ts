import type { JpegHeader } from './jpeg-header.js';

/** What the virtual camera writes into the comment of each of its frames. Real cameras write nothing of the kind. */
export interface EmbeddedNumber {
  readonly number: number;
  readonly sensorNs: bigint;
}

const PATTERN = /^frame=(\d{1,15}) sensor_timestamp_ns=(\d{1,19})(?!\d)/;
const FIRST_LETTER = 0x66;

/** Number and sensor time that a frame carries. `undefined`: none. */
export function embeddedNumberOf(jpeg: Buffer, { commentAt, commentEnd }: JpegHeader): EmbeddedNumber | undefined {
  if (jpeg[commentAt] !== FIRST_LETTER) return undefined; // also where there is no comment
  const [, number, sensorNs] =
    PATTERN.exec(jpeg.toString('latin1', commentAt, Math.min(commentEnd, commentAt + 64))) ?? [];
  if (number === undefined || sensorNs === undefined) return undefined;
  return { number: Number(number), sensorNs: BigInt(sensorNs) };
}
