import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { systemClock } from '../../../../src/core/clock.js';
import { realFileSystem } from '../../../../src/core/file-system.js';
import { withResolve } from '../../../../src/core/within.js';
import { ThreadTakes } from '../../../../src/pipeline/thread/thread-takes.js';
import { DEFAULT_GEOMETRY } from '../../../../src/recording/avi/avi-layout.js';
import { FileRecordingSession } from '../../../../src/recording/file-recording-session.js';
import type { RecordingPaths } from '../../../../src/recording/recording-session.js';
import { describeWithFfprobe } from '../../../harness/describe-with-ffprobe.js';
import { jpegFrames } from '../../../harness/jpeg-frames.js';
import { MemoryLogSink } from '../../../harness/memory-log-sink.js';
import { expectDamage } from '../../../harness/recordings-held.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';
import { verifyRecording } from '../../../harness/verify-recording.js';
import { ORDER } from '../../../unit/pipeline/pipeline-rig.js';

describeWithFfprobe('what a dead thread left open', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let log: MemoryLogSink;
  let takes: ThreadTakes;
  let closings: (() => Promise<unknown>)[];

  beforeEach(async () => {
    folder = await temporaryFolder();
    expectDamage(folder.path, 'what plays the dead thread writes on at its end, or its video was moved');
    log = new MemoryLogSink();
    takes = new ThreadTakes({ fileSystem: realFileSystem, log: log.log.bind(log) });
    closings = [];
  });

  afterEach(async () => {
    for (const close of closings) await close();
    await folder.remove();
  });

  /** As a thread does that dies before it can close: the last ten frames are not committed. */
  async function leaveOpen(): Promise<RecordingPaths> {
    const geometry = { ...DEFAULT_GEOMETRY, growthBytes: 2 ** 16 };
    const session = new FileRecordingSession({
      fileSystem: realFileSystem,
      clock: systemClock,
      sync: 'never',
      geometry,
      onFiles: takes.note.bind(takes),
    });
    const order = { ...ORDER, sessionDir: folder.path };
    const recording = session.begin({ ...order, width: 64, height: 48, fps: 30 });
    closings.push(() => recording.close());
    const frames = jpegFrames(30);
    await recording.append(frames.slice(0, 20));
    await recording.checkpoint();
    await recording.append(frames.slice(20));
    const { paths } = recording;
    if (paths === null) throw new Error('Nothing was recorded.');
    return paths;
  }

  async function contents(paths: RecordingPaths): Promise<string> {
    const hash = createHash('md5');
    for (const path of [paths.videoPath, paths.timingPath]) hash.update(await readFile(path));
    return hash.digest('hex');
  }

  it('is closed when the thread is gone, not before', async () => {
    const left = await leaveOpen();
    const asItWas = await contents(left);
    const { promise: whenGone, resolve } = withResolve<void>();
    const closing = takes.closeAll(whenGone);
    await new Promise((done) => setTimeout(done, 30));
    expect(await contents(left)).toBe(asItWas);
    resolve();
    await closing;
    expect(log.lines).toMatchObject([{ level: 'warn', message: expect.stringContaining('dead thread') }]);
    await verifyRecording({ ...left, frames: 20, width: 64, height: 48 });
  });

  it('is its own only: a living thread of the same process goes on with its own, in the same folder', async () => {
    const left = await leaveOpen();
    const other = await leaveOpen();
    takes.note(other.videoPath, false); // the other thread's: this one never named it
    const asItWas = await contents(other);
    await takes.closeAll(Promise.resolve());
    expect(await contents(other)).toBe(asItWas);
    await verifyRecording({ ...left, frames: 20, width: 64, height: 48 });
  });

  it('is not what it closed itself, nor what somebody else put there', async () => {
    const left = await leaveOpen();
    await closings.pop()?.();
    const other = await leaveOpen();
    await realFileSystem.rename(left.videoPath, other.videoPath);
    const asItWas = await contents(other);
    await takes.closeAll(Promise.resolve());
    expect(await contents(other)).toBe(asItWas);
    expect(log.lines).toEqual([]);
  });

  it('is looked for once: what the next thread opens is not', async () => {
    const first = takes.closeAll(Promise.resolve());
    const next = await leaveOpen();
    const asItWas = await contents(next);
    await first;
    expect(await contents(next)).toBe(asItWas);
  });
});
