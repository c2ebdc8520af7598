import { describe, expect, it } from '@jest/globals';
import { namingFor, noteOf } from '../../../../src/cli/record/notes.js';
import type { Report, StatusMessage } from '../../../../src/protocol/statuses.js';

const one = namingFor(['picam:0']);
const several = namingFor(['picam:0', 'picam:1']);

const heard = (report: Report, more: Partial<StatusMessage> = {}): StatusMessage =>
  ({ type: 'status', timestamp: '', ...report, ...more }) as StatusMessage;

const lost = heard({
  status: 'device_error',
  data: { device_id: 'picam:1', code: 'frame_timeout', error: 'No frame came.', recoverable: true },
});
const back = heard({
  status: 'device_ready',
  data: {
    device_id: 'picam:1',
    camera_id: 'picam:1',
    model: 'imx219',
    width: 640,
    height: 480,
    fps: 30,
    mode: null,
    view: '640x480',
    reconnected: true,
    downtime_ms: 1234,
  },
});
const warning = heard({
  status: 'warning',
  data: { code: 'setting_without_effect', message: 'It has no effect.', device_id: 'picam:1' },
});

describe('a note while recording', () => {
  it('names the camera where there are several', () => {
    expect([lost, back, warning].map((message) => noteOf(message, several))).toEqual([
      'error: picam:1: frame_timeout: No frame came.',
      'picam:1: The camera is back after 1.2 s.',
      'warning: picam:1: It has no effect.',
    ]);
  });

  it('names none where there is one', () => {
    expect([lost, back, warning].map((message) => noteOf(message, one))).toEqual([
      'error: frame_timeout: No frame came.',
      'The camera is back after 1.2 s.',
      'warning: It has no effect.',
    ]);
  });

  it('is none of what answers a command, and of what is about no camera has no name', () => {
    expect(noteOf({ ...lost, in_reply_to: 'assign_1' }, several)).toBeUndefined();
    expect(noteOf(heard({ status: 'shutdown_started', data: { reason: 'stop' } }), several)).toBeUndefined();
    const logs = heard({ status: 'warning', data: { code: 'logs_waiting', message: 'Logs wait.' } });
    expect(noteOf(logs, several)).toBe('warning: Logs wait.');
  });
});
