import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { messageOf } from '../../core/errors.js';
import { readInfo } from '../info/info-reader.js';
import type { RecordingFiles } from '../recording-files.js';
import { readTimingRows, type TimingRows, TimingRowsError } from '../rows/timing-rows.js';
import type { VerifiedRecording } from '../verdict.js';
import type { FileFact, ReportRecording, Thumbnails } from './report-data.js';
import { rowFigures } from './row-figures.js';
import { takeThumbnails } from './thumbnails.js';

/** Columns of a plot: finer than a screen, and about what a printer shows. */
const COLUMNS = 1000;
const NO_PICTURES: Thumbnails = { pictures: [], notes: [] };

export interface GatherOptions {
  readonly thumbnails: number;
  /** Bytes of the page. */
  readonly thumbnailBudget: number;
}

/** Reads all that a report shows of a recording. Rows are let go before it returns. Never rejects. */
export async function gatherRecording(verified: VerifiedRecording, options: GatherOptions): Promise<ReportRecording> {
  const { files } = verified;
  const reading = files.infoPath === null ? null : await readInfo(files.infoPath);
  const base = {
    verified,
    info: reading?.info ?? null,
    noInfo: reading?.problem ?? null,
    files: await fileFacts(files),
  };
  if (verified.state === 'recording') {
    return { ...base, rows: null, noRows: 'it is being recorded, and its files change.', thumbnails: NO_PICTURES };
  }
  const { rows, noRows } = await rowsOf(verified);
  const thumbnails =
    files.videoPath === null
      ? NO_PICTURES
      : await takeThumbnails(files.videoPath, options.thumbnails, options.thumbnailBudget, (frame) =>
          timeOf(rows, frame),
        );
  return { ...base, rows: rows === null ? null : rowFigures(rows, COLUMNS), noRows, thumbnails };
}

async function rowsOf({
  files,
  state,
  frames,
}: VerifiedRecording): Promise<{ rows: TimingRows | null; noRows: string | null }> {
  if (files.timingPath === null) return { rows: null, noRows: 'there is no timing file.' };
  try {
    // A dead recorder may have written rows ahead of the header.
    const rows = await readTimingRows(files.timingPath, state === 'left_open' && frames !== null ? frames : undefined);
    return { rows, noRows: null };
  } catch (thrown) {
    const why = messageOf(thrown).replace(files.timingPath, basename(files.timingPath));
    if (!(thrown instanceof TimingRowsError) || thrown.row < 2) return { rows: null, noRows: why };
    // What comes before the damage is as good as ever.
    const rows = await readTimingRows(files.timingPath, thrown.row - 1).catch(() => null); // then there is nothing to show
    return { rows, noRows: why };
  }
}

function timeOf(rows: TimingRows | null, frame: number): number | null {
  if (rows === null || frame > rows.count) return null;
  const { sensorNs, monoNs } = rows;
  const first = sensorNs.find((time) => time !== 0n);
  if (first === undefined) return Number((monoNs[frame - 1] ?? 0n) - (monoNs[0] ?? 0n)) / 1e9;
  const time = sensorNs[frame - 1] ?? 0n;
  return time === 0n ? null : Number(time - first) / 1e9;
}

async function fileFacts(files: RecordingFiles): Promise<readonly FileFact[]> {
  const facts: FileFact[] = [];
  for (const path of [files.videoPath, files.timingPath, files.metadataPath, files.infoPath]) {
    if (path === null) continue;
    const bytes = await stat(path).then(
      ({ size }) => size,
      () => null,
    ); // gone meanwhile: its size is unknown
    facts.push({ name: basename(path), bytes });
  }
  return facts;
}
