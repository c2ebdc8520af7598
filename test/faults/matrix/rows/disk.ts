import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { realFileSystem, type FileSystem } from '../../../../src/core/file-system.js';
import { FaultyFileSystem, type Fault } from '../../../harness/faulty-file-system.js';
import type { MockHost } from '../../../harness/mock-host.js';
import { waitForFrames } from '../../../harness/whole-recording.js';
import type { FaultRow, Seen, Theme } from '../fault-row.js';
import { readLogs, type LogRecord } from '../read-logs.js';
import { canMount, type Rig } from '../rig.js';
import { assign, framesSoFar, record, recordsAgain, stop, stoppedOf, timeOf, until } from '../steps.js';

/** The module must not refuse to begin on a disk that is meant to become full. */
const NO_RESERVE = { recording: { minFreeBytes: 0 } };
const FAST = { camera: { width: 640, height: 480, fps: 60 } };
const DISK_KIB = 6 * 1024;

const onDisk = canMount ? 'a real disk (tmpfs)' : 'a file system with a quota (no right to mount a small disk)';

interface Disk {
  readonly host: MockHost;
  readonly session: string;
  /** Makes room again. */
  readonly free: () => Promise<void>;
}

/** A recording host on a disk of 6 MiB; all but `freeKib` of it is taken by another file. */
async function onSmallDisk(rig: Rig, freeKib: number): Promise<Disk> {
  if (canMount) {
    const disk = await rig.smallDisk(DISK_KIB);
    const filler = join(disk, 'filler');
    await writeFile(filler, Buffer.alloc((DISK_KIB - freeKib) * 1024));
    const host = await rig.child({ config: { ...NO_RESERVE, ...FAST } });
    return { host, session: rig.session('session_small', disk), free: () => rm(filler) };
  }
  const disk = new FaultyFileSystem();
  disk.limitTo(freeKib / 4);
  const host = await rig.inProcess({
    config: { ...NO_RESERVE, ...FAST },
    dependencies: { fileSystem: disk.fileSystem },
  });
  return {
    host,
    session: rig.session(),
    free: () => {
      disk.unlimit();
      return Promise.resolve();
    },
  };
}

interface Failing {
  readonly fault: string;
  readonly injected: string;
  readonly expected: string;
  readonly faults: readonly Fault[];
  readonly reason: string;
  readonly code: string;
  /** What its sentence has to say; default: nothing special. */
  readonly says?: string;
}

/** A file operation fails in the middle of a recording: the recording ends, the rest lives. */
const fails = ({ fault, injected, expected, faults, reason, code, says = '' }: Failing): FaultRow => ({
  fault,
  injected: `in process (faulty file system): ${injected}`,
  expected: `recording_stopped (${reason}) and one recording_error ${code}; ${expected}; the camera streams on, the next recording works`,
  async run(rig) {
    const disk = new FaultyFileSystem();
    const host = await rig.inProcess({ config: NO_RESERVE, dependencies: { fileSystem: disk.fileSystem } });
    await assign(host);
    await record(host, rig.session());
    await waitForFrames(host, 10);
    const injections = faults.map((each) => disk.inject(each));
    const at = Date.now();
    const error = await host.log.wait('recording_error');
    assert(error.data.error.includes(says), error.data.error);
    await host.log.wait('recording_stopped');
    for (const injection of injections) injection.end();
    return ended(host, rig.session(), { reason, code, detectMs: timeOf(error) - at });
  },
});

async function ended(
  host: MockHost,
  session: string,
  { reason, code, detectMs }: { readonly reason: string; readonly code: string; readonly detectMs: number },
): Promise<Seen> {
  const stopped = stoppedOf(host);
  const [error, ...more] = host.log.named('recording_error');
  assert.equal(error?.data.code, code, error?.data.error);
  assert.equal(more.length, 0, 'told once');
  assert.equal(stopped.reason, reason);
  assert.equal(host.log.named('device_error').length, 0, 'the camera is not to blame');
  await until('a line with operation, path and errno in the log', async () => {
    const { application } = await readLogs(host.logDir);
    const line = application.find(({ code: logged, errno }) => logged === code && errno !== undefined);
    return line?.['operation'] !== undefined && line['path'] !== undefined;
  });
  await recordsAgain(host, session);
  return {
    seen: `${code}; ${stopped.frames} frames kept, ${stopped.dropped} dropped; the next recording works`,
    detectMs,
  };
}

/** 30 frames are a second; half of them may be in the write that does not come back. */
const OLD_MS = 400;

/** How long a frame had waited when it gave way, ms: the line's wall clock against the frame's monotonic one. */
function ageWhenDropped({ ts, mono_ns: monoNs }: LogRecord): number {
  const wallMinusMonoMs = Date.now() - Number(process.hrtime.bigint() / 1000n) / 1000;
  return Number(ts) * 1000 - wallMinusMonoMs - Number(monoNs) / 1e6;
}

/** The disk does nothing for a while. */
async function stalled(rig: Rig, config: object, stallMs: number): Promise<{ host: MockHost; maxFill: number }> {
  const disk = new FaultyFileSystem();
  const host = await rig.inProcess({
    config: { ...NO_RESERVE, ...config },
    dependencies: { fileSystem: disk.fileSystem },
  });
  await assign(host);
  await record(host, rig.session());
  await waitForFrames(host, 10);
  let goOn = (): void => undefined;
  const stalling = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const injection = disk.inject({ operation: 'writev', path: '.avi', effect: { kind: 'stall', until: stalling } });
  await pause(stallMs);
  const { data } = await host.expect('status_report', { command: 'get_status' });
  injection.end();
  goOn();
  await waitForFrames(host, (await framesSoFar(host)) + 20);
  return { host, maxFill: data.cameras[0]?.buffer.frames ?? 0 };
}

async function spaceRunsLow(rig: Rig): Promise<Seen> {
  const config = { ...FAST, recording: { minFreeBytes: 6 * 1024 * 1024 } };
  const session = rig.session('session_low', canMount ? await rig.smallDisk(4 * DISK_KIB) : rig.folder);
  const host = canMount ? await rig.child({ config }) : await withShrinkingDisk(rig, config);
  await assign(host);
  await record(host, session);
  const error = await host.log.wait('recording_error');
  await host.log.wait('recording_stopped');
  const stopped = stoppedOf(host);
  assert.equal(error.data.code, 'disk_low', error.data.error);
  assert.equal(stopped.reason, 'disk_full');
  assert.equal(stopped.dropped, 0);
  const warnings = host.log.named('warning').map(({ data }) => data.code);
  assert(warnings.includes('disk_low_soon'), `warnings: ${warnings.join(', ')}`);
  return { seen: `${warnings.join(', ')}; ${error.data.code}; ${stopped.frames} frames kept` };
}

async function withShrinkingDisk(rig: Rig, config: object): Promise<MockHost> {
  let freeBytes = 24 * 1024 * 1024;
  const statfs = (): Promise<object> => {
    freeBytes -= 2 * 1024 * 1024;
    return Promise.resolve({ bsize: 1n, bavail: BigInt(freeBytes) });
  };
  const fileSystem = { ...realFileSystem, statfs: statfs as unknown as FileSystem['statfs'] };
  return rig.inProcess({ config, dependencies: { fileSystem } });
}

const rows: readonly FaultRow[] = [
  {
    fault: 'disk full while recording',
    injected: `${onDisk} with 3 MiB free, a camera of 60 fps`,
    expected:
      'recording_stopped (disk_full) and one recording_error disk_full; what fitted is whole; the next recording works when there is space',
    async run(rig) {
      const { host, session, free } = await onSmallDisk(rig, 3 * 1024);
      await assign(host);
      await record(host, session);
      await host.log.wait('recording_error');
      await host.log.wait('recording_stopped');
      await free();
      return withoutDetection(await ended(host, session, { reason: 'disk_full', code: 'disk_full', detectMs: 0 }));
    },
  },
  {
    fault: 'disk full from the start',
    injected: `${onDisk} without a free block`,
    expected: 'recording_error disk_full, no empty file, no folder; the next recording works when there is space',
    async run(rig) {
      const { host, session, free } = await onSmallDisk(rig, 0);
      await assign(host);
      const answer = await host.expect('recording_error', { command: 'start_recording', session_dir: session });
      assert.equal(answer.data.code, 'disk_full', answer.data.error);
      await free();
      await recordsAgain(host, session);
      return { seen: `${answer.data.code}; the next recording works` };
    },
  },
  {
    fault: 'too little space to begin',
    injected: 'recording.minFreeBytes is more than any disk has',
    expected: 'recording_error disk_low, no file and no folder',
    async run(rig) {
      const host = await rig.child({ config: { recording: { minFreeBytes: 2 ** 52 } } });
      await assign(host);
      const answer = await host.expect('recording_error', { command: 'start_recording', session_dir: rig.session() });
      assert.equal(answer.data.code, 'disk_low', answer.data.error);
      return { seen: answer.data.code };
    },
  },
  {
    fault: 'space runs low while recording',
    injected: canMount
      ? 'a real disk (tmpfs) of 24 MiB, recording.minFreeBytes is 6 MiB'
      : 'statfs tells of less and less space (no right to mount a small disk)',
    expected:
      'a warning disk_low_soon, then recording_error disk_low and recording_stopped (disk_full) while space is left for the index; no frame lost',
    run: spaceRunsLow,
  },
  fails({
    fault: 'write error, once',
    injected: 'one write of the video fails with EIO',
    expected: 'what was written before is whole',
    faults: [{ operation: 'writev', path: '.avi', times: 1, effect: { kind: 'fail', errno: 'EIO' } }],
    reason: 'io_error',
    code: 'io_error',
  }),
  fails({
    fault: 'write error, the disk is dead',
    injected: 'every write of video and rows fails with EIO from a moment on',
    expected: 'what was committed before is whole',
    faults: [
      { operation: 'writev', path: /\.(?:avi|csv)$/, effect: { kind: 'fail', errno: 'EIO' } },
      { operation: 'write', path: /\.(?:avi|csv)$/, effect: { kind: 'fail', errno: 'EIO' } },
    ],
    reason: 'io_error',
    code: 'io_error',
  }),
  fails({
    fault: 'read-only remount',
    injected: 'every write fails with EROFS (a real remount is refused while a file is open for writing)',
    expected: 'the error says so; what was committed before is whole',
    says: 'The disk is mounted read-only',
    faults: [
      { operation: 'writev', path: /\.(?:avi|csv)$/, effect: { kind: 'fail', errno: 'EROFS' } },
      { operation: 'write', path: /\.(?:avi|csv)$/, effect: { kind: 'fail', errno: 'EROFS' } },
    ],
    reason: 'io_error',
    code: 'io_error',
  }),
  fails({
    fault: 'disk unplugged',
    injected: 'every write and sync fails with ENXIO from a moment on',
    expected: 'the error says that the disk is gone; what was committed before is whole',
    says: 'The disk is gone',
    faults: [
      { operation: 'writev', path: /\.(?:avi|csv)$/, effect: { kind: 'fail', errno: 'ENXIO' } },
      { operation: 'datasync', effect: { kind: 'fail', errno: 'ENXIO' } },
    ],
    reason: 'io_error',
    code: 'io_error',
  }),
  fails({
    fault: 'sync error',
    injected: 'fdatasync of the video fails with EIO',
    expected: 'what was written before is whole',
    faults: [
      { operation: 'datasync', effect: { kind: 'fail', errno: 'EIO' } },
      { operation: 'sync', effect: { kind: 'fail', errno: 'EIO' } },
    ],
    reason: 'io_error',
    code: 'io_error',
  }),
  fails({
    fault: 'quota exceeded',
    injected: 'a write of the video fails with EDQUOT',
    expected: 'told as a full disk, whose quota is used up',
    says: 'quota on this disk is used up',
    faults: [{ operation: 'writev', path: '.avi', times: 1, effect: { kind: 'fail', errno: 'EDQUOT' } }],
    reason: 'disk_full',
    code: 'disk_full',
  }),
  {
    fault: 'short writes',
    injected: 'in process (faulty file system): twenty writes of the video take no more than 1000 bytes each',
    expected: 'nobody notices: the recording is whole',
    async run(rig) {
      const disk = new FaultyFileSystem();
      const host = await rig.inProcess({ config: NO_RESERVE, dependencies: { fileSystem: disk.fileSystem } });
      await assign(host);
      await record(host, rig.session());
      await waitForFrames(host, 10);
      const effect = { kind: 'short', bytes: 1000 } as const;
      const injection = disk.inject({ operation: 'writev', path: '.avi', times: 20, effect });
      await until('twenty short writes', () => injection.hits === 20);
      const stopped = await stop(host);
      assert.deepEqual([stopped.reason, stopped.dropped], ['command', 0]);
      return { seen: `${injection.hits} short writes, ${stopped.frames} frames` };
    },
  },
  {
    fault: 'disk stalls for 5 s',
    injected: 'in process (faulty file system): no write of the video comes back for 5 s',
    expected: 'the buffer takes it: no frame lost, the recording goes on',
    isLong: true,
    async run(rig) {
      const { host, maxFill } = await stalled(rig, {}, 5000);
      const stopped = await stop(host);
      assert.deepEqual([stopped.reason, stopped.dropped], ['command', 0]);
      return { seen: `${maxFill} frames waited, none dropped of ${stopped.delivered}` };
    },
  },
  {
    fault: 'disk stalls, the buffer is too small',
    injected: 'in process (faulty file system): the same for 3 s; the buffer holds 30 frames',
    expected: 'the oldest waiting frames are dropped, each logged as buffer_full; the newest are in the video',
    async run(rig) {
      const { host } = await stalled(rig, { buffer: { maxFrames: 30 } }, 3000);
      const stopped = await stop(host);
      assert.equal(stopped.reason, 'command');
      assert(stopped.dropped > 20, `dropped ${stopped.dropped}`);
      const { drops } = await readLogs(host.logDir);
      const full = drops.filter(({ reason }) => reason === 'buffer_full');
      assert(full.length > 0, 'lines with the reason buffer_full');
      const ages = full.map((drop) => ageWhenDropped(drop));
      assert(
        Math.min(...ages) >= OLD_MS,
        `the newest frame that was dropped was ${Math.round(Math.min(...ages))} ms old`,
      );
      return {
        seen: `${stopped.dropped} of ${stopped.delivered} dropped, each ${Math.round(Math.min(...ages))} ms old or older`,
      };
    },
  },
  {
    fault: 'no more open files',
    injected: 'in process (faulty file system): making the video fails with EMFILE, once',
    expected: 'recording_error io_error, no folder left; the next recording works',
    async run(rig) {
      const disk = new FaultyFileSystem();
      const host = await rig.inProcess({ config: NO_RESERVE, dependencies: { fileSystem: disk.fileSystem } });
      await assign(host);
      disk.inject({ operation: 'open', path: '.avi', times: 1, effect: { kind: 'fail', errno: 'EMFILE' } });
      const answer = await host.expect('recording_error', { command: 'start_recording', session_dir: rig.session() });
      assert.equal(answer.data.code, 'io_error', answer.data.error);
      await recordsAgain(host, rig.session());
      return { seen: `${answer.data.code}; the next recording works` };
    },
  },
];

const withoutDetection = ({ seen }: Seen): Seen => ({ seen });

export const disk: Theme = { title: 'Disk', rows };
