import { readFileSync } from 'node:fs';
import { Frame, type FrameTimes } from '../../src/core/frame.js';
import { metadataOf } from './frame-metadata.js';

const read = (name: string): Buffer => readFileSync(new URL(`../../fixtures/${name}`, import.meta.url));

/** Real baseline JPEGs of one size, small and different from one another. */
const SMALL = [1, 2, 3].map((number) => read(`frame-64x48-${number}.jpg`));
/** A real baseline JPEG of some 20 KB. */
const LARGE = read('frame-320x240.jpg');

export interface JpegFrameOptions {
  /** Number of the first frame, from 1. */
  readonly from?: number;
  /** Nanoseconds from a frame to the next. */
  readonly periodNs?: bigint;
  /** Use the 320x240 picture of some 20 KB instead of those of 64x48. */
  readonly large?: boolean;
  /** Bytes that the comment is padded by: makes frames of any size up to 64 KB more, odd and even. */
  readonly padding?: (number: number) => number;
  /** Cut each frame in two pieces, as at the border of a reader's block. */
  readonly inTwoPieces?: boolean;
  readonly times?: (number: number) => Partial<FrameTimes>;
  /** Lines `Name=Value` that came with the frame. Default: none came. */
  readonly metadata?: (number: number) => string;
}

/** As an IMX296 tells it: the usual names, in another order with each frame. */
export function usualMetadata(number: number): string {
  const lines = [
    `SensorTimestamp=${sensorTimestampOf(number)}`,
    `ExposureTime=${5000 + (number % 7)}`,
    'AnalogueGain=2.000000',
    'ColourGains=[ 1.781250, 2.171875 ]',
    'ScalerCrop=(0, 0)/1456x1088',
    `FrameWallClock=${1_767_681_006_123_456_000n + BigInt(number)}`,
    'AeState=2',
    `Lux=${(401.5 + number).toFixed(6)}`,
  ];
  const turn = number % lines.length;
  return [...lines.slice(turn), ...lines.slice(0, turn)].join('\n');
}

/** Sensor timestamp of frame `number`, as `jpegFrames` gives it. */
export function sensorTimestampOf(number: number, periodNs = 33_333_000n): bigint {
  return 9_297_983_128_000n + BigInt(number) * periodNs;
}

/**
 * Real JPEGs, each with its number and timestamp in a comment, as the virtual camera embeds them. They are nobody's
 * memory: releasing them does nothing.
 */
export function jpegFrames(count: number, options: JpegFrameOptions = {}): Frame[] {
  const { from = 1, periodNs, large = false, inTwoPieces = false } = options;
  return Array.from({ length: count }, (_, index) => {
    const number = from + index;
    const sensorTimestampNs = sensorTimestampOf(number, periodNs);
    const times: FrameTimes = {
      sensorTimestampNs,
      arrivedMonotonicNs: sensorTimestampNs + 41_000_123n,
      wallClockUs: 1_767_681_006_123_456n + sensorTimestampNs / 1000n,
      ...options.times?.(number),
    };
    const picture = large ? LARGE : (SMALL[number % SMALL.length] ?? LARGE);
    const comment = `frame=${number} sensor_timestamp_ns=${times.sensorTimestampNs} `;
    const bytes = withComment(picture, comment + ' '.repeat(options.padding?.(number) ?? 0));
    const cut = Math.floor(bytes.length / 3);
    const pieces = inTwoPieces ? [bytes.subarray(0, cut), bytes.subarray(cut)] : [bytes];
    const metadata = options.metadata === undefined ? null : metadataOf({ text: options.metadata(number) });
    return new Frame(pieces, bytes.length, times, [], metadata);
  });
}

/** The JPEG with a COM segment behind its SOI. */
function withComment(jpeg: Buffer, text: string): Buffer {
  const head = Buffer.from([0xff, 0xfe, 0, 0]);
  head.writeUInt16BE(text.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, Buffer.from(text, 'latin1'), jpeg.subarray(2)]);
}
