import assert from 'node:assert/strict';
import { readdir, readFile, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { infoPathOf } from '../../src/recording/takes/take-paths.js';
import type { StatusData, StatusMessage } from '../../src/protocol/statuses.js';
import { hasFfprobe } from '../harness/need-ffprobe.js';
import { holdRecordings } from '../harness/recordings-held.js';
import { verifyRecording } from '../harness/verify-recording.js';
import { expectAccounted } from '../harness/whole-recording.js';

type Stopped = StatusData<'recording_stopped'>;

/** One in so many recordings is decoded as a whole, by readers that are not ours. */
const DECODED_ONE_IN = 25;

export interface TrialTotals {
  recordings: number;
  /** In the videos. */
  frames: number;
  delivered: number;
  dropped: number;
  skipped: number;
  sourceGaps: number;
  bytes: number;
  /** Held against ffprobe, frame by frame. */
  decoded: number;
}

/** Holds every recording against what was said of it, then deletes it: a day's frames would fill the disk. */
export class Trials {
  readonly totals: TrialTotals = {
    recordings: 0,
    frames: 0,
    delivered: 0,
    dropped: 0,
    skipped: 0,
    sourceGaps: 0,
    bytes: 0,
    decoded: 0,
  };
  /** Of the camera; known when it streams. */
  picture = { width: 0, height: 0 };
  #stopped: Stopped[] = [];

  hear(status: StatusMessage): void {
    if (status.status === 'device_ready') this.picture = { width: status.data.width, height: status.data.height };
    // Where nothing was being recorded, the answer has no trial.
    if (status.status === 'recording_stopped' && status.data.trial_number !== null) this.#stopped.push(status.data);
  }

  /** Checks and deletes what was recorded since the last call. Throws where a recording is not what was said. */
  async settle(): Promise<void> {
    const stopped = this.#stopped;
    this.#stopped = [];
    for (const recording of stopped) await this.#settle(recording);
  }

  async #settle(stopped: Stopped): Promise<void> {
    expectAccounted(stopped);
    const { totals } = this;
    const { frames, delivered, dropped, skipped, bytes, video_path: videoPath, timing_path: timingPath } = stopped;
    totals.recordings += 1;
    totals.frames += frames;
    totals.delivered += delivered;
    totals.dropped += dropped;
    totals.skipped += skipped;
    totals.sourceGaps += stopped.source_gaps;
    totals.bytes += bytes;
    if (videoPath === null || timingPath === null) return;
    const what = JSON.stringify(stopped);
    const rows = newlinesIn(await readFile(timingPath)) - 1;
    assert.equal(rows, frames, `${rows} rows for ${what}`);
    const { size } = await stat(videoPath);
    assert.equal(size, bytes, `${size} bytes on disk for ${what}`);
    if (hasFfprobe && totals.recordings % DECODED_ONE_IN === 1) {
      await verifyRecording({ videoPath, timingPath, frames, ...this.picture });
      totals.decoded += 1;
    }
    await holdRecordings(dirname(videoPath));
    await unlink(videoPath);
    await unlink(timingPath);
    await unlink(infoPathOf(videoPath));
  }
}

/** Fails where files lie in the folder of a recording beside those that were reported and deleted. */
export async function expectNothingIn(folder: string): Promise<void> {
  assert.deepEqual(await readdir(folder), [], `files in ${folder} that nobody reported`);
}

export function folderOf(recording: { readonly video_path: string }): string {
  return dirname(recording.video_path);
}

function newlinesIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
}
