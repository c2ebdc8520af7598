import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { needFfprobe } from './need-ffprobe.js';
import { readTiming, type TimingRowRead } from './read-timing.js';

export { readTiming } from './read-timing.js';

const run = promisify(execFile);

/** A recording, and what it should be. */
export interface ExpectedRecording {
  /** `null` fails: a path was expected. */
  readonly videoPath: string | null;
  readonly timingPath: string | null;
  /** What the recorder reported. */
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  readonly label?: string;
  /** What became of the camera's frames: delivered = recorded + dropped + skipped. */
  readonly counts?: { readonly delivered: number; readonly dropped: number; readonly skipped: number };
}

/** Number and timestamp that the virtual camera put into a frame. */
export interface EmbeddedNumber {
  readonly number: number;
  readonly sensorTimestampNs: bigint;
}

export interface RecordingFacts {
  readonly rows: readonly TimingRowRead[];
  /** By ffprobe, seconds. */
  readonly durationS: number;
  /** By ffprobe, frames a second. */
  readonly fps: number;
  /** One for each frame; `null` where the frames carry none. */
  readonly embedded: readonly EmbeddedNumber[] | null;
}

interface Probe {
  readonly packets: readonly { readonly pos: string; readonly size: string }[];
  readonly streams: readonly {
    readonly codec_name: string;
    readonly width: number;
    readonly height: number;
    readonly nb_frames: string;
    readonly nb_read_packets: string;
    readonly nb_read_frames: string;
    readonly r_frame_rate: string;
    readonly duration: string;
  }[];
}

/**
 * Holds a recording that ended against readers that are not ours: ffprobe, which decodes every frame, for the video, csv-parse
 * for the rows. Throws where anything disagrees: frame counts, size, order, playing time, or a frame that is not its row's.
 */
export async function verifyRecording(expected: ExpectedRecording): Promise<RecordingFacts> {
  const { videoPath, timingPath, frames } = expected;
  assert(videoPath !== null && timingPath !== null, 'paths that lead to the files');
  const probe = await probeVideo(videoPath);
  const [stream] = probe.streams;
  assert(stream !== undefined, `${videoPath} has no stream`);
  assert.equal(stream.codec_name, 'mjpeg');
  assert.deepEqual([stream.width, stream.height], [expected.width, expected.height], 'size of the picture');
  assert.equal(Number(stream.nb_read_packets), frames, 'frames found by ffprobe');
  assert.equal(Number(stream.nb_frames), frames, 'frames by the header');
  assert.equal(Number(stream.nb_read_frames), frames, 'frames that could be decoded');

  const rows = await readTiming(timingPath);
  assert.equal(rows.length, frames, 'rows of the timing file');
  for (const [index, row] of rows.entries()) {
    assert.equal(row.frameIndex, index + 1, 'frame_index counts from 1');
    assert.equal(row.videoPts, row.frameIndex, 'video_pts equals frame_index');
    if (expected.label !== undefined) assert.equal(row.label, expected.label);
  }

  const durationS = Number(stream.duration);
  const fps = fraction(stream.r_frame_rate);
  assertPlayingTime(rows, durationS, fps);

  const embedded = await readEmbedded(videoPath, probe.packets);
  if (embedded !== null) assertSameFrames(rows, embedded);
  if (expected.counts !== undefined) {
    const { delivered, dropped, skipped } = expected.counts;
    assert.equal(delivered, frames + dropped + skipped, 'delivered = recorded + dropped + skipped');
  }
  return { rows, durationS, fps, embedded };
}

/** What ffmpeg says while it decodes every frame: '' for a good file. */
export async function decodeMessages(videoPath: string): Promise<string> {
  needFfprobe();
  const { stderr } = await run('ffmpeg', ['-v', 'warning', '-nostdin', '-i', videoPath, '-f', 'null', '-']);
  return stderr.trim();
}

const OF_STREAM = 'codec_name,width,height,nb_frames,nb_read_packets,nb_read_frames,r_frame_rate,duration';

/** One process that reads and decodes: ffmpeg, started for the decoding alone, says the same of damaged frames. */
async function probeVideo(videoPath: string): Promise<Probe> {
  needFfprobe();
  const counting = ['-count_packets', '-count_frames', '-show_entries', `stream=${OF_STREAM}:packet=pos,size`];
  const { stdout, stderr } = await run('ffprobe', ['-v', 'warning', ...counting, '-of', 'json', videoPath], {
    maxBuffer: 2 ** 30,
  });
  assert.equal(stderr.trim(), '', 'messages of ffprobe and its decoder');
  return JSON.parse(stdout) as Probe;
}

function fraction(text: string): number {
  const [numerator, denominator] = text.split('/').map(Number);
  return (numerator ?? 0) / (denominator ?? 1);
}

/** Playing time equals recorded time, by the sensor (or by arrival where it gave no time), to within one frame. */
function assertPlayingTime(rows: readonly TimingRowRead[], durationS: number, fps: number): void {
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined || rows.length < 2) return;
  const spanS = Number(timelineNs(last) - timelineNs(first)) / 1e9;
  const difference = Math.abs(durationS - 1 / fps - spanS);
  assert(difference <= 1 / fps, `playing time is ${durationS} s, recorded time ${spanS} s and one frame`);
}

function timelineNs(row: TimingRowRead): bigint {
  return row.sensorTimestampNs === 0n ? BigInt(row.recordTimeMono.replace('.', '')) : row.sensorTimestampNs;
}

function assertSameFrames(rows: readonly TimingRowRead[], embedded: readonly EmbeddedNumber[]): void {
  let previous = 0;
  for (const [index, frame] of embedded.entries()) {
    assert(frame.number > previous, `frame ${frame.number} stands behind frame ${previous}`);
    previous = frame.number;
    const inRow = rows[index]?.sensorTimestampNs;
    // 0: the camera's metadata were missing. Then nothing but the order ties row and frame together.
    if (inRow !== 0n) assert.equal(inRow, frame.sensorTimestampNs, `timestamp of row ${index + 1} and of its frame`);
  }
}

/** Comments come before the scan: this much of a frame holds them. */
const HEADERS_BYTES = 128 * 1024;

/** Reads what is embedded in each frame from where ffprobe says that it lies. */
async function readEmbedded(videoPath: string, packets: Probe['packets']): Promise<EmbeddedNumber[] | null> {
  const embedded: EmbeddedNumber[] = [];
  const file = await open(videoPath);
  try {
    for (const packet of packets) {
      const bytes = Buffer.alloc(Math.min(Number(packet.size), HEADERS_BYTES));
      await file.read(bytes, 0, bytes.length, Number(packet.pos));
      assert.equal(bytes.readUInt16BE(), 0xffd8, `a JPEG begins at ${packet.pos}`);
      const found = numberIn(bytes);
      if (found === null) {
        assert.equal(embedded.length, 0, `frame ${embedded.length + 1} carries no number, those before do`);
        return null;
      }
      embedded.push(found);
    }
  } finally {
    await file.close();
  }
  return embedded;
}

function numberIn(jpeg: Buffer): EmbeddedNumber | null {
  let at = 2;
  while (at + 4 <= jpeg.length && jpeg[at] === 0xff && jpeg[at + 1] !== 0xda) {
    const end = at + 2 + jpeg.readUInt16BE(at + 2);
    if (jpeg[at + 1] === 0xfe) {
      const [, number, timestamp] =
        /frame=(\d+) sensor_timestamp_ns=(\d+)/.exec(jpeg.toString('latin1', at, end)) ?? [];
      if (number !== undefined && timestamp !== undefined) {
        return { number: Number(number), sensorTimestampNs: BigInt(timestamp) };
      }
    }
    at = end;
  }
  return null;
}
