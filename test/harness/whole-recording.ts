import assert from 'node:assert/strict';
import { setTimeout as nextAsk } from 'node:timers/promises';
import type { StatusData } from '../../src/protocol/statuses.js';
import type { MockHost } from './mock-host.js';
import { hasFfprobe } from './need-ffprobe.js';
import { verifyRecording } from './verify-recording.js';

type Stopped = StatusData<'recording_stopped'>;

export interface ExpectedPicture {
  readonly width: number;
  readonly height: number;
  readonly label?: string;
}

/** The equation of the hardening spec, from what the host was told; a recording of nothing says so in every field. */
export function expectAccounted(stopped: Stopped): void {
  const { delivered, frames, dropped, skipped, bytes, video_path: videoPath, timing_path: timingPath } = stopped;
  assert.equal(delivered, frames + dropped + skipped, `delivered = recorded + dropped + skipped: ${told(stopped)}`);
  assert.equal(videoPath === null, frames === 0, `a video exactly where there are frames: ${told(stopped)}`);
  assert.equal(timingPath === null, frames === 0, `rows exactly where there are frames: ${told(stopped)}`);
  assert.equal(bytes === 0, frames === 0, `bytes exactly where there are frames: ${told(stopped)}`);
}

/**
 * The one assertion for the truth about a recording: every frame is accounted for, and rows = decoded frames = reported
 * frames, by readers that are not ours.
 */
export async function expectWholeRecording(stopped: Stopped, expected: ExpectedPicture): Promise<void> {
  expectAccounted(stopped);
  const { video_path: videoPath, timing_path: timingPath, frames, delivered, dropped, skipped } = stopped;
  if (videoPath === null || timingPath === null) throw new Error('The recording has no files.');
  if (!hasFfprobe) return;
  await verifyRecording({ videoPath, timingPath, frames, ...expected, counts: { delivered, dropped, skipped } });
}

/** Waits until the recording has so many frames, by asking: each answer is an event. */
export async function waitForFrames(host: MockHost, frames: number): Promise<void> {
  for (;;) {
    const { data } = await host.expect('status_report', { command: 'get_status' });
    const recording = data.cameras[0]?.recording;
    if (recording === null || recording === undefined)
      throw new Error(`Nothing is being recorded: ${host.log.summary()}`);
    if (recording.frames >= frames) return;
    await nextAsk(20);
  }
}

function told(stopped: Stopped): string {
  return JSON.stringify(stopped);
}
