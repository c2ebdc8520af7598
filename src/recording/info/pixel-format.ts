/** Sampling of luma against chroma in the frame head, by the names of ffmpeg. */
const FORMATS: Readonly<Partial<Record<string, string>>> = {
  '2x2,1x1,1x1': 'yuvj420p',
  '2x1,1x1,1x1': 'yuvj422p',
  '1x2,1x1,1x1': 'yuvj440p',
  '1x1,1x1,1x1': 'yuvj444p',
  '4x1,1x1,1x1': 'yuvj411p',
};
/** Heads are shorter than this, unless a thumbnail goes before. */
const SEARCHED_BYTES = 65_536;
const START_OF_SCAN = 0xda;

/** The pixel format of a JPEG as ffmpeg names it. `null`: its head does not tell, or there is no name for it here. */
export function pixelFormatOf(pieces: readonly Buffer[]): string | null {
  const bytes = headOf(pieces);
  for (let at = 2; at + 10 <= bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1] ?? 0;
    if (marker === START_OF_SCAN) return null;
    if (marker >= 0xc0 && marker <= 0xc2) return formatOf(bytes.subarray(at + 9));
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
}

function headOf(pieces: readonly Buffer[]): Buffer {
  const [first] = pieces;
  if (first === undefined) return Buffer.alloc(0);
  return first.length >= SEARCHED_BYTES || pieces.length === 1 ? first : Buffer.concat(pieces);
}

/** `components`: from their number on; three bytes each follow: id, sampling, table. */
function formatOf(components: Buffer): string | null {
  const count = components[0] ?? 0;
  if (count === 1) return 'gray';
  if (components.length < 1 + 3 * count) return null;
  const factors = Array.from({ length: count }, (_, index) => {
    const sampling = components[2 + 3 * index] ?? 0;
    return `${sampling >> 4}x${sampling & 0xf}`;
  });
  return FORMATS[factors.join(',')] ?? null;
}
