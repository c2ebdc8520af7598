import { openToInspect } from '../open-file.js';
import { readInfo } from '../info/info-reader.js';
import type { RecordingFiles } from '../recording-files.js';
import { readTimingRows, type TimingRows } from '../rows/timing-rows.js';
import { readVideoIndex } from '../video/video-index.js';
import type { RunTake } from './camera-run.js';
import { CannotAlign } from './cannot-align.js';

const NS_PER_US = 1000n;

/** Reads what is needed of one video: how many frames it has, its rows, its info file. Rejects where it cannot be aligned. */
export async function readTake(files: RecordingFiles): Promise<RunTake> {
  const { stem, videoPath, timingPath, infoPath } = files;
  if (videoPath === null || timingPath === null) {
    const missing = videoPath === null ? 'video' : 'timing file';
    throw new CannotAlign(`${stem} has no ${missing}. Put it back, or move the rest of that take away.`);
  }
  const rows = await rowsOf(videoPath, timingPath);
  const reading = infoPath === null ? null : await readInfo(infoPath);
  return {
    files,
    take: files.take ?? 1,
    deviceId: rows.deviceId,
    sensorNs: rows.sensorNs,
    wallMinusMonoNs: wallMinusMono(rows),
    info: reading?.info ?? null,
  };
}

async function rowsOf(videoPath: string, timingPath: string): Promise<TimingRows> {
  const video = await openToInspect(videoPath);
  try {
    const { state, count } = await readVideoIndex(video);
    if (state === 'recording') throw new CannotAlign(`${videoPath} is being recorded. Wait until it has ended.`);
    // One that was left open may have spare rows.
    const rows = await readTimingRows(timingPath, state === 'closed' ? undefined : count);
    if (rows.count === count) return rows;
    throw new CannotAlign(
      `${videoPath} has ${count} frames and ${rows.count} rows, so it is not known which row is whose. csi-cameras verify tells more.`,
    );
  } finally {
    await video.close();
  }
}

function wallMinusMono({ count, monoNs, unixUs }: TimingRows): readonly [bigint, bigint] {
  let [least, most] = [0n, 0n];
  for (let row = 0; row < count; row += 1) {
    const ns = (unixUs[row] ?? 0n) * NS_PER_US - (monoNs[row] ?? 0n);
    if (row === 0) [least, most] = [ns, ns];
    if (ns < least) least = ns;
    if (ns > most) most = ns;
  }
  return [least, most];
}
