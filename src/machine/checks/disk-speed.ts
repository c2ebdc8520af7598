import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../../core/errors.js';
import { rateText } from '../amounts.js';
import { fail, ok, unknown, warn, type Finding } from '../finding.js';
import { nearestFolder, type Machine } from '../machine.js';
import type { Plan } from '../plan.js';
import { holdersOf } from './devices.js';

/**
 * Writes as a recording does, for 5 s: what comes in 400 ms, then a sync. Not how fast a disk could be, but whether it
 * follows. The file loses its name as soon as it is open, so that it is gone with the process, however that
 * ends; a kill in the moment between leaves an empty file.
 */

const TEST_MS = 5000;
/** `recording.commitIntervalMs` of the default configuration. */
const COMMIT_MS = 400;
const PIECE_BYTES = 4 * 1024 * 1024;
/** A rate that no disk reaches is not written in full. */
const MAX_SHARE_BYTES = 400 * 1024 * 1024;
/** A recording holds every frame that is older than a second. */
const LONG_COMMIT_MS = 1000;
/** Half of the disk's time must be left: it will be slower when it is full or warm. */
const SPARE = 2;
/** The disk must not be filled for a test. */
const KEPT_FREE_BYTES = 512 * 1024 * 1024;

export interface DiskTest {
  readonly bytes: number;
  /** How long each commit took, write and sync, ms. */
  readonly commitsMs: readonly number[];
}

export async function checkDiskSpeed(
  machine: Machine,
  plan: Plan,
  signal: AbortSignal,
  onProgress: (doneMs: number, ofMs: number) => void = () => {},
  testMs = TEST_MS,
): Promise<Finding> {
  if (!plan.testsDisk) return unknown('The disk was not tested (--no-disk-test).');
  // Who plays with a virtual camera does not mind another one.
  const [holder] = plan.isVirtual ? [] : await holdersOf(machine, plan);
  if (holder !== undefined) {
    return unknown(`The disk was not tested: ${holder.program} (process ${holder.pid}) may be recording.`);
  }
  const folder = await nearestFolder(plan.out);
  const wanted = (plan.rate.bytesPerSecond * testMs) / 1000;
  const free = await machine.disk.freeBytes(folder).catch(() => null); // the test itself says what is wrong
  if (free !== null && Number(free) < wanted + KEPT_FREE_BYTES) {
    return unknown('The disk was not tested: too little is free.');
  }
  try {
    const test = await testDisk(machine, folder, plan.rate.bytesPerSecond, signal, onProgress, testMs);
    return judgeDisk(test, plan.rate.bytesPerSecond);
  } catch (thrown) {
    signal.throwIfAborted();
    const errno = errnoOf(thrown) ?? 'unknown';
    return fail(
      `The disk could not be written (${errno}).`,
      'Check the disk and its connection, and owner and permissions of the folder.',
      { errno },
    );
  }
}

export function judgeDisk({ bytes, commitsMs }: DiskTest, bytesPerSecond: number): Finding {
  const busyMs = commitsMs.reduce((sum, ms) => sum + ms, 0);
  const worstMs = Math.max(...commitsMs);
  const reached = bytes / (busyMs / 1000);
  const facts = {
    bytes,
    commits: commitsMs.length,
    bytes_per_second: Math.round(reached),
    worst_commit_ms: Number(worstMs.toFixed(1)),
  };
  const message = `The disk took ${rateText(reached)} where ${rateText(bytesPerSecond)} come; the slowest commit ${Math.round(worstMs)} ms.`;
  const advice = 'Use a faster disk (an SSD on USB 3 or NVMe), a lower rate, or a smaller size.';
  if (reached < bytesPerSecond) return fail(message, advice, facts);
  if (reached < bytesPerSecond * SPARE) return warn(message, advice, facts);
  if (worstMs > LONG_COMMIT_MS) return warn(message, `${advice} Nothing else should write to it.`, facts);
  return ok(message, facts);
}

async function testDisk(
  { clock }: Machine,
  folder: string,
  bytesPerSecond: number,
  signal: AbortSignal,
  onProgress: (doneMs: number, ofMs: number) => void,
  testMs: number,
): Promise<DiskTest> {
  const path = join(folder, `.csi-cameras-doctor-${process.pid}.tmp`);
  const share = Math.max(1, Math.min(MAX_SHARE_BYTES, Math.round((bytesPerSecond * COMMIT_MS) / 1000)));
  const piece = randomBytes(Math.min(share, PIECE_BYTES)); // a disk that compresses must not shine
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const file = await open(path, flags, 0o600);
  try {
    await unlink(path);
    const commitsMs: number[] = [];
    let bytes = 0;
    const startMs = performance.now();
    const untilMs = startMs + testMs;
    for (let dueMs = startMs; dueMs < untilMs && performance.now() < untilMs; dueMs += COMMIT_MS) {
      const restMs = dueMs - performance.now();
      if (restMs > 0) await clock.sleep(restMs, signal);
      const beganMs = performance.now();
      bytes += await writeShare(file, piece, share, bytes, signal, untilMs);
      await file.datasync();
      commitsMs.push(performance.now() - beganMs);
      onProgress(performance.now() - startMs, testMs);
    }
    return { bytes, commitsMs };
  } finally {
    await file.close();
  }
}

/** Resolves with the bytes written: all of them, unless the time of the test is over. */
async function writeShare(
  file: FileHandle,
  piece: Buffer,
  share: number,
  position: number,
  signal: AbortSignal,
  untilMs: number,
): Promise<number> {
  let written = 0;
  while (written < share && (written === 0 || performance.now() < untilMs)) {
    signal.throwIfAborted();
    const length = Math.min(piece.length, share - written);
    const { bytesWritten } = await file.write(piece, 0, length, position + written);
    written += bytesWritten;
  }
  return written;
}
