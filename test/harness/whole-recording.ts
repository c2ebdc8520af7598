import { setTimeout as nextAsk } from 'node:timers/promises';
import type { StatusData } from '../../src/protocol/statuses.js';
import type { MockHost } from './mock-host.js';
import { hasFfprobe } from './need-ffprobe.js';
import { verifyRecording } from './verify-recording.js';

/** Holds what `recording_stopped` says against the files, by readers that are not ours. */
export async function expectWholeRecording(
  stopped: StatusData<'recording_stopped'>,
  expected: { readonly width: number; readonly height: number; readonly label?: string },
): Promise<void> {
  const { video_path: videoPath, timing_path: timingPath, frames } = stopped;
  if (videoPath === null || timingPath === null) throw new Error('The recording has no files.');
  if (!hasFfprobe) return;
  const { label, ...size } = expected;
  await verifyRecording({ videoPath, timingPath, frames, ...size, ...(label === undefined ? {} : { label }) });
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
