/** A reader of the camera's stream, written apart from the module's own: strict, slow, for tests. */

export interface ReadFrame {
  readonly jpeg: Buffer;
  /** Number and timestamp from the frame's comment. */
  readonly number: number;
  readonly timestampNs: bigint;
  readonly width: number;
  readonly height: number;
  /** The metadata block, '' where there is none. */
  readonly metadata: string;
}

/** One JPEG from `start` on; throws where the bytes are none. */
export function readJpeg(bytes: Buffer, start: number): { readonly end: number; readonly frame: ReadFrame } {
  if (bytes.readUInt16BE(start) !== 0xffd8) throw new Error(`no SOI at ${start}`);
  let at = start + 2;
  let comment = '';
  let [width, height] = [0, 0];
  for (let marker = 0; marker !== 0xda;) {
    if (bytes[at] !== 0xff) throw new Error(`no marker at ${at}`);
    marker = bytes.readUInt8(at + 1);
    const length = bytes.readUInt16BE(at + 2);
    if (marker === 0xfe) comment = bytes.toString('latin1', at + 4, at + 2 + length);
    if (marker === 0xc0) [height, width] = [bytes.readUInt16BE(at + 5), bytes.readUInt16BE(at + 7)];
    at += 2 + length;
  }
  const end = bytes.indexOf(Buffer.from([0xff, 0xd9]), at) + 2;
  if (end < 2) throw new Error(`no EOI after ${start}`);
  const found = /^frame=(\d+) sensor_timestamp_ns=(\d+)$/.exec(comment);
  if (!found) throw new Error(`comment is '${comment}'`);
  const jpeg = bytes.subarray(start, end);
  const [number, timestampNs] = [Number(found[1]), BigInt(found[2] ?? 0)];
  return { end, frame: { jpeg, number, timestampNs, width, height, metadata: '' } };
}

/** All frames with the text behind each. Throws at the first byte that does not belong there. */
export function readStream(bytes: Buffer): readonly ReadFrame[] {
  const frames: ReadFrame[] = [];
  for (let at = 0; at < bytes.length;) {
    const { end, frame } = readJpeg(bytes, at);
    const next = bytes.indexOf(Buffer.from([0xff, 0xd8]), end);
    at = next === -1 ? bytes.length : next;
    frames.push({ ...frame, metadata: bytes.toString('latin1', end, at) });
  }
  return frames;
}

/** `Name=Value` lines of a block that ends with an empty line; throws where it does not. */
export function readMetadata(block: string): ReadonlyMap<string, string> {
  if (!/^(?:[A-Za-z]+=[^\n]*\n)+\n$/.test(block)) throw new Error(`not a block: ${JSON.stringify(block)}`);
  const lines = block.trimEnd().split('\n');
  return new Map(lines.map((line): [string, string] => [line.replace(/=.*/, ''), line.replace(/^[^=]*=/, '')]));
}

export const numbersOf = (frames: readonly ReadFrame[]): readonly number[] => frames.map(({ number }) => number);
