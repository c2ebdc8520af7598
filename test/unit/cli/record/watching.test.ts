import { describe, expect, it } from '@jest/globals';
import type { Progress } from '../../../../src/cli/progress.js';
import { showLast, watch, type Watched } from '../../../../src/cli/record/watching.js';
import type { Take } from '../../../../src/cli/record/summary.js';
import type { CameraStatus, StatusReport } from '../../../../src/protocol/statuses.js';

const take = (deviceId: string, frames: number, more: Partial<Take> = {}): Take =>
  ({ device_id: deviceId, frames, duration_s: 2, dropped: 1, source_gaps: 2, video_path: '/a.avi', ...more }) as Take;

const recording = (frames: number) => ({ frames, dropped: 3, source_gaps: 4, video_path: '/a.avi' });

function watched(cameras: readonly object[], takes: readonly Take[] = []): { watched: Watched; shown: Progress[][] } {
  const shown: Progress[][] = [];
  const show = (...lines: readonly Progress[]): void => {
    shown.push([...lines]);
  };
  const status = () => ({ cameras: cameras as readonly CameraStatus[] }) as StatusReport;
  const deviceIds = cameras.map((_, index) => `picam:${index}`);
  const line = { show, last: show };
  return {
    shown,
    watched: {
      module: { status },
      line,
      startedMs: performance.now(),
      durationS: 5,
      sessionDir: '/',
      deviceIds,
      takes,
    },
  };
}

const now = Promise.resolve(undefined);

describe('the progress of a recording', () => {
  it('counts all takes of each of several cameras, wherever the module has them, and says which are lost', async () => {
    const cameras = [
      { device_id: 'picam:2', state: 'streaming', capture_fps: 30, recording: null },
      { device_id: 'picam:1', state: 'waiting', capture_fps: 0, recording: null },
      { device_id: 'picam:0', state: 'recording', capture_fps: 29.97, recording: recording(40) },
    ];
    const { watched: all, shown } = watched(cameras, [take('picam:0', 7), take('picam:1', 9)]);
    await watch(all, now);
    expect(shown[0]).toMatchObject([
      { name: 'picam:0', frames: 47, fps: 29.97, dropped: 4, missingAtSource: 6, freeBytes: expect.anything() },
      { name: 'picam:1', frames: 9, fps: 0, dropped: 1, missingAtSource: 2, remark: 'lost', freeBytes: null },
      { name: 'picam:2', frames: 0, fps: 30, dropped: 0, remark: 'not recording', freeBytes: null },
    ]);
    expect(shown[0]?.[0]).not.toHaveProperty('remark');
  });

  it('of one camera has no name and no remark, and shows its present take', async () => {
    const { watched: one, shown } = watched(
      [{ device_id: 'picam:0', state: 'recording', capture_fps: 30, recording: recording(40) }],
      [take('picam:0', 7)],
    );
    await watch(one, now);
    expect(shown[0]).toMatchObject([{ frames: 40, dropped: 3, missingAtSource: 4 }]);
    expect(shown[0]?.[0]).not.toHaveProperty('name');
    expect(shown[0]?.[0]).not.toHaveProperty('remark');
  });

  it('ends with the figures of each camera’s own takes', async () => {
    const takes = [take('picam:1', 30), take('picam:0', 60), take('picam:1', 30, { duration_s: 1 })];
    const { watched: both, shown } = watched([{}, {}], takes);
    await showLast(both);
    expect(shown[0]).toMatchObject([
      { name: 'picam:0', frames: 60, fps: 30, dropped: 1, missingAtSource: 2, freeBytes: expect.anything() },
      { name: 'picam:1', frames: 60, fps: 20, dropped: 2, missingAtSource: 4, freeBytes: null },
    ]);
  });

  it('tells no free space where no path leads to the video', async () => {
    const gone = { ...recording(40), video_path: null };
    const { watched: one, shown } = watched(
      [{ device_id: 'picam:0', state: 'recording', capture_fps: 30, recording: gone }],
      [take('picam:0', 7, { video_path: null })],
    );
    await watch(one, now);
    await showLast(one);
    expect(shown.map(([camera]) => camera?.freeBytes)).toEqual([null, null]);
  });
});
