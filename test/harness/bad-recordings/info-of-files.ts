import { parse } from 'csv-parse/sync';
import { createHash } from 'node:crypto';
import type { InfoFile, InfoGap, InfoTimes } from '../../../src/recording/info/info-file.js';

/** A frame that is not in the recording. `number`: by the camera's count, from 1. */
export interface Loss {
  readonly number: number;
  readonly reason: InfoGap['reason'];
}

interface Files {
  /** What the names share. */
  readonly name: string;
  readonly take: number;
  readonly video: Buffer;
  readonly timing: Buffer;
  readonly metadata: Buffer | null;
  readonly lost: readonly Loss[];
}

/** The info file that belongs to these files, from what they say themselves: no code of the product writes it. */
export function infoOf({ name, take, video, timing, metadata, lost }: Files): InfoFile {
  const rows: string[][] = parse(timing.toString('utf8'), { from_line: 2 });
  const [frames, scale, rate] = [video.readUInt32LE(140), video.readUInt32LE(128), video.readUInt32LE(132)];
  const fps = rate / scale;
  const [first = [], last = []] = [rows[0], rows.at(-1)];
  const [trial = '', , device = '', label = ''] = first;
  const dropped = lost.filter(({ reason }) => reason !== 'skipped' && reason !== 'source_gap');
  const count = (reason: InfoGap['reason']): number => lost.filter((one) => one.reason === reason).length;
  const gaps = gapsOf(lost);
  const steps = rows.slice(1).map((row, index) => Number(BigInt(row[7] ?? 0) - BigInt(rows[index]?.[7] ?? 0)));
  steps.sort((a, b) => a - b);
  const hasSensorTimes = BigInt(last[7] ?? 0) !== 0n;
  const isDisordered = hasSensorTimes && steps.some((step) => step <= 0);
  const session = name.split('_CSI_')[0] ?? '';
  return {
    RecordingDuration: frames / fps,
    VideoCodec: 'mjpeg',
    VideoFrameRate: fps,
    VideoFrameCount: frames,
    ImageWidth: video.readInt32LE(176),
    ImageHeight: video.readInt32LE(180),
    ImagePixelFormat: null,
    ImageBitDepth: 8,
    ManufacturersModelName: 'imx296',
    SoftwareVersions: 'csi-cameras 0.1.0',
    csi_cameras: {
      schema: 1,
      device_id: device,
      camera_label: 'IMX296_Global_picam_0',
      session: `session_${session}`,
      trial: Number(trial),
      trial_label: label,
      take,
      part: { number: 1, continues_take: null, is_continued: false },
      files: {
        video: { name: `${name}.avi`, bytes: video.length, frames },
        timing: rowFile(`${name}_timing.csv`, timing, rows.length),
        metadata: metadata && rowFile(`${name}_metadata.csv`, metadata, rows.length),
      },
      first: timesOf(first),
      last: timesOf(last),
      clock: {
        sensor: hasSensorTimes ? 'boottime' : 'none',
        boot: '0123456789abcdef',
        wall_minus_mono_start_ns: null,
        wall_minus_mono_end_ns: null,
        synchronised: true,
      },
      rate: {
        asked_fps: 30,
        period_least_ns: steps[0] ?? null,
        period_median_ns: steps[Math.floor(steps.length / 2)] ?? null,
        period_most_ns: steps.at(-1) ?? null,
      },
      account: {
        delivered: frames + dropped.length + count('skipped'),
        recorded: frames,
        dropped: dropped.length,
        dropped_by: {
          buffer_full: count('buffer_full'),
          timeout: count('timeout'),
          write_error: count('write_error'),
        },
        skipped: count('skipped'),
        source_gaps: count('source_gap'),
        disordered: isDisordered ? steps.filter((step) => step <= 0).length : 0,
      },
      gaps,
      gaps_total: gaps.length,
      settings: { asked: null, given: null },
      tool: null,
      end: { kind: 'stopped', reason: 'host', error: null },
      health: { start: null, end: null },
      checksums: null,
      source: null,
    },
  };
}

function gapsOf(lost: readonly Loss[]): InfoGap[] {
  const gaps: { after_frame: number; frames: number; reason: InfoGap['reason'] }[] = [];
  let previous: Loss | undefined;
  for (const [index, loss] of lost.entries()) {
    const open = gaps.at(-1);
    if (open !== undefined && previous?.number === loss.number - 1 && open.reason === loss.reason) open.frames += 1;
    else gaps.push({ after_frame: loss.number - 1 - index, frames: 1, reason: loss.reason });
    previous = loss;
  }
  return gaps;
}

function rowFile(name: string, bytes: Buffer, rows: number) {
  return { name, bytes: bytes.length, rows, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function timesOf(row: readonly string[]): InfoTimes {
  const [, , , , unix = '', mono = '', , sensor = ''] = row;
  return { sensor_timestamp_ns: sensor, record_time_mono: mono, record_time_unix: unix };
}
