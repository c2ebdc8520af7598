/**
 * Where everything is in a closed video of ours, by a reader that knows the format and nothing of the product: damage
 * needs places.
 */
export interface VideoMap {
  readonly riffs: readonly { readonly at: number; readonly end: number }[];
  /** In the super index. `at`: of the slot. `index`: of the ix00 that it names. */
  readonly slots: readonly { readonly at: number; readonly index: number; readonly frames: number }[];
  readonly frames: readonly MappedFrame[];
  /** Position of the chunk `idx1`. */
  readonly idx1: number;
}

export interface MappedFrame {
  /** Position of the chunk's head. */
  readonly head: number;
  readonly data: number;
  readonly bytes: number;
  /** Position of its entry in an ix00. */
  readonly entry: number;
  /** Position of its entry in idx1. `null`: it lies in a later RIFF. */
  readonly oldEntry: number | null;
}

const SLOTS_AT = 244;

export function mapOf(video: Buffer): VideoMap {
  const riffs: { at: number; end: number }[] = [];
  for (let at = 0; at + 8 <= video.length && video.toString('latin1', at, at + 4) === 'RIFF';) {
    const end = at + 8 + video.readUInt32LE(at + 4);
    riffs.push({ at, end });
    at = end;
  }
  const slots = Array.from({ length: video.readUInt32LE(224) }, (_, number) => {
    const at = SLOTS_AT + 16 * number;
    return { at, index: Number(video.readBigUInt64LE(at)), frames: video.readUInt32LE(at + 12) };
  });
  const idx1 = video.lastIndexOf('idx1', riffs[0]?.end ?? 0, 'latin1');
  const oldEntries = video.readUInt32LE(idx1 + 4) / 16;
  const frames: MappedFrame[] = [];
  for (const { index, frames: count } of slots) {
    const base = Number(video.readBigUInt64LE(index + 20));
    for (let number = 0; number < count; number += 1) {
      const entry = index + 32 + 8 * number;
      const data = base + video.readUInt32LE(entry);
      const oldEntry = frames.length < oldEntries ? idx1 + 8 + 16 * frames.length : null;
      frames.push({ head: data - 8, data, bytes: video.readUInt32LE(entry + 4) & 0x7fff_ffff, entry, oldEntry });
    }
  }
  return { riffs, slots, frames, idx1 };
}

/** Position just behind the head of the frame's scan: from here to the last two bytes there is entropy code only. */
export function scanOf(video: Buffer, frame: MappedFrame): number {
  const at = segmentOf(video, frame, 0xda);
  return at + 2 + video.readUInt16BE(at + 2);
}

/** Position of the marker (FF and `marker`) of a segment of the frame's head. */
export function segmentOf(video: Buffer, frame: MappedFrame, marker: number): number {
  let at = frame.data + 2;
  while (video[at + 1] !== marker) {
    if (video[at] !== 0xff || at > frame.data + frame.bytes) throw new Error(`No segment ${marker.toString(16)}.`);
    at += 2 + video.readUInt16BE(at + 2);
  }
  return at;
}
