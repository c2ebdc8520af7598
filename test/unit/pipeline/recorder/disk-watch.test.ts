import { beforeEach, describe, expect, it } from '@jest/globals';
import { fileError } from '../../../../src/core/errors.js';
import type { Unreachable, Whereabouts } from '../../../../src/recording/recording-session.js';
import { PipelineRig, SLOW_FPS } from '../pipeline-rig.js';

const MIB = 1024 * 1024;

describe('a recording that keeps room on the disk', () => {
  let rig: PipelineRig;

  beforeEach(async () => {
    rig = new PipelineRig({ minFreeBytes: 256 * MIB });
    await rig.openStream();
  });

  const warnings = (): unknown[] => rig.all('warning').map(({ code }) => code);
  const remarks = (): string[] => rig.all('log').map(({ message }) => message);
  const second = (): Promise<void> => rig.clock.advance(1_000);
  /** A second in which the disk loses so much, and the camera brings a frame. */
  const secondOf = async (bytes: number): Promise<void> => {
    rig.disk.free -= bytes;
    await rig.frames(1);
    await second();
  };

  it('does not begin where less is free, and touches nothing', async () => {
    rig.disk.free = 256 * MIB - 1;
    await rig.startRecording();
    await rig.frames(3);
    expect(rig.last('recordingFailed').error).toMatchObject({
      code: 'disk_low',
      message: expect.stringMatching(/^Only 256 MiB are free for .*, but 256 MiB must stay free\. Little space/),
      context: { operation: 'statfs', path: '/data/session_1', device: 'picam:0', trial: 7, freeBytes: 256 * MIB - 1 },
    });
    expect(rig.session.recording).toMatchObject({ batches: [], isClosed: true });
    expect(rig.all('recordingStarted')).toEqual([]);
    expect(rig.source.ledger.held).toBe(0);
    rig.disk.free = 300 * MIB;
    await rig.startRecording();
    await rig.frames(3);
    expect(rig.all('recordingStarted')).toHaveLength(1);
  });

  it('loses no frame to a disk that takes its time to say what is free', async () => {
    rig.disk.barrier.close();
    await rig.startRecording();
    await rig.frames(5);
    expect(rig.session.recording.numbers).toEqual([]);
    rig.disk.barrier.open();
    await rig.frames(1);
    expect(rig.session.recording.numbers).toEqual([2, 3, 4, 5, 6, 7]);
  });

  it('records all the same where the disk does not say within a second, and does not ask it twice', async () => {
    rig.disk.barrier.close();
    await rig.startRecording();
    await rig.frames(5);
    await rig.clock.advance(10_000);
    await rig.frames(5);
    expect(rig.session.recording.frames).toBe(10);
    expect(rig.disk.asked).toHaveLength(2);
    await rig.stopRecording();
    expect(rig.last('recordingStopped').summary).toMatchObject({ frames: 10, error: null });
    expect(remarks()).toEqual(['The disk did not report its free space within 1 s; recording starts anyway.']);
  });

  it('records without a word where the file system does not count its space', async () => {
    Object.assign(rig.disk, { freeBytes: () => Promise.resolve(null), freeBytesOfOpen: () => Promise.resolve(null) });
    await rig.startRecording();
    for (let index = 0; index < 5; index += 1) await secondOf(0);
    expect(rig.session.recording.frames).toBe(5);
    expect(warnings()).toEqual([]);
    expect(remarks()).toEqual([]);
  });

  it('says once, not every second, that the disk cannot be asked, and goes on', async () => {
    rig.disk.error = fileError('statfs', '/data/session_1', { code: 'EIO' });
    await rig.startRecording();
    await rig.frames(5);
    await rig.clock.advance(5_000);
    expect(rig.session.recording.frames).toBe(5);
    expect(
      rig
        .all('log')
        .filter(
          ({ message }) =>
            message === 'A disk check failed; free space and moved files go unnoticed until one succeeds.',
        ),
    ).toEqual([
      expect.objectContaining({
        level: 'error',
        context: expect.objectContaining({ operation: 'statfs', errno: 'EIO', trial: 7, device: 'picam:0' }),
      }),
    ]);
  });

  it('warns with the minutes left, then ends in time with what was recorded', async () => {
    rig.disk.free = 256 * MIB + 100 * MIB;
    await rig.startRecording();
    await rig.frames(2);
    let seconds = 0;
    for (; rig.all('recordingStopped').length === 0; seconds += 1) await secondOf(MIB);
    expect(seconds).toBeGreaterThan(95);
    expect(rig.disk.free).toBeGreaterThanOrEqual(256 * MIB);
    expect(warnings()).toEqual(['disk_low_soon']);
    expect(rig.last('warning').message).toMatch(
      /^At the present rate, only 256 MiB will be free for \S+ in about 1 min/,
    );
    const { summary } = rig.last('recordingStopped');
    expect(summary).toMatchObject({ reason: 'disk_full', frames: 2 + seconds, error: { code: 'disk_low' } });
    expect(summary.counts).toMatchObject({ delivered: 2 + seconds, recorded: 2 + seconds, dropped: 0 });
    expect(rig.all('recordingFailed')).toEqual([]);
  });

  it('goes on where another program takes most of a disk in one step', async () => {
    rig.disk.free = 98_000 * MIB;
    await rig.startRecording();
    for (let index = 0; index < 5; index += 1) await secondOf(0.6 * MIB);
    rig.disk.free = 13_163 * MIB;
    for (let index = 0; index < 40; index += 1) await secondOf(0.6 * MIB);
    expect(rig.session.recording.frames).toBe(45);
    expect(warnings()).toEqual([]);
  });

  it('says at which rate the limit would be passed where it is not reached yet', async () => {
    rig.disk.free = 256 * MIB + 95 * MIB;
    await rig.startRecording();
    await rig.frames(2);
    while (rig.all('recordingStopped').length === 0) await secondOf(10 * MIB);
    expect(rig.last('recordingStopped').summary.error?.message).toMatch(
      /^Only 261 MiB are free for \S+, but 256 MiB must stay free\. At 10 MiB a second, the next check would be too late\. /,
    );
  });

  it('judges the disk that holds the open video, whatever the path leads to by now', async () => {
    await rig.startRecording();
    await rig.frames(2);
    rig.disk.freeOfOpen = rig.disk.free;
    rig.disk.free = 0;
    await rig.clock.advance(5_000);
    expect(rig.all('recordingStopped')).toEqual([]);
    rig.disk.freeOfOpen = 256 * MIB - 1;
    rig.disk.free = 1_000 * MIB;
    await second();
    expect(rig.last('recordingStopped').summary).toMatchObject({ reason: 'disk_full', error: { code: 'disk_low' } });
  });

  it('asks by the path where the system has no /proc', async () => {
    rig.disk.freeOfOpen = null;
    await rig.startRecording();
    await rig.frames(2);
    await rig.clock.advance(3_000);
    expect(rig.all('recordingStopped')).toEqual([]);
    rig.disk.free = 0;
    await second();
    expect(rig.last('recordingStopped').summary.error?.code).toBe('disk_low');
  });

  it('does not believe an answer about a file that was closed meanwhile, nor asks between two parts', async () => {
    await rig.startRecording();
    await rig.frames(2);
    rig.disk.barrier.close();
    rig.disk.free = 0;
    await second();
    rig.session.recording.openVideo = null;
    rig.disk.barrier.open();
    await second();
    const { length } = rig.disk.asked;
    await rig.clock.advance(3_000);
    expect(rig.disk.asked).toHaveLength(length);
    expect(rig.all('recordingStopped')).toEqual([]);
  });

  it('says disk_full where the disk was full before it could end in time', async () => {
    await rig.startRecording();
    await rig.frames(2);
    rig.disk.free = 0;
    rig.session.disk.closeFailure = fileError('write', '/data/x.avi', { code: 'ENOSPC' });
    await second();
    expect(rig.last('recordingStopped').summary).toMatchObject({
      reason: 'disk_full',
      error: { code: 'disk_full', context: { operation: 'write', path: '/data/x.avi', errno: 'ENOSPC', trial: 7 } },
    });
  });

  it('leaves a stop that was asked for as it is', async () => {
    await rig.startRecording();
    await rig.frames(2);
    rig.disk.barrier.close();
    await second();
    rig.session.disk.closes.close();
    await rig.stopRecording();
    rig.disk.free = 0;
    rig.disk.barrier.open();
    rig.session.disk.closes.open();
    await rig.frames(1);
    expect(rig.last('recordingStopped').summary).toMatchObject({ reason: 'command', error: null });
  });

  it('is asked no more when the recording is over', async () => {
    await rig.startRecording();
    await rig.frames(2);
    await rig.stopRecording();
    const { length } = rig.disk.asked;
    await rig.clock.advance(5_000);
    expect(rig.disk.asked).toHaveLength(length);
  });

  it('tells with its figures what is free and how fast it goes, beginning with the first answer', async () => {
    rig.disk.free = 1_000 * MIB;
    const told = (): unknown => rig.last('figures').figures.recording?.disk;
    await rig.startRecording();
    await rig.frames(2);
    await rig.clock.advance(500);
    expect(told()).toEqual({ freeBytes: 1_000 * MIB, toldNs: expect.any(BigInt), writtenPerS: 0, lostPerS: 0 });
    for (let index = 0; index < 4; index += 1) await secondOf(10 * MIB);
    rig.disk.barrier.close();
    const answeredNs = rig.clock.monotonicNs();
    await rig.clock.advance(2_500);
    expect(told()).toMatchObject({ freeBytes: 960 * MIB, lostPerS: 10 * MIB, writtenPerS: expect.any(Number) });
    const { toldNs, writtenPerS } = rig.last('figures').figures.recording?.disk ?? { toldNs: 0n, writtenPerS: 0 };
    expect(writtenPerS).toBeGreaterThan(0);
    expect(answeredNs - toldNs).toBeLessThan(1_000_000_000n);
    expect(rig.clock.monotonicNs() - toldNs).toBeGreaterThanOrEqual(2_500_000_000n);
    rig.disk.barrier.open();
  });

  it('only tells the free space where there is no limit', async () => {
    const free = new PipelineRig({ minFreeBytes: 0 });
    free.disk.free = 0;
    await free.openStream();
    await free.startRecording();
    await free.frames(2);
    await free.clock.advance(3_000);
    expect(free.session.recording.frames).toBe(2);
    expect(free.all('recordingStopped')).toEqual([]);
    expect(free.all('warning')).toEqual([]);
    expect(free.last('figures').figures.recording?.disk).toMatchObject({ freeBytes: 0 });
  });
});

function unreachable(why: Unreachable['why']): Unreachable {
  return { kind: 'unreachable', path: '/data/a.avi', why };
}

describe('a recording whose files others move or remove', () => {
  it.each<[Whereabouts, string]>([
    [{ kind: 'moved', path: '/data/a.avi', to: '/trash/a.avi' }, 'was moved; it is now /trash/a.avi'],
    [unreachable('unknown'), 'is no longer there; the system does not report its new path'],
    [unreachable('unmounted'), 'is on a disk that is no longer mounted. No path leads to it'],
    [
      unreachable('mountedOver'),
      'is on a disk that another one was mounted over. No path leads to it until that one is unmounted',
    ],
  ])('goes on and warns once (%j)', async (whereabouts, words) => {
    const rig = new PipelineRig();
    await rig.openStream();
    await rig.startRecording();
    await rig.frames(2);
    rig.session.disk.whereabouts = whereabouts;
    await rig.clock.advance(3_000);
    await rig.frames(2, SLOW_FPS);
    expect(rig.all('warning')).toEqual([
      {
        type: 'warning',
        run: 1,
        code: 'session_dir_moved',
        message: `The recording goes on, but /data/a.avi ${words}.`,
      },
    ]);
    expect(rig.session.recording.frames).toBe(4);
  });

  it('says at the end what came too late for a check, once', async () => {
    const rig = new PipelineRig();
    await rig.openStream();
    await rig.startRecording();
    await rig.frames(2);
    rig.session.disk.unreachableAtClose = unreachable('unmounted');
    await rig.stopRecording();
    expect(rig.all('warning').map(({ message }) => message)).toEqual([
      'The recording has ended, but /data/a.avi is on a disk that is no longer mounted. No path leads to it.',
    ]);
    expect(rig.said.indexOf('warning')).toBeLessThan(rig.said.indexOf('recordingStopped'));
    expect(rig.last('recordingStopped').summary).not.toHaveProperty('unreachable');

    await rig.startRecording();
    await rig.frames(2);
    rig.session.disk.whereabouts = unreachable('unmounted');
    await rig.clock.advance(2_000);
    await rig.stopRecording();
    expect(rig.all('warning')).toHaveLength(2);
  });

  it('ends within a second where they were removed, and counts every frame as lost', async () => {
    const rig = new PipelineRig();
    await rig.openStream();
    await rig.startRecording();
    await rig.frames(4);
    rig.session.disk.whereabouts = { kind: 'removed', path: '/data/a.avi' };
    rig.session.disk.lostAtClose = 4;
    await rig.clock.advance(1_000);
    expect(rig.last('recordingStopped').summary).toMatchObject({
      paths: null,
      frames: 0,
      reason: 'io_error',
      error: {
        code: 'invalid_session_dir',
        message: expect.stringMatching(/^The recording was removed while it was being written: \/data\/a\.avi\./),
        context: { path: '/data/a.avi', device: 'picam:0', trial: 7 },
      },
      counts: { delivered: 4, recorded: 0, dropped: 4 },
    });
  });

  it('goes on where the disk does not say where they are', async () => {
    const rig = new PipelineRig();
    await rig.openStream();
    await rig.startRecording();
    await rig.frames(2);
    rig.session.disk.whereabouts = Object.assign(new Error('EIO: stat'), { code: 'EIO' });
    await rig.clock.advance(3_000);
    await rig.stopRecording();
    expect(rig.last('recordingStopped').summary).toMatchObject({ frames: 2, error: null });
    expect(rig.all('log')).toHaveLength(1);
  });
});
