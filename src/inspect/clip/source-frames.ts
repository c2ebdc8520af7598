import { Frame, type FrameMetadata } from '../../core/frame.js';
import { NotReadable } from '../not-readable.js';
import type { ClipSource } from './clip-source.js';
import type { FrameRange } from './frame-range.js';
import { metadataTexts } from './metadata-texts.js';

/** Read at once. A larger frame has a read of its own. */
const READ_BYTES = 2 * 1024 * 1024;
const MAX_FRAMES_A_READ = 512;

const NOTHING_TOLD: Omit<FrameMetadata, 'text'> = {
  exposureTimeUs: null,
  gain: null,
  redGain: null,
  blueGain: null,
  colourTemperatureK: null,
  lensPositionDioptres: null,
  focusFoM: null,
  lux: null,
  scalerCrop: null,
  isSyncReady: null,
  syncTimerUs: null,
};

/**
 * The frames of the range as the camera gave them: bytes, times and metadata, some megabytes at once. They are valid until
 * the next ones are asked for. Rejects with `NotReadable`, or with `CannotClip` where the metadata do not fit.
 */
export async function* sourceFrames(
  source: ClipSource,
  range: FrameRange,
): AsyncGenerator<readonly Frame[], void, undefined> {
  const texts = metadataTexts(source, range);
  let buffer = Buffer.allocUnsafe(READ_BYTES);
  try {
    for (let at = range.first - 1; at < range.last;) {
      const { until, from, bytes } = stretchAt(source, at, range.last);
      if (bytes > buffer.length) buffer = Buffer.allocUnsafe(bytes);
      await readExactly(source, buffer.subarray(0, bytes), from);
      const frames: Frame[] = [];
      for (; at < until; at += 1) {
        const text = await texts.next();
        frames.push(frameAt(source, at, buffer, from, text.done === true ? '' : text.value));
      }
      yield frames;
    }
  } finally {
    await texts.return();
  }
}

/** The frames from index `at` on that lie behind one another in the file. */
function stretchAt({ index }: ClipSource, at: number, end: number): { until: number; from: number; bytes: number } {
  const from = index.dataAt[at] ?? 0;
  let until = at + 1;
  let bytes = index.dataBytes[at] ?? 0;
  for (; until < end && until - at < MAX_FRAMES_A_READ; until += 1) {
    const span = (index.dataAt[until] ?? 0) + (index.dataBytes[until] ?? 0) - from;
    if (span > READ_BYTES || span < bytes) break;
    bytes = span;
  }
  return { until, from, bytes };
}

function frameAt({ index, rows }: ClipSource, at: number, buffer: Buffer, from: number, text: string): Frame {
  const begin = (index.dataAt[at] ?? 0) - from;
  const byteLength = index.dataBytes[at] ?? 0;
  const times = {
    sensorTimestampNs: rows.sensorNs[at] ?? 0n,
    arrivedMonotonicNs: rows.monoNs[at] ?? 0n,
    wallClockUs: rows.unixUs[at] ?? 0n,
  };
  return new Frame([buffer.subarray(begin, begin + byteLength)], byteLength, times, [], { ...NOTHING_TOLD, text });
}

async function readExactly({ video, files }: ClipSource, target: Buffer, from: number): Promise<void> {
  for (let done = 0; done < target.length;) {
    const { bytesRead } = await video.read(target, done, target.length - done, from + done);
    if (bytesRead === 0) throw new NotReadable('changed', `${files.stem}.avi became shorter while it was read.`);
    done += bytesRead;
  }
}
