/** Small JPEGs for tests of the parser: a real header and scan data that obeys the rules of scan data. */

const APP0 = 0xe0;
const APP1 = 0xe1;
const DQT = 0xdb;
const SOF0 = 0xc0;
const DHT = 0xc4;
const SOS = 0xda;

export function segment(marker: number, payload: Buffer): Buffer {
  const length = payload.length + 2;
  return Buffer.concat([Buffer.from([0xff, marker, length >> 8, length & 0xff]), payload]);
}

export interface JpegOptions {
  readonly width?: number;
  readonly height?: number;
  /** Payload of an APP1 segment; may hold FF D9. */
  readonly app1?: Buffer;
}

/** SOI to the end of SOS. */
export function jpegHeader({ width = 1456, height = 1088, app1 }: JpegOptions = {}): Buffer {
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(APP0, Buffer.from([0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0])),
    ...(app1 === undefined ? [] : [segment(APP1, app1)]),
    segment(DQT, Buffer.alloc(65, 3)),
    segment(DQT, Buffer.alloc(65, 1)),
    segment(
      SOF0,
      Buffer.from([8, height >> 8, height & 0xff, width >> 8, width & 0xff, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]),
    ),
    segment(DHT, Buffer.alloc(29, 2)),
    segment(SOS, Buffer.from([3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0])),
  ]);
}

/** Any bytes as scan data: what follows an FF becomes 00, as an encoder stuffs it. */
export function scanData(bytes: Uint8Array): Buffer {
  const scan = Buffer.from(bytes);
  for (let index = 0; index < scan.length; index += 1) {
    if (scan[index] !== 0xff) continue;
    if (index + 1 === scan.length) scan[index] = 0;
    else scan[index + 1] = 0;
  }
  return scan;
}

export function jpeg(scan: Uint8Array = Buffer.from([1, 0xff, 0, 2, 3]), options: JpegOptions = {}): Buffer {
  return Buffer.concat([jpegHeader(options), scanData(scan), Buffer.from([0xff, 0xd9])]);
}

const NOISE_BYTES = 4096;

/** A JPEG of exactly this many bytes; another seed gives another picture. */
export function jpegOfSize(byteLength: number, seed = 1): Buffer {
  const noise = Buffer.alloc(NOISE_BYTES);
  let state = seed;
  for (let index = 0; index < noise.length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    noise[index] = state >>> 24;
  }
  const scan = Buffer.alloc(byteLength - jpegHeader().length - 2, scanData(noise));
  if (scan[scan.length - 1] === 0xff) scan[scan.length - 1] = 0;
  return Buffer.concat([jpegHeader(), scan, Buffer.from([0xff, 0xd9])]);
}

export function metadata(lines: Readonly<Record<string, string | number | bigint>>): Buffer {
  const text = Object.entries(lines).map(([name, value]) => `${name}=${value}\n`);
  return Buffer.from(`${text.join('')}\n`);
}
