import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { BOTH_HOSTS } from '../../harness/both-hosts.js';
import { cleanFolder } from '../../harness/clean-folder.js';
import type { MockHost } from '../../harness/mock-host.js';
import { expectWholeRecording, waitForFrames } from '../../harness/whole-recording.js';

describe.each(BOTH_HOSTS)('a camera with a frame in two seconds, driven %s', (_kind, startHost) => {
  const folder = cleanFolder(() => host.end());
  let host: MockHost;

  it('records, takes a snapshot and shows its rate, and nobody takes it for lost', async () => {
    // Without the floor of five frame times it would be lost 1 s after each frame.
    host = await startHost({ folder: folder.path, config: { camera: { fps: 0.5, frameTimeoutMs: 1_000 } } });
    const session = join(folder.path, 'session_1');
    const ready = await host.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
    expect(ready.data.fps).toBe(0.5);
    await host.expect('recording_started', { command: 'record', session_dir: session, trial_number: 1 });
    await waitForFrames(host, 3);
    await host.expect('snapshot_taken', { command: 'take_snapshot' });
    const { data } = await host.expect('status_report', { command: 'get_status' });
    expect(data.cameras[0]).toMatchObject({ state: 'recording', capture_fps: 0.5, record_fps: 0.5 });
    const stopped = await host.expect('recording_stopped', { command: 'stop_recording' });
    expect(stopped.data).toMatchObject({ dropped: 0, source_gaps: 0, reason: 'command' });
    await expectWholeRecording(stopped.data, { width: 640, height: 480 });
    expect(host.log.named('device_error')).toEqual([]);
    expect(host.log.named('warning')).toEqual([]);
  }, 60_000);
});
