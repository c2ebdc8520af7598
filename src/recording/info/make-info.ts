import { basename } from 'node:path';
import { VERSION } from '../../core/own-package.js';
import type { RowFileFacts } from '../row-file.js';
import type { FolderIdentity } from '../takes/camera-folder.js';
import { INFO_SCHEMA, type InfoChecksums, type InfoFile, type InfoRowFile } from './info-file.js';
import type { MachineFacts } from './machine-facts.js';
import type { RowTimesFacts } from './row-times.js';
import type { TakeFacts } from './take-facts.js';

/** Which video of a recording it is, from 1; `null`: nobody knows. `continuesTake`: the take before. */
export interface PartPlace {
  readonly number: number | null;
  readonly continuesTake: number | null;
}

/** What the files of one video are, when they are final. */
export interface FileFacts {
  /** Where the video is by now; `null`: no path leads to it. */
  readonly videoPath: string | null;
  /** The folder that holds it. */
  readonly folder: FolderIdentity;
  /** Names under which the files are by now, else those under which they were made. */
  readonly names: { readonly video: string; readonly timing: string; readonly metadata: string | null };
  readonly take: number;
  readonly part: PartPlace;
  readonly video: {
    readonly bytes: number;
    readonly frames: number;
    readonly durationS: number;
    readonly fps: number;
    readonly width: number;
    readonly height: number;
    readonly pixelFormat: string | null;
  };
  readonly timing: RowFileFacts;
  readonly metadata: RowFileFacts | null;
  readonly times: RowTimesFacts;
  readonly checksums: InfoChecksums | null;
}

/** Of whom a recording is. */
export interface InfoSubject {
  readonly deviceId: string;
  readonly cameraLabel: string;
  readonly sessionDir: string;
  readonly trialNumber: number;
  readonly trialLabel: string;
}

const NO_TIMES = { sensor_timestamp_ns: '0', record_time_mono: '0', record_time_unix: '0' };

/** The info file of one video: what its files are, what their owner knows, and what the machine tells. */
export function makeInfo(subject: InfoSubject, files: FileFacts, facts: TakeFacts, machine: MachineFacts): InfoFile {
  const { video, times, names } = files;
  return {
    RecordingDuration: video.durationS,
    VideoCodec: 'mjpeg',
    VideoFrameRate: video.fps,
    VideoFrameCount: video.frames,
    ImageWidth: video.width,
    ImageHeight: video.height,
    ImagePixelFormat: video.pixelFormat,
    ImageBitDepth: 8,
    ManufacturersModelName: facts.model,
    SoftwareVersions: softwareVersions(facts.tool),
    csi_cameras: {
      schema: INFO_SCHEMA,
      device_id: subject.deviceId,
      camera_label: subject.cameraLabel,
      session: basename(subject.sessionDir),
      trial: subject.trialNumber,
      trial_label: subject.trialLabel,
      take: files.take,
      part: {
        number: files.part.number,
        continues_take: files.part.continuesTake,
        is_continued: facts.end.kind === 'continued',
      },
      files: {
        video: { name: names.video, bytes: video.bytes, frames: video.frames },
        timing: rowFile(names.timing, files.timing),
        metadata: names.metadata === null || files.metadata === null ? null : rowFile(names.metadata, files.metadata),
      },
      first: times.first ?? NO_TIMES,
      last: times.last ?? NO_TIMES,
      clock: {
        sensor: times.hasSensorTime ? 'boottime' : 'none',
        boot: machine.boot,
        wall_minus_mono_start_ns: times.wallMinusMonoStartNs,
        wall_minus_mono_end_ns: times.wallMinusMonoEndNs,
        synchronised: machine.synchronised,
      },
      rate: {
        asked_fps: facts.askedFps,
        period_least_ns: times.leastNs,
        period_median_ns: times.medianNs,
        period_most_ns: times.mostNs,
      },
      account: facts.account,
      gaps: facts.gaps,
      gaps_total: facts.gapsTotal,
      settings: facts.settings,
      tool: facts.tool,
      end: facts.end,
      health: facts.health,
      checksums: files.checksums,
      source: null,
    },
  };
}

function softwareVersions(tool: TakeFacts['tool']): string {
  const own = `csi-cameras ${VERSION}`;
  if (tool?.version === null || tool?.version === undefined) return own;
  return `${own}, ${tool.version}`;
}

function rowFile(name: string, { bytes, rows, sha256 }: RowFileFacts): InfoRowFile {
  return { name, bytes, rows, sha256 };
}
