import { access, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { cleanFolder } from '../harness/clean-folder.js';
import type { InProcessHost } from '../harness/in-process-host.js';
import { endByItself, loggedLines, recordingHost } from '../harness/recording-host.js';
import { expectAccounted, expectWholeRecording, waitForFrames } from '../harness/whole-recording.js';

const SIZE = { width: 640, height: 480 };

describe('a session directory that somebody', () => {
  const folder = cleanFolder(() => host.end());
  let host: InProcessHost;
  let session: string;
  let from: number;

  beforeEach(async () => {
    session = join(folder.path, 'session_1');
    host = await recordingHost({ folder: folder.path });
    await host.expect('recording_started', { command: 'start_recording', session_dir: session, trial_number: 5 });
    await waitForFrames(host, 20);
    from = host.log.all.length;
  });

  it('removes while recording: the recording is over, nothing is claimed, every frame is accounted for', async () => {
    await rm(session, { recursive: true });
    const { error, stopped, names } = await endByItself(host, from);
    expect(names).toEqual(['recording_error', 'recording_stopped']);
    expect(error).toMatchObject({
      code: 'invalid_session_dir',
      error: expect.stringMatching(/^The recording was removed while it was being written/),
    });
    expect(stopped).toMatchObject({ reason: 'io_error', frames: 0, video_path: null, timing_path: null, bytes: 0 });
    expect(stopped.delivered).toBeGreaterThanOrEqual(20);
    expectAccounted(stopped);
    await expect(access(session)).rejects.toMatchObject({ code: 'ENOENT' });

    await host.expect('recording_started', { command: 'start_recording', trial_number: 6 });
    await waitForFrames(host, 10);
    const { data: next } = await host.expect('recording_stopped', { command: 'stop_recording' });
    await expectWholeRecording(next, SIZE);

    const drops = (await loggedLines(host, 'frame_drops.jsonl')).filter(({ trial }) => trial === 5);
    expect(drops.reduce((sum, { count }) => sum + Number(count ?? 1), 0)).toBe(stopped.dropped);
    const lines = (await loggedLines(host, 'csicameras.log')).filter(({ code }) => code === 'invalid_session_dir');
    expect(lines).toEqual([expect.objectContaining({ operation: 'stat', device: 'picam:0', trial: 5 })]);
  });

  it('removes just before the stop: the answer claims nothing either', async () => {
    await rm(session, { recursive: true });
    const { data } = await host.expect('recording_stopped', { command: 'stop_recording' });
    expect(data).toMatchObject({ frames: 0, video_path: null });
    expectAccounted(data);
    expect(host.log.named('recording_error').map((status) => status.data.code)).toEqual(['invalid_session_dir']);
  });

  it('renames while recording: the recording goes on, and says where its files are', async () => {
    const renamed = join(folder.path, 'renamed');
    await rename(session, renamed);
    const warning = await host.log.wait('warning', ({ data }) => data.code === 'session_dir_moved', from);
    expect(warning.data.message).toContain(`it is now ${renamed}/`);
    await waitForFrames(host, 80);
    const { data } = await host.expect('recording_stopped', { command: 'stop_recording' });
    expect(data).toMatchObject({ reason: 'command', dropped: 0 });
    expect(data.video_path).toMatch(new RegExp(`^${renamed}/CSICameras/.*\\.avi$`));
    await expectWholeRecording(data, SIZE);
    expect(host.log.named('warning')).toHaveLength(1);
    expect(host.log.named('recording_error')).toEqual([]);
    expect(await readdir(folder.path)).not.toContain('session_1');
  });
});
