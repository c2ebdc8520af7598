import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DiskRoom, type TakeOnDisk } from '../../../src/module/disk-room.js';
import type { DiskFigures } from '../../../src/pipeline/pipeline-messages.js';
import { FakeDiskSpace } from '../../harness/fake-disk-space.js';
import { ManualClock } from '../../harness/manual-clock.js';

const MIB = 1024 * 1024;
const RESERVE = 256 * MIB;

let clock: ManualClock;
let disk: FakeDiskSpace;
let folder: string | null;
let takes: TakeOnDisk[];
let logged: string[];
let room: DiskRoom;

beforeEach(() => {
  clock = new ManualClock();
  disk = new FakeDiskSpace();
  folder = '/data';
  takes = [];
  logged = [];
  room = new DiskRoom({
    clock,
    disk,
    reserveBytes: RESERVE,
    folder: () => folder,
    takes: () => takes,
    log: (_level, message) => {
      logged.push(message);
    },
  });
});

afterEach(() => {
  room.stop();
  room.stop();
  expect(clock.timers).toBe(0);
});

/** What a take's watch was told now. */
const toldNow = (freeBytes: number, writtenPerS = 0, lostPerS = 0): DiskFigures => ({
  freeBytes,
  toldNs: clock.monotonicNs(),
  writtenPerS,
  lostPerS,
});

describe('the free space while nothing is recorded', () => {
  it('is asked for at the start and every two seconds, and its age is told between', async () => {
    expect(room.describe()).toBeNull();
    room.start();
    await clock.advance(0);
    expect(room.describe()).toEqual({
      free_bytes: 1_000_000_000,
      reserve_bytes: RESERVE,
      seconds_left: null,
      age_ms: 0,
    });
    disk.free = 900_000_000;
    await clock.advance(1_999);
    expect(room.describe()).toMatchObject({ free_bytes: 1_000_000_000, age_ms: 1_999 });
    await clock.advance(1);
    expect(room.describe()).toMatchObject({ free_bytes: 900_000_000, age_ms: 0 });
    expect(disk.asked).toEqual(['/data', '/data']);
  });

  it('is asked for once only while a disk does not answer, and the last answer grows old', async () => {
    room.start();
    await clock.advance(0);
    disk.barrier.close();
    await clock.advance(60_000);
    expect(disk.asked).toHaveLength(2);
    expect(room.describe()).toMatchObject({ free_bytes: 1_000_000_000, age_ms: 60_000 });
    disk.barrier.open();
    await clock.advance(2_000);
    expect(room.describe()).toMatchObject({ age_ms: 0 });
  });

  it('is asked for no more after the end', async () => {
    room.start();
    room.stop();
    await clock.advance(10_000);
    expect(disk.asked).toHaveLength(1);
  });

  it('is not known where there is no folder, nor of a folder on which nobody answered yet', async () => {
    folder = null;
    room.start();
    await clock.advance(4_000);
    expect(disk.asked).toEqual([]);
    expect(room.describe()).toBeNull();
    folder = '/data';
    await clock.advance(2_000);
    expect(room.describe()).not.toBeNull();
    folder = '/mnt/other';
    expect(room.describe()).toBeNull();
    await clock.advance(2_000);
    expect(room.describe()).not.toBeNull();
  });

  it('is not known of a file system that does not count its space', async () => {
    Object.assign(disk, { freeBytes: () => Promise.resolve(null) });
    room.start();
    await clock.advance(2_000);
    expect(room.describe()).toBeNull();
  });

  it('grows old while the disk cannot tell it, which is logged once', async () => {
    room.start();
    await clock.advance(0);
    disk.error = new Error('EIO');
    await clock.advance(10_000);
    expect(room.describe()).toMatchObject({ free_bytes: 1_000_000_000, age_ms: 10_000 });
    expect(logged).toEqual(['The free space is not known.']);
    disk.error = null;
    await clock.advance(2_000);
    expect(room.describe()).toMatchObject({ age_ms: 0 });
    disk.error = new Error('EIO');
    await clock.advance(4_000);
    expect(logged).toHaveLength(2);
  });

  it('is told as a number that JSON holds exactly, whatever the disk says', async () => {
    disk.free = 2 ** 63;
    room.start();
    await clock.advance(0);
    expect(room.describe()?.free_bytes).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe('the free space during recordings', () => {
  it('is what their own watches were told last: the disk is not asked besides', async () => {
    room.start();
    await clock.advance(0);
    takes = [{ folder: '/data/session_1', disk: toldNow(RESERVE + 600 * MIB, 10 * MIB) }];
    await clock.advance(9_000);
    expect(disk.asked).toHaveLength(1);
    expect(room.describe()).toEqual({
      free_bytes: RESERVE + 600 * MIB,
      reserve_bytes: RESERVE,
      seconds_left: 60,
      age_ms: 9_000,
    });
  });

  it('lasts as long as all recordings on the disk together leave it, by the newest answer', async () => {
    const older = toldNow(RESERVE + 900 * MIB, 10 * MIB);
    await clock.advance(400);
    takes = [
      { folder: '/data', disk: older },
      { folder: '/data', disk: toldNow(RESERVE + 600 * MIB, 20 * MIB) },
      { folder: '/data', disk: null },
    ];
    expect(room.describe()).toMatchObject({ free_bytes: RESERVE + 600 * MIB, seconds_left: 20, age_ms: 0 });
  });

  it('lasts as long as others leave it, where they write more than the recordings', () => {
    takes = [
      { folder: '/data', disk: toldNow(RESERVE + 600 * MIB, 10 * MIB, 60 * MIB) },
      { folder: '/data', disk: toldNow(RESERVE + 600 * MIB, 10 * MIB, 60 * MIB) },
    ];
    expect(room.describe()).toMatchObject({ seconds_left: 10 });
  });

  it.each([
    ['nothing is written yet', 0, RESERVE + MIB, null],
    ['the reserve is used up', 10, RESERVE - MIB, 0],
    ['hardly anything is written', 1e-9, RESERVE + 100 * MIB, Number.MAX_SAFE_INTEGER],
  ])('where %s', (_when, writtenPerS, freeBytes, secondsLeft) => {
    takes = [{ folder: '/data', disk: toldNow(freeBytes, writtenPerS) }];
    expect(room.describe()?.seconds_left).toBe(secondsLeft);
  });

  it('of several disks is that of the one that is full first', () => {
    const slow = { folder: '/a', disk: toldNow(RESERVE + 600 * MIB, MIB) };
    const fast = { folder: '/b', disk: toldNow(RESERVE + 900 * MIB, 100 * MIB) };
    const idle = { folder: '/c', disk: toldNow(RESERVE) };
    for (takes of [
      [slow, fast, idle],
      [idle, fast, slow],
    ])
      expect(room.describe()).toMatchObject({ free_bytes: RESERVE + 900 * MIB, seconds_left: 9 });
  });

  it('is as old as the last answer before the recording until a watch has one', async () => {
    room.start();
    await clock.advance(0);
    takes = [{ folder: '/data', disk: null }];
    await clock.advance(7_000);
    expect(disk.asked).toHaveLength(1);
    expect(room.describe()).toMatchObject({ free_bytes: 1_000_000_000, seconds_left: null, age_ms: 7_000 });
  });

  it('is kept when the recording ends, until the disk has answered again', async () => {
    room.start();
    folder = '/data/session_1';
    takes = [{ folder: '/data/session_1', disk: toldNow(500 * MIB, MIB) }];
    await clock.advance(2_000);
    takes = [];
    disk.free = 400 * MIB;
    await clock.advance(1_000);
    expect(room.describe()).toMatchObject({ free_bytes: 500 * MIB, seconds_left: null, age_ms: 3_000 });
    await clock.advance(1_000);
    expect(room.describe()).toMatchObject({ free_bytes: 400 * MIB, age_ms: 0 });
  });
});
