import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { cameraControl } from '../../harness/camera-control.js';
import { childHost, type ChildHost } from '../../harness/child-host.js';
import { cleanFolder } from '../../harness/clean-folder.js';
import { expectWholeRecording, waitForFrames } from '../../harness/whole-recording.js';

/** What the host in the field does otherwise than a host that follows the protocol to the letter. */
describe('a host that launches one process a camera, with --camera-index and a file of "key = value" lines', () => {
  const folder = cleanFolder(() => launched?.end());
  let launched: ChildHost | undefined;

  const launch = async (lines: string, env: Readonly<Record<string, string>> = {}): Promise<ChildHost> => {
    const path = join(folder.path, 'config.txt');
    await writeFile(path, `display_name = CSI Cameras\r\nenabled = True\r\nsimulate = True\r\n${lines}`);
    launched = await childHost({ folder: folder.path, args: ['--config-path', path, '--camera-index', '0'], env });
    return launched;
  };

  it('has its settings used, and hears in one warning each of what is unknown and what cannot be used', async () => {
    const host = await launch(
      'resolution = 320x240\nframe_rate = 50\nlog_level = WARNING\nframerate = 1\ncolour = 2\njpeg_quality = high\n',
    );
    const ready = await host.log.wait('device_ready');
    expect(ready.data).toMatchObject({ device_id: 'picam:0', width: 320, height: 240, fps: 50 });
    expect(host.log.named('warning').map(({ data }) => data)).toEqual([
      { code: 'config_ignored', message: expect.stringMatching(/They are ignored: framerate, colour\.$/) },
      { code: 'config_ignored', message: expect.stringMatching(/: jpeg_quality must be a number \(it is "high"\)\.$/) },
    ]);
    const { data } = await host.expect('status_report', { command: 'get_status' });
    expect(data.cameras[0]?.requested).toEqual({ width: 320, height: 240, fps: 50 });
  });

  it('has a camera that is busy at the launch as soon as it is free, and hears of each attempt', async () => {
    const control = await cameraControl(folder.path);
    await control.misbehave('in-use');
    const host = await launch('reconnect.firstDelayMs = 100\nreconnect.maxDelayMs = 400\n', { ...control.env });
    const third = await host.log.wait('device_error', () => host.log.named('device_error').length >= 3);
    await control.misbehave('');
    await host.log.wait('device_ready');
    for (const { data } of host.log.named('device_error')) {
      expect(data).toMatchObject({ code: 'camera_in_use', recoverable: true, retry_in_ms: expect.any(Number) });
    }
    expect(host.log.named('device_error')[0]?.in_reply_to).toMatch(/^assign_device_/);
    expect(third).not.toHaveProperty('in_reply_to');
    expect(host.log.named('device_ready')[0]).not.toHaveProperty('in_reply_to');
  });

  it('shows its user the first failed attempt and each change of the code, and not every attempt', async () => {
    const control = await cameraControl(folder.path);
    await control.misbehave('in-use');
    const host = await launch('reconnect.firstDelayMs = 50\nreconnect.maxDelayMs = 100\n', { ...control.env });
    const failedWith = (text: string): Promise<unknown> =>
      host.log.wait(
        'device_error',
        () =>
          host.log.named('device_error').filter(({ data }) => `${data.code} ${data.error}`.includes(text)).length > 2,
      );
    await failedWith('camera_in_use');
    await control.misbehave('fail-with=odd words');
    await failedWith('odd words');
    await control.misbehave('fail-with=other words');
    await failedWith('other words');
    await control.misbehave('not-found');
    await failedWith('camera_not_found');
    await control.misbehave('');
    await host.log.wait('device_ready');
    await host.end();
    const lines = host.stderr().split('\n');
    const codes = lines.flatMap((line) => /^error: picam:0: (\w+): .* The next attempt is in \d/.exec(line)?.[1] ?? []);
    expect(codes).toEqual(['camera_in_use', 'capture_failed', 'camera_not_found']);
  });

  it('is told once that the capture tool which it names is missing', async () => {
    const host = await launch(`camera.tool = ${join(folder.path, 'no-such-tool')}\n`);
    const { data } = await host.log.wait('device_error');
    expect(data).toMatchObject({ code: 'capture_tool_missing', recoverable: false });
    expect(data).not.toHaveProperty('retry_in_ms');
    expect((await host.expect('status_report', { command: 'get_status' })).data.cameras).toEqual([]);
  });

  it('has the rest of a trial recorded when its camera was lost, under the label that somebody typed', async () => {
    const control = await cameraControl(folder.path);
    const host = await launch('resolution = 640x480\nreconnect.firstDelayMs = 50\n', { ...control.env });
    await host.log.wait('device_ready');
    await host.expect('command_ack', { command: 'start_session' });
    const label = `left\teye, ${'x'.repeat(300)}`;
    const first = await host.expect('recording_started', {
      command: 'resume_recording',
      trial_number: 2,
      trial_label: label,
    });
    const clean = `left eye, ${'x'.repeat(246)}`;
    expect(first.data).toMatchObject({ trial_number: 2, take: 1, trial_label: clean });
    expect(first.data.video_path.startsWith(join(folder.path, 'CSICameras'))).toBe(true);
    expect(host.log.named('warning').map(({ data }) => data.code)).toEqual(['label_cleaned']);
    await waitForFrames(host, 5);
    await control.misbehave('exit-after=1');
    await host.log.wait('device_error');
    await control.misbehave('');
    const second = await host.log.wait('recording_started', ({ data }) => data.take === 2);
    expect(second.data).toMatchObject({ trial_number: 2, trial_label: clean });
    await waitForFrames(host, 5);
    const stopped = await host.expect('recording_stopped', { command: 'pause' });
    expect(stopped.data).toMatchObject({ trial_number: 2, take: 2, reason: 'command' });
    for (const { data } of host.log.named('recording_stopped')) {
      await expectWholeRecording(data, { width: 640, height: 480, label: clean });
    }
    expect(
      await host.expect('preview_toggled', { command: 'toggle_preview', camera_id: 0, enabled: false }),
    ).toMatchObject({
      data: { success: true, enabled: false },
    });
  });
});
