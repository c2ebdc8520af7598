import { describe, expect, it } from '@jest/globals';
import { RecordingListener } from '../../../../src/cli/record/listener.js';
import type { StatusData, StatusMessage } from '../../../../src/protocol/statuses.js';

function listening(...deviceIds: readonly string[]) {
  const notes: string[] = [];
  let ends = 0;
  const clock = { nowMs: 0 };
  const listener = new RecordingListener(
    deviceIds,
    (note) => notes.push(note),
    () => {
      ends += 1;
    },
    () => clock.nowMs,
  );
  const hear = (status: string, data: object, more: object = {}): void => {
    listener.hear({ type: 'status', timestamp: '', status, data, ...more } as StatusMessage);
  };
  return { listener, hear, notes, clock, ends: () => ends };
}

const stopped = (deviceId: string, frames: number, reason: string): Partial<StatusData<'recording_stopped'>> => ({
  device_id: deviceId,
  frames,
  reason: reason as 'command',
});
const failure = (deviceId: string) => ({ device_id: deviceId, code: 'io_error', error: 'It failed.' });

describe('what is heard while recording', () => {
  it('keeps the takes with frames, in order', () => {
    const { listener, hear } = listening('picam:0', 'picam:1');
    hear('recording_stopped', stopped('picam:1', 7, 'device_error'));
    hear('recording_stopped', stopped('picam:0', 0, 'command'));
    hear('recording_stopped', stopped('picam:0', 9, 'command'));
    expect(listener.takes.map((take) => take.frames)).toEqual([7, 9]);
  });

  it('keeps which cameras did not begin, and only while they should', () => {
    const { listener, hear, notes } = listening('picam:0', 'picam:1');
    hear('recording_error', failure('picam:0'), { in_reply_to: 'a' });
    listener.phase = 'starting';
    hear('recording_error', failure('picam:1'), { in_reply_to: 'b' });
    hear('recording_error', failure('picam:0'));
    listener.phase = 'stopping';
    hear('recording_error', failure('picam:0'), { in_reply_to: 'c' });
    expect(listener.failedStarts).toEqual(['picam:1: It failed.']);
    expect(notes).toEqual(['error: picam:0: io_error: It failed.']);
  });

  it('shows a lost camera, but none that ends while its recording is being finished', () => {
    const { listener, hear, notes } = listening('picam:0', 'picam:1');
    listener.phase = 'recording';
    hear('device_error', failure('picam:1'));
    listener.phase = 'stopping';
    hear('device_error', failure('picam:0'));
    expect(notes).toEqual(['error: picam:1: io_error: It failed.']);
  });

  it('ends where the disk has ended every camera, and goes on while one can record', () => {
    const { hear, ends } = listening('picam:0', 'picam:1');
    hear('recording_stopped', stopped('picam:0', 5, 'disk_full'));
    hear('recording_stopped', stopped('picam:0', 5, 'io_error'));
    hear('recording_stopped', stopped('picam:1', 5, 'device_error'));
    expect(ends()).toBe(0);
    hear('recording_stopped', stopped('picam:1', 0, 'io_error'));
    expect(ends()).toBe(1);
  });

  it('ends one camera at once where its disk has failed', () => {
    const { hear, ends } = listening('picam:0');
    hear('recording_stopped', stopped('picam:0', 5, 'disk_full'));
    expect(ends()).toBe(1);
  });

  it('tells of a camera that is lost for days the first attempt, each change of the code, and then one in ten minutes', () => {
    const { listener, hear, notes, clock } = listening('picam:0');
    listener.phase = 'recording';
    const attempts = (code: string, count: number): void => {
      for (let attempt = 0; attempt < count; attempt += 1) {
        hear('device_error', { device_id: 'picam:0', code, error: `Attempt ${attempt}.`, retry_in_ms: 30_000 });
        clock.nowMs += 30_000;
      }
    };
    attempts('camera_lost', 41);
    attempts('camera_busy', 2);
    hear('device_ready', { device_id: 'picam:0', reconnected: true, downtime_ms: 1_290_000 });
    attempts('camera_busy', 1);
    expect(notes).toEqual([
      'error: camera_lost: Attempt 0.',
      'error: camera_lost: Attempt 20. (19 more lines like this were not shown.)',
      'error: camera_lost: Attempt 40. (19 more lines like this were not shown.)',
      'error: camera_busy: Attempt 0.',
      'The camera is back after 1290.0 s.',
      'error: camera_busy: Attempt 0. (1 more lines like this were not shown.)',
    ]);
    // Codes that alternate are changes, and still no flood.
    notes.length = 0;
    clock.nowMs += 600_000;
    for (let turn = 0; turn < 10; turn += 1) for (const code of ['camera_lost', 'camera_busy']) attempts(code, 1);
    expect(notes.length).toBeLessThanOrEqual(10);
  });
});
