import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as nextLook } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect } from '@jest/globals';
import type { StatusData } from '../../src/protocol/statuses.js';
import { cleanFolder } from '../harness/clean-folder.js';
import type { InProcessHost } from '../harness/in-process-host.js';
import { MAIN } from '../harness/paths.js';
import { recordingHost } from '../harness/recording-host.js';
import { itWithSmallDisk, smallDisk, type SmallDisk } from '../harness/small-disk.js';
import { verifyRecording } from '../harness/verify-recording.js';
import { waitForFrames } from '../harness/whole-recording.js';

const MIB = 1024 * 1024;

describe('a disk that no path leads to any more while it is recorded to', () => {
  const folder = cleanFolder(() => host?.end());
  let host: InProcessHost | undefined;
  let disk: SmallDisk | undefined;

  beforeEach(() => {
    host = undefined;
    disk = undefined;
  });

  afterEach(async () => {
    await host?.end();
    await disk?.remove();
  });

  interface Recording {
    readonly disk: SmallDisk;
    readonly host: InProcessHost;
    readonly other: string;
    readonly made: StatusData<'recording_started'>;
  }

  async function begin(): Promise<Recording> {
    disk = await smallDisk('8g');
    const other = await disk.otherPath();
    host = await recordingHost({ folder: folder.path, config: { recording: { minFreeBytes: MIB } } });
    const start = { command: 'start_recording', session_dir: join(disk.path, 'session_1') };
    const { data: made } = await host.expect('recording_started', start);
    await waitForFrames(host, 20);
    return { disk, host, other, made };
  }

  /** All frames are on the disk, where another path shows it; no path was told that does not lead to them. */
  async function expectKept({ disk: { path }, host: { log }, other, made }: Recording): Promise<void> {
    const [stopped] = log.named('recording_stopped').map(({ data }) => data);
    expect(stopped).toMatchObject({ reason: 'command', dropped: 0, take: 1, video_path: null, timing_path: null });
    expect(stopped?.frames).toBe(stopped?.delivered);
    expect(log.named('recording_error')).toEqual([]);
    await verifyRecording({
      videoPath: made.video_path.replace(path, other),
      timingPath: made.timing_path.replace(path, other),
      frames: stopped?.frames ?? 0,
      width: 640,
      height: 480,
    });
  }

  /** There is no place beside the video. */
  const NO_INFO: unknown = expect.stringMatching(/^The info file of a recording was not written/);
  const warnings = ({ host: { log } }: Recording): string[] => log.named('warning').map(({ data }) => data.message);

  itWithSmallDisk('unmounted lazily: the recording goes on, and says that its disk is no longer mounted', async () => {
    const recording = await begin();
    await recording.disk.unmountLazily();
    const warning = await recording.host.log.wait('warning');
    expect(warning.data).toMatchObject({
      code: 'session_dir_moved',
      message: `The recording goes on, but ${recording.made.video_path} is on a disk that is no longer mounted. No path leads to it.`,
    });
    await waitForFrames(recording.host, 150);
    const { data } = await recording.host.expect('status_report', { command: 'get_status' });
    expect(data.cameras[0]?.recording).toMatchObject({ video_path: null, timing_path: null });
    await recording.host.expect('recording_stopped', { command: 'stop_recording' });
    await expectKept(recording);
    expect(warnings(recording)).toEqual([warning.data.message, NO_INFO]);
  });

  itWithSmallDisk('unmounted just before the stop: the end says so', async () => {
    const recording = await begin();
    await recording.disk.unmountLazily();
    await recording.host.expect('recording_stopped', { command: 'stop_recording' });
    await expectKept(recording);
    expect(warnings(recording)).toEqual([
      expect.stringMatching(
        /^The recording (?:has ended|goes on), but .*\.avi is on a disk that is no longer mounted\./,
      ),
      NO_INFO,
    ]);
  });

  itWithSmallDisk('mounted over by a full one: the recording goes on, and says what is in the way', async () => {
    const recording = await begin();
    await recording.disk.mountOver();
    const { data } = await recording.host.log.wait('warning');
    expect(data.message).toContain('is on a disk that another one was mounted over.');
    await waitForFrames(recording.host, 200);
    await recording.host.expect('recording_stopped', { command: 'stop_recording' });
    await expectKept(recording);
    expect(await readdir(recording.disk.path)).toEqual([]);
  });

  itWithSmallDisk('is told to people in the summary of a recording', async () => {
    disk = await smallDisk('8g');
    const out = join(disk.path, 'session_1');
    const args = ['record', '--simulate', '--size', '640x480', '--fps', '60', '--min-free-bytes', '0', '--out', out];
    const recorder = spawn(process.execPath, [MAIN, ...args, '--log-dir', join(folder.path, 'logs')]);
    let [stdout, stderr] = ['', ''];
    recorder.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
    recorder.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
    const ended = once(recorder, 'close');
    while (!/\d\d frames/.test(stderr)) await nextLook(20);
    await disk.unmountLazily();
    while (!stderr.includes('no longer mounted')) await nextLook(20);
    recorder.kill('SIGINT');
    await ended;
    expect(stderr).toMatch(/warning: The recording goes on, but .*\.avi is on a disk that is no longer mounted\./);
    expect(stdout).toMatch(
      /^Recorded \d+ frames .*\n {2}video {4}on a disk that is no longer mounted.*\n {2}timing {3}on a/,
    );
    expect(stdout).not.toContain(disk.path);
  });
});
