import type { InfoFile } from '../../../../src/recording/info/info-file.js';
import type { ReportRecording } from '../../../../src/inspect/report/report-data.js';
import type { TimingRows } from '../../../../src/inspect/rows/timing-rows.js';
import type { Gap, VerifiedRecording } from '../../../../src/inspect/verdict.js';

const PERIOD_NS = 33_333_000n;

/** Rows at 30 Hz; `sensorNs` of row k (from 1), `0n` for a camera without times. */
export function timingRows(
  count: number,
  sensorNs: (row: number) => bigint = (row) => 9_297_983_128_000n + BigInt(row) * PERIOD_NS,
): TimingRows {
  const times = Array.from({ length: count }, (_, index) => sensorNs(index + 1));
  const mono = times.map((time, index) => (time === 0n ? BigInt(index) * PERIOD_NS : time) + 20_000_000n);
  return {
    count,
    trial: 1,
    deviceId: 'picam:0',
    label: 'baseline',
    sensorNs: BigInt64Array.from(times),
    monoNs: BigInt64Array.from(mono),
    unixUs: BigInt64Array.from(mono, (time) => 1_767_681_006_123_456n + time / 1000n),
  };
}

export function verifiedRecording(facts: Partial<VerifiedRecording> = {}): VerifiedRecording {
  const stem = '20260106_081726_CSI_trial001_IMX296_Global_picam_0';
  return {
    files: {
      stem,
      folder: '/s/CSICameras/IMX296_Global_picam_0',
      sessionDir: '/s',
      videoPath: null,
      timingPath: null,
      metadataPath: null,
      infoPath: null,
      trial: 1,
      take: 1,
      cameraLabel: 'IMX296_Global_picam_0',
    },
    deviceId: 'picam:0',
    trial: 1,
    take: 1,
    state: 'closed',
    verdict: 'proven',
    problem: null,
    depth: 'whole',
    areBytesProven: false,
    frames: 300,
    rows: 300,
    videoBytes: 4_500_000,
    bytesRead: 4_500_000,
    durationS: 10,
    fps: 30,
    width: 640,
    height: 480,
    account: ACCOUNT,
    accountFrom: 'info',
    gaps: [],
    gapsTotal: 0,
    checked: ['V1', 'V9', 'V22'],
    findings: [],
    ...facts,
  };
}

export const ACCOUNT = {
  delivered: 300,
  recorded: 300,
  dropped: 0,
  dropped_by: { buffer_full: 0, timeout: 0, write_error: 0 },
  skipped: 0,
  source_gaps: 0,
  disordered: 0,
};

export function lossy(frames: number, gaps: readonly Gap[]): VerifiedRecording {
  const account = { ...ACCOUNT, dropped: frames, dropped_by: { ...ACCOUNT.dropped_by, buffer_full: frames } };
  return verifiedRecording({ verdict: 'lost', account, gaps, gapsTotal: gaps.length });
}

export function reportRecording(facts: Partial<ReportRecording> = {}): ReportRecording {
  return {
    verified: verifiedRecording(),
    info: null,
    noInfo: null,
    rows: null,
    noRows: null,
    files: [],
    thumbnails: { pictures: [], notes: [] },
    ...facts,
  };
}

/** An info file each of whose texts is this one. */
export function infoFile(text: string): InfoFile {
  const file = { name: text, bytes: 1, rows: 1, sha256: text };
  const times = { sensor_timestamp_ns: text, record_time_mono: text, record_time_unix: text };
  return {
    RecordingDuration: 10,
    VideoCodec: 'mjpeg',
    VideoFrameRate: 30,
    VideoFrameCount: 300,
    ImageWidth: 640,
    ImageHeight: 480,
    ImagePixelFormat: text,
    ImageBitDepth: 8,
    ManufacturersModelName: text,
    SoftwareVersions: text,
    csi_cameras: {
      schema: 1,
      device_id: text,
      camera_label: text,
      session: text,
      trial: 1,
      trial_label: text,
      take: 1,
      part: { number: 1, continues_take: null, is_continued: true },
      files: { video: { name: text, bytes: 1, frames: 300 }, timing: file, metadata: file },
      first: times,
      last: times,
      clock: {
        sensor: 'boottime',
        boot: text,
        wall_minus_mono_start_ns: '1',
        wall_minus_mono_end_ns: '2000001',
        synchronised: false,
      },
      rate: { asked_fps: 30, period_least_ns: 1, period_median_ns: 1, period_most_ns: 1 },
      account: ACCOUNT,
      gaps: [],
      gaps_total: 0,
      settings: { asked: { [text]: text, list: [text] }, given: { [text]: [1, 2] } },
      tool: { name: text, version: text, arguments: [text] },
      end: { kind: 'failed', reason: text, error: text },
      health: { start: null, end: { temperature_c: 51.5, free_bytes: null, load: text } },
      checksums: null,
      source: { video: text, trial: 1, take: 1, first_frame: 1, last_frame: 2 },
    },
  };
}
