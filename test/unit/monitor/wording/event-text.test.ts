import { expect, it } from '@jest/globals';
import { eventText } from '../../../../src/monitor/wording/event-text.js';
import type { CameraWords } from '../../../../src/monitor/wording/words.js';

const event = (deviceId: string | null) =>
  ({ ago_ms: 0, level: 'info', device_id: deviceId, text: 'It was lost.' }) as const;

it('names the camera of an event, by its id where that is gone', () => {
  const cameras = [{ deviceId: 'picam:0', name: 'Left wheel' } as CameraWords];
  expect(eventText(event('picam:0'), cameras)).toBe('Left wheel: It was lost.');
  expect(eventText(event('picam:1'), cameras)).toBe('picam:1: It was lost.');
  expect(eventText(event(null), cameras)).toBe('It was lost.');
});
