import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as nextLook } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { childHost, type ChildHost } from '../harness/child-host.js';
import { temporaryFolder } from '../harness/temporary-folder.js';
import { expectWholeRecording, waitForFrames } from '../harness/whole-recording.js';

const COMMANDS = 12_000;
/** Statuses that may wait in the module, and generously what pipe, sockets and streams hold besides. */
const MOST_HEARD = 4_096 + 4_000;
const MIB = 1024 * 1024;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let host: ChildHost;

beforeEach(async () => {
  folder = await temporaryFolder();
  host = await childHost({ folder: folder.path, isPiped: true });
});

afterEach(async () => {
  await host.end();
  await folder.remove();
});

async function residentBytes(): Promise<number> {
  const pid = host.log.named('ready')[0]?.data.pid;
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

/** Commands run in order: a snapshot is written when all that was sent before it is done. */
async function allDone(session: string): Promise<void> {
  for (;;) {
    host.send({ command: 'take_snapshot' }); // refused while the queue is full
    await nextLook(100);
    if ((await readdir(session, { recursive: true })).some((name) => name.endsWith('.jpg'))) return;
  }
}

it('goes on recording for a host that stops reading, keeps the newest statuses and counts what it lost', async () => {
  const session = join(folder.path, 'session_1');
  await host.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
  await host.expect('recording_started', { command: 'start_recording', session_dir: session });
  await waitForFrames(host, 5);
  const before = await residentBytes();
  const heardBefore = host.log.all.length;

  host.process.stdout?.pause();
  const ids = Array.from({ length: COMMANDS }, () => host.send({ command: 'get_status' }));
  await allDone(session);
  expect((await residentBytes()) - before).toBeLessThan(128 * MIB);
  expect(host.log.all.length - heardBefore).toBeLessThan(500);

  host.process.stdout?.resume();
  const { data } = await host.expect('recording_stopped', { command: 'stop_recording' });
  const confessed = host.log
    .named('warning')
    .filter((warning) => warning.data.code === 'statuses_lost')
    .reduce((sum, warning) => sum + Number(/(\d+) statuses/.exec(warning.data.message)?.[1]), 0);
  const isAsked = new Set(ids);
  const answered = host.log.all.filter(({ in_reply_to: id }) => id !== undefined && isAsked.has(id));
  expect(answered.length).toBeLessThan(MOST_HEARD);
  // Of the snapshots and heartbeats some are lost, too; of the answers none is unaccounted for.
  expect(answered.length + confessed).toBeGreaterThanOrEqual(COMMANDS);
  expect(answered.length + confessed).toBeLessThan(COMMANDS + 100);
  const answeredIds = new Set(answered.map(({ in_reply_to: id }) => id));
  expect(ids.slice(-1_000).filter((id) => !answeredIds.has(id))).toEqual([]);

  expect(data).toMatchObject({ reason: 'command', dropped: 0 });
  expect(data.frames).toBeGreaterThan(30);
  await expectWholeRecording(data, { width: 640, height: 480 });
});
