import { INFO_SCHEMA, type InfoFile } from '../../src/recording/info/info-file.js';

/** A whole info file of a take of two frames. */
export function infoExample(): InfoFile {
  const times = { sensor_timestamp_ns: '1000000000', record_time_mono: '1.000000000', record_time_unix: '1.000000' };
  return {
    RecordingDuration: 0.066666,
    VideoCodec: 'mjpeg',
    VideoFrameRate: 30,
    VideoFrameCount: 2,
    ImageWidth: 64,
    ImageHeight: 48,
    ImagePixelFormat: 'yuvj420p',
    ImageBitDepth: 8,
    ManufacturersModelName: 'imx296',
    SoftwareVersions: 'csi-cameras 0.1.0',
    csi_cameras: {
      schema: INFO_SCHEMA,
      device_id: 'picam:0',
      camera_label: 'cam_0',
      session: 'session_1',
      trial: 1,
      trial_label: '',
      take: 1,
      part: { number: 1, continues_take: null, is_continued: false },
      files: {
        video: { name: '1_CSI_trial001_cam_0.avi', bytes: 5000, frames: 2 },
        timing: { name: '1_CSI_trial001_cam_0_timing.csv', bytes: 200, rows: 2, sha256: '00' },
        metadata: null,
      },
      first: times,
      last: times,
      clock: {
        sensor: 'boottime',
        boot: null,
        wall_minus_mono_start_ns: '0',
        wall_minus_mono_end_ns: '0',
        synchronised: null,
      },
      rate: { asked_fps: 30, period_least_ns: 1, period_median_ns: 1, period_most_ns: 1 },
      account: {
        delivered: 4,
        recorded: 2,
        dropped: 1,
        dropped_by: { buffer_full: 1, timeout: 0, write_error: 0 },
        skipped: 1,
        source_gaps: 0,
        disordered: 0,
      },
      gaps: [
        { after_frame: 1, frames: 1, reason: 'buffer_full' },
        { after_frame: 1, frames: 1, reason: 'skipped' },
      ],
      gaps_total: 2,
      settings: { asked: { fps: 30 }, given: { gain: [1, 1] } },
      tool: { name: 'rpicam-vid', version: null, arguments: ['-t', '0'] },
      end: { kind: 'stopped', reason: 'command', error: null },
      health: {
        start: { temperature_c: 50, free_bytes: 1, load: 'normal' },
        end: { temperature_c: 51, free_bytes: 1, load: 'normal' },
      },
      checksums: null,
      source: null,
    },
  };
}
