import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { VERSION } from '../../core/own-package.js';
import {
  INFO_SCHEMA,
  type InfoChecksums,
  type InfoFile,
  type InfoRowFile,
  type InfoTimes,
} from '../../recording/info/info-file.js';
import type { RecordingPart } from '../../recording/recording-session.js';
import { timingRow } from '../../recording/timing-csv.js';
import { frameTimeNs } from '../align/frame-pairs.js';
import { openToInspect } from '../open-file.js';
import type { TimingRows } from '../rows/timing-rows.js';
import { clipAccount } from './clip-account.js';
import type { ClipSource } from './clip-source.js';
import type { FrameRange } from './frame-range.js';

/** One video of a clip, as it was closed. `range`: its frames in the source. */
export interface ClipPart {
  readonly part: RecordingPart & {
    readonly paths: { readonly take: number; readonly videoPath: string; readonly timingPath: string };
  };
  readonly metadataPath: string | null;
  readonly range: FrameRange;
  /** From 1. A clip has several where its disk takes no files as large as the source. */
  readonly number: number;
  readonly isContinued: boolean;
  readonly sessionDir: string;
  readonly checksums: InfoChecksums | null;
}

/** The info file of a clip: what was set and given is the source's; what cannot be known of a piece is `null`. */
export async function clipInfo(source: ClipSource, clip: ClipPart): Promise<InfoFile> {
  const { files, index, rows, info } = source;
  const { part, range } = clip;
  const { account, gaps, gapsTotal } = clipAccount(info, range, rows);
  const facts = info?.csi_cameras;
  const { take } = part.paths;
  return {
    RecordingDuration: part.durationS,
    VideoCodec: 'mjpeg',
    VideoFrameRate: part.durationS > 0 ? part.frames / part.durationS : 0,
    VideoFrameCount: part.frames,
    ImageWidth: index.width,
    ImageHeight: index.height,
    ImagePixelFormat: info?.ImagePixelFormat ?? null,
    ImageBitDepth: 8,
    ManufacturersModelName: info?.ManufacturersModelName ?? null,
    SoftwareVersions: info?.SoftwareVersions ?? `csi-cameras ${VERSION}`,
    csi_cameras: {
      schema: INFO_SCHEMA,
      device_id: rows.deviceId,
      camera_label: facts?.camera_label ?? files.cameraLabel,
      session: basename(clip.sessionDir),
      trial: rows.trial,
      trial_label: rows.label,
      take,
      part: {
        number: clip.number,
        continues_take: clip.number === 1 ? null : take - 1,
        is_continued: clip.isContinued,
      },
      files: {
        video: { name: basename(part.paths.videoPath), bytes: part.bytes, frames: part.frames },
        timing: await rowFile(part.paths.timingPath, part.frames),
        metadata: clip.metadataPath === null ? null : await rowFile(clip.metadataPath, part.frames),
      },
      first: timesOf(rows, range.first),
      last: timesOf(rows, range.last),
      clock: {
        sensor: periodsOf(rows, range).isTimed ? 'boottime' : 'none',
        boot: facts?.clock.boot ?? null,
        wall_minus_mono_start_ns: wallMinusMono(rows, range.first),
        wall_minus_mono_end_ns: wallMinusMono(rows, range.last),
        synchronised: facts?.clock.synchronised ?? null,
      },
      rate: { asked_fps: facts?.rate.asked_fps ?? null, ...periodsOf(rows, range).rate },
      account,
      gaps,
      gaps_total: gapsTotal,
      settings: facts?.settings ?? { asked: null, given: null },
      tool: facts?.tool ?? null,
      end: { kind: 'clip', reason: null, error: null },
      health: { start: null, end: null },
      checksums: clip.checksums,
      source: {
        video: `${files.stem}.avi`,
        trial: files.trial,
        take: files.take,
        first_frame: range.first,
        last_frame: range.last,
      },
    },
  };
}

/** Read back: it is the sum of what lies on the disk. */
async function rowFile(path: string, rows: number): Promise<InfoRowFile> {
  const file = await openToInspect(path);
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const block of file.createReadStream({ highWaterMark: 256 * 1024 })) {
    hash.update(block as Buffer);
    bytes += (block as Buffer).length;
  }
  return { name: basename(path), bytes, rows, sha256: hash.digest('hex') };
}

/** As the row has them: by the function that writes rows. */
function timesOf({ sensorNs, monoNs, unixUs }: TimingRows, frame: number): InfoTimes {
  const times = {
    sensorTimestampNs: sensorNs[frame - 1] ?? 0n,
    arrivedMonotonicNs: monoNs[frame - 1] ?? 0n,
    wallClockUs: unixUs[frame - 1] ?? 0n,
  };
  const [unix = '', mono = ''] = timingRow('', times, 1).split(',');
  return {
    sensor_timestamp_ns: String(times.sensorTimestampNs),
    record_time_mono: mono,
    record_time_unix: unix,
  };
}

function wallMinusMono({ monoNs, unixUs }: TimingRows, frame: number): string {
  return String((unixUs[frame - 1] ?? 0n) * 1000n - (monoNs[frame - 1] ?? 0n));
}

function periodsOf({ sensorNs }: TimingRows, { first, last }: FrameRange) {
  const times = sensorNs.subarray(first - 1, last).filter((ns) => ns !== 0n);
  const begin = times[0] ?? 0n;
  const since = Float64Array.from(times, (ns) => Number(ns - begin));
  let [least, most] = [Infinity, -Infinity];
  for (let at = 1; at < since.length; at += 1) {
    const step = (since[at] ?? 0) - (since[at - 1] ?? 0);
    least = Math.min(least, step);
    most = Math.max(most, step);
  }
  const known = (ns: number): number | null => (Number.isFinite(ns) ? ns : null);
  return {
    isTimed: times.length > 0,
    rate: { period_least_ns: known(least), period_median_ns: known(frameTimeNs(since)), period_most_ns: known(most) },
  };
}
