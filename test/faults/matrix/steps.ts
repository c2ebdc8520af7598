import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as nextLook } from 'node:timers/promises';
import { promisify } from 'node:util';
import { messageOf } from '../../../src/core/errors.js';
import type { StatusMessage } from '../../../src/protocol/statuses.js';
import type { ChildHost } from '../../harness/child-host.js';
import type { MockHost, StatusOf } from '../../harness/mock-host.js';
import { decodeMessages, readTiming } from '../../harness/verify-recording.js';
import { waitForFrames } from '../../harness/whole-recording.js';
import { readLogs } from './read-logs.js';
import type { Rig } from './rig.js';

const run = promisify(execFile);

/** What rows do again and again. */

const PATIENCE_MS = 15_000;

export async function assign(host: MockHost): Promise<StatusOf<'device_ready'>> {
  return host.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
}

export async function record(
  host: MockHost,
  sessionDir: string,
  trialNumber = 1,
): Promise<StatusOf<'recording_started'>['data']> {
  const command = { command: 'start_recording', session_dir: sessionDir, trial_number: trialNumber };
  return (await host.expect('recording_started', command)).data;
}

/** `device`: one camera, or all. */
export async function stop(host: MockHost, device?: string): Promise<StatusOf<'recording_stopped'>['data']> {
  return (await host.expect('recording_stopped', { command: 'stop_recording', device_id: device })).data;
}

/** A child host that records: what most faults are injected into. */
export async function recordingChild(rig: Rig, options: Parameters<Rig['child']>[0] = {}): Promise<ChildHost> {
  const host = await rig.child(options);
  await assign(host);
  await record(host, rig.session());
  await waitForFrames(host, 10);
  return host;
}

/** That another recording goes well shows that the module survived. */
export async function recordsAgain(host: MockHost, sessionDir: string, trialNumber = 2): Promise<void> {
  await record(host, sessionDir, trialNumber);
  await waitForFrames(host, 5);
  const stopped = await stop(host);
  assert(stopped.frames >= 5, 'the next recording has frames');
  assert.equal(stopped.reason, 'command');
}

/** Asks until it is so. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const endAt = Date.now() + PATIENCE_MS; Date.now() < endAt; await nextLook(10)) {
    if (await isSo()) return;
  }
  throw new Error(`${what}: not within ${PATIENCE_MS} ms`);
}

/** Tries until it succeeds. */
export async function eventually<T>(what: string, work: () => Promise<T>): Promise<T> {
  let result: { readonly value: T } | undefined;
  let failure: unknown;
  const isDone = async (): Promise<boolean> => {
    try {
      result = { value: await work() };
      return true;
    } catch (thrown) {
      failure = thrown;
      return false;
    }
  };
  await until(what, isDone).catch((late: unknown) => {
    throw new Error(messageOf(late), { cause: failure });
  });
  if (result === undefined) throw new Error(what);
  return result.value;
}

/** Pid of the capture process that was started last. */
export async function cameraPid(host: MockHost): Promise<number> {
  let pid: unknown;
  await until('a capture process in the log', async () => {
    const { application } = await readLogs(host.logDir);
    pid = application.findLast(({ msg }) => msg === 'The capture process started.')?.['pid_'];
    return typeof pid === 'number';
  });
  return Number(pid);
}

/** When a status was made, by the module's own clock: ms since 1970. */
export function timeOf({ timestamp }: StatusMessage): number {
  return Date.parse(timestamp);
}

/** When the last frame of a recording was exposed, by the camera's clock: ms since 1970. */
export async function lastFrameAt(timingPath: string | null): Promise<number> {
  assert(timingPath !== null, 'the recording has a timing file');
  const [row = ''] = (await readFile(timingPath, 'utf8')).trimEnd().split('\n').slice(-1);
  return Number(row.split(',')[4]) * 1000;
}

/** Names of the statuses that tell of devices and recordings, in order. */
export function course(host: MockHost): string[] {
  return host.log.names().filter((name) => /^(?:recording_|device_(?:error|ready|unassigned))/.test(name));
}

export function stoppedOf(host: MockHost, index = 0): StatusOf<'recording_stopped'>['data'] {
  const stopped = host.log.named('recording_stopped')[index];
  assert(stopped !== undefined, `a recording_stopped number ${index + 1}: ${host.log.summary()}`);
  return stopped.data;
}

/** Frames of the running recording by the module's own word. */
export async function framesSoFar(host: MockHost): Promise<number> {
  const { data } = await host.expect('status_report', { command: 'get_status' });
  return data.cameras[0]?.recording?.frames ?? 0;
}

/**
 * A video that nobody finished: frames that ffprobe finds, and the sensor's timestamp of the last one by its row. Throws
 * where a decoder complains or a frame has no row.
 */
export async function openedUnrepaired(
  videoPath: string,
): Promise<{ readonly frames: number; readonly lastNs: bigint }> {
  assert.equal(await decodeMessages(videoPath), '', 'messages of the decoder');
  const entries = ['-count_packets', '-show_entries', 'stream=nb_read_packets', '-of', 'csv=p=0'];
  const { stdout } = await run('ffprobe', ['-v', 'error', ...entries, videoPath]);
  const frames = Number.parseInt(stdout, 10);
  const rows = await readTiming(videoPath.replace(/\.avi$/, '_timing.csv'));
  const row = rows[frames - 1];
  assert(row !== undefined, `${frames} frames, but ${rows.length} rows`);
  return { frames, lastNs: row.sensorTimestampNs };
}
