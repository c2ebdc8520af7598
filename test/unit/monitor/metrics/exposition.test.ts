import { describe, expect, it } from '@jest/globals';
import { exposition, FAMILIES } from '../../../../src/monitor/metrics/exposition.js';
import type { CameraStatus, StatusReport } from '../../../../src/protocol/statuses.js';
import {
  cameraOf,
  recordingOf,
  snapshotOf,
  statusOf,
  TRAFFIC,
  waitingCamera,
} from '../../../harness/metrics-snapshot.js';

const LEFT = '{camera="picam:0"}';
const RIGHT = '{camera="picam:1"}';

interface Given {
  readonly status?: Partial<StatusReport>;
  readonly camera?: Partial<CameraStatus>;
  readonly grownMsAgo?: number | null;
  readonly ageMs?: number;
}

/** Values by name and labels, without the prefix. */
function metrics({ status, camera, grownMsAgo = 400, ageMs = 0 }: Given = {}): Map<string, number> {
  const cameras = [cameraOf(camera), waitingCamera()];
  const text = exposition(snapshotOf(statusOf({ cameras, ...status }), grownMsAgo), TRAFFIC, ageMs);
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    samples.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice('csicameras_'.length, at), Number(line.slice(at + 1))];
    }),
  );
}

describe('the metrics', () => {
  it('tell of the module what its status tells, in base units', () => {
    const told = metrics();
    expect(Object.fromEntries(told)).toMatchObject({
      'build_info{version="0.1.0"}': 1,
      start_time_seconds: 1_767_689_940.25,
      status_timestamp_seconds: 1_767_690_000.5,
      'state{state="stopped"}': 0,
      'state{state="running"}': 1,
      'state{state="stopping"}': 0,
      'load_level{level="normal"}': 1,
      'load_level{level="previewPaused"}': 0,
      disk_free_bytes: 900_000_000,
      disk_reserve_bytes: 268_435_456,
      disk_time_left_seconds: 26,
      event_loop_delay_seconds: 0.0015,
      temperature_celsius: 61.5,
      under_voltage: 0,
      commands_waiting: 1,
      monitor_connections: 2,
    });
  });

  it('tell of a camera that records', () => {
    expect(Object.fromEntries(metrics())).toMatchObject({
      'camera_info{camera="picam:0",display_name="Left",model="imx296"}': 1,
      'camera_state{camera="picam:0",state="recording"}': 1,
      'camera_state{camera="picam:0",state="streaming"}': 0,
      [`recording${LEFT}`]: 1,
      [`figures_age_seconds${LEFT}`]: 0.25,
      [`requested_frames_per_second${LEFT}`]: 60,
      [`capture_frames_per_second${LEFT}`]: 60.01,
      [`record_frames_per_second${LEFT}`]: 59.5,
      [`take_number${LEFT}`]: 2,
      [`take_frames${LEFT}`]: 1_200,
      [`take_bytes${LEFT}`]: 480_000_000,
      [`take_duration_seconds${LEFT}`]: 20.005,
      [`take_last_growth_timestamp_seconds${LEFT}`]: 1_767_690_000.1,
      [`buffer_frames${LEFT}`]: 30,
      [`buffer_bytes${LEFT}`]: 12_000_000,
      [`buffer_fill_ratio${LEFT}`]: 0.179,
      [`write_latency_median_seconds${LEFT}`]: 0.0215,
      [`write_latency_max_seconds${LEFT}`]: 0.09,
      [`frame_interval_deviation_seconds${LEFT}`]: 0.0002,
      [`reconnect_attempts${LEFT}`]: 0,
      [`exposure_seconds${LEFT}`]: 0.005,
      [`gain_ratio${LEFT}`]: 2.5,
    });
  });

  it('tell of a lost camera that nothing comes, and nothing that needs frames', () => {
    const told = metrics();
    const names = [...told.keys()].filter((key) => key.endsWith(RIGHT)).map((key) => key.slice(0, -RIGHT.length));
    expect(told.get('camera_state{camera="picam:1",state="waiting"}')).toBe(1);
    expect(told.get(`recording${RIGHT}`)).toBe(0);
    expect(told.get(`capture_frames_per_second${RIGHT}`)).toBe(0);
    expect(told.get(`reconnect_attempts${RIGHT}`)).toBe(3);
    expect(names.filter((name) => /^(take_|write_|exposure|gain|frame_interval)/.test(name))).toEqual([]);
  });

  it('count over the life of the module, with 0 for what did not happen yet', () => {
    const told = metrics();
    expect(Object.fromEntries(told)).toMatchObject({
      [`frames_received_total${LEFT}`]: 10_000,
      [`frames_missing_total${LEFT}`]: 4,
      [`frames_skipped_total${LEFT}`]: 0,
      'frames_dropped_total{camera="picam:0",reason="buffer_full"}': 12,
      'frames_dropped_total{camera="picam:0",reason="write_error"}': 0,
      'recordings_ended_total{camera="picam:0",reason="command"}': 3,
      'recordings_ended_total{camera="picam:0",reason="disk_full"}': 0,
      'camera_losses_total{camera="picam:0",code="camera_disconnected"}': 1,
      'camera_losses_total{camera="picam:0",code="frame_timeout"}': 0,
      'log_lines_lost_total{log="commands"}': 2,
      'log_lines_lost_total{log="drops"}': 0,
      'warnings_total{code="under_voltage"}': 2,
      'warnings_total{code="disk_low_soon"}': 0,
      'monitor_requests_total{status="200"}': 41,
      'monitor_requests_total{status="404"}': 1,
      monitor_preview_bytes_total: 123_456,
    });
  });

  it('count a missing or skipped frame once, in its own metric', () => {
    const reasons = [...metrics().keys()].filter((key) => /^frames_dropped_total.*picam:0/.test(key));
    expect(reasons.join('\n')).not.toMatch(/source_gap|gate_skip/);
    expect(reasons).toHaveLength(4);
  });

  it('go on counting for a camera that was unassigned', () => {
    const { view, totals, ...times } = snapshotOf();
    const alone = { ...view, status: statusOf({ cameras: [] }), cameras: [] };
    const text = exposition({ view: alone, totals, ...times }, TRAFFIC, 0);
    expect(text).toContain(`csicameras_frames_received_total${LEFT} 10000\n`);
    expect(text).not.toContain('csicameras_camera_state');
  });

  it('name no path, no trial label and no address', () => {
    const text = exposition(snapshotOf(), TRAFFIC, 0);
    expect(text).not.toMatch(/session_x|a label of the trial|\.avi|127\.0\.0\.1/);
  });

  it('have each series once, and each family in one piece behind its head', () => {
    const lines = exposition(snapshotOf(), TRAFFIC, 0).trimEnd().split('\n');
    const keys = lines.map((line) => (line.startsWith('#') ? line : line.slice(0, line.lastIndexOf(' '))));
    expect(new Set(keys).size).toBe(keys.length);
    const families = lines.map((line) => /^(?:# (?:HELP|TYPE) )?(\w+)/.exec(line)?.[1] ?? '');
    const pieces = families.filter((family, at) => family !== families[at - 1]);
    expect(pieces).toEqual(FAMILIES.map(({ name }) => name));
  });
});

describe('csicameras_recording', () => {
  it('is 0 while nothing is in the file', () => {
    const asked = recordingOf({ take: 0, video_path: null, frames: 0, bytes: 0, duration_s: 0 });
    const told = metrics({ camera: { recording: asked } });
    expect(told.get(`recording${LEFT}`)).toBe(0);
    expect(told.get(`take_number${LEFT}`)).toBe(0);
    expect(told.has(`take_last_growth_timestamp_seconds${LEFT}`)).toBe(false);
    // Whatever a mistake elsewhere says of its growth.
    const { view, ...rest } = snapshotOf(statusOf({ cameras: [cameraOf({ recording: asked })] }));
    const grown = view.cameras.map((camera) => ({ ...camera, grown_ms_ago: 0 }));
    expect(exposition({ view: { ...view, cameras: grown }, ...rest }, TRAFFIC, 0)).toContain(
      `csicameras_recording${LEFT} 0\n`,
    );
  });

  it.each([
    ['less than 3 s ago', 2_999, {}, 1],
    ['longer ago', 3_000, {}, 0],
    ['never', null, {}, 0],
    ['3.5 s ago at 1 fps', 3_500, { given: { ...cameraOf().given, fps: 1 } }, 1],
    ['five frame times ago', 5_000, { given: { ...cameraOf().given, fps: 1 } }, 0],
    ['8 minutes ago at 0.01 fps', 480_000, { given: { ...cameraOf().given, fps: 0.01 } }, 1],
    [
      '400 s ago at 0.01 fps that no frame confirmed',
      400_000,
      { given: null, requested: { ...cameraOf().requested, fps: 0.01 } },
      1,
    ],
    ['45 s ago with recording.fps of 0.1', 45_000, { recording: recordingOf({ frames: 20, skipped: 11_980 }) }, 1],
    ['55 s ago with recording.fps of 0.1', 55_000, { recording: recordingOf({ frames: 20, skipped: 11_980 }) }, 0],
  ])('says by its limits whether the file grows: %s', (_, grownMsAgo, camera, value) => {
    expect(metrics({ camera: camera as Partial<CameraStatus>, grownMsAgo }).get(`recording${LEFT}`)).toBe(value);
  });

  it('allows for figures that come late under the highest load, but not for what they prove', () => {
    const given = (grownMsAgo: number, figuresAgeMs: number): Given => ({
      status: { load_level: 'reportingSlowed' },
      camera: { figures_age_ms: figuresAgeMs },
      grownMsAgo,
    });
    expect(metrics(given(5_499, 2_500)).get(`recording${LEFT}`)).toBe(1);
    expect(metrics(given(5_500, 5_500)).get(`recording${LEFT}`)).toBe(0);
    expect(metrics(given(3_000, 0)).get(`recording${LEFT}`)).toBe(0);
  });

  it('is 0 when the news are too old to prove it', () => {
    expect(metrics({ ageMs: 2_599 }).get(`recording${LEFT}`)).toBe(1);
    expect(metrics({ ageMs: 2_600 }).get(`recording${LEFT}`)).toBe(0);
  });
});

describe('what cannot be known', () => {
  it('is left out when the figures of a camera stand still', () => {
    const names = ['capture_frames_per_second', 'record_frames_per_second', 'buffer_frames', 'gain_ratio'];
    const toldWith = (figures_age_ms: number | null, ageMs = 0): number =>
      names.filter((name) => metrics({ camera: { figures_age_ms }, ageMs }).has(name + LEFT)).length;
    expect(toldWith(10_000)).toBe(names.length);
    expect(toldWith(10_001)).toBe(0);
    expect(toldWith(9_000, 1_001)).toBe(0);
    expect(toldWith(null)).toBe(0);
    const given = { ...cameraOf().given, fps: 0.01 } as CameraStatus['given'];
    expect(metrics({ camera: { given, figures_age_ms: 10_001 } }).has(`gain_ratio${LEFT}`)).toBe(false);
    expect(metrics({ camera: { figures_age_ms: 20_000 } }).get(`figures_age_seconds${LEFT}`)).toBe(20);
  });

  it('is left out of a machine that does not tell it', () => {
    const load = { ...statusOf().load, temperature_c: null, under_voltage: null };
    const told = metrics({ status: { load, disk: null } });
    expect([...told.keys()].filter((key) => /^(disk|temperature|under)/.test(key))).toEqual([]);
  });

  it('is left out of a disk that hangs, but for the reserve', () => {
    const disk = { free_bytes: 1, reserve_bytes: 2, seconds_left: 3, age_ms: 15_001 };
    const told = metrics({ status: { disk } });
    expect([...told.keys()].filter((key) => key.startsWith('disk'))).toEqual(['disk_reserve_bytes']);
    expect(metrics({ status: { disk: { ...disk, age_ms: 15_000 } } }).get('disk_free_bytes')).toBe(1);
  });

  it('is left out of a disk that nothing fills', () => {
    const disk = { free_bytes: 1, reserve_bytes: 2, seconds_left: null, age_ms: 0 };
    expect(metrics({ status: { disk } }).has('disk_time_left_seconds')).toBe(false);
  });
});
