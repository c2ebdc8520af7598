import type { MonitorAnswer } from '../../src/monitor/view.js';
import type { PageWords } from '../../src/monitor/wording/words.js';
import type { CameraStatus } from '../../src/protocol/statuses.js';
import * as monitor from './monitor-answers.js';

/** What `watch` is told and what it shows, as its tests need it. */

/** A camera that records trial 3, take 1. */
export function recordingCamera(overrides: Partial<CameraStatus> = {}): CameraStatus {
  return monitor.recording(
    { bytes: 1_234_000_000, duration_s: 205.6 },
    {
      display_name: 'Left eye',
      focus: { value: 1234, kind: 'FocusFoM' },
      buffer: { frames: 3, bytes: 300_000, fill: 0.02 },
      ...overrides,
    },
  );
}

export function answerOf(
  cameras: readonly CameraStatus[],
  answer: Partial<Pick<MonitorAnswer, 'events' | 'status_age_ms'>> = {},
): MonitorAnswer {
  return monitor.answerOf({ cameras, answer: { status_age_ms: 50, ...answer } });
}

/** Words of one camera that records, for tests of how words are shown. */
export function recordingWords(overrides: Partial<PageWords['cameras'][number]> = {}): PageWords['cameras'][number] {
  return {
    deviceId: 'picam:0',
    name: 'Left eye',
    face: 'recording',
    badge: { shape: 'dot', word: 'REC', tone: 'recording' },
    sentence: 'Recording trial 3, take 1: 12 340 frames, 0 dropped.',
    advice: '',
    remarks: [],
    severity: 0,
    ...overrides,
  };
}

export function wordsOf(
  cameras: PageWords['cameras'],
  overrides: Partial<Pick<PageWords, 'banner' | 'summary'>> = {},
): PageWords {
  return {
    banner: null,
    title: '',
    summary: [`${cameras.length} of ${cameras.length} cameras recording.`],
    cameras,
    ...overrides,
  };
}
