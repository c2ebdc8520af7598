import type { VerifiedRecording } from '../verdict.js';
import { gatherRecording } from './gather.js';
import type { Html } from './html.js';
import { reportPage } from './page.js';
import { recordingPart, shortPart } from './recording-part.js';
import { lineOf, type RecordingLine } from './report-data.js';
import { headline } from './wording.js';

/** Makes the report of the recordings of one session. One recording at a time is in memory. */

export const RECORDING_BYTES = 600_000;
export const SESSION_BYTES = 20_000_000;
/** A recording's line in the table and the time line, and its short part. */
const LINE_BYTES = 6000;
/** The plots and tables of a recording, mostly; the rest of its share is for pictures. */
const TEXT_BYTES = 120_000;

export interface ReportWish {
  /** The session's, or the recording's. */
  readonly name: string;
  readonly recordings: readonly VerifiedRecording[];
  /** Sentences about what could not be looked at. */
  readonly problems: readonly string[];
  readonly thumbnails: number;
  readonly madeMs: number;
  readonly signal?: AbortSignal;
  readonly sessionBytes?: number;
}

export interface Report {
  readonly html: string;
  /** The headline. */
  readonly sentence: string;
}

/** Rejects with the reason of `signal` alone. */
export async function makeReport(wish: ReportWish): Promise<Report> {
  const { name, recordings, problems, thumbnails, madeMs, sessionBytes = SESSION_BYTES } = wish;
  const share = Math.min(RECORDING_BYTES, sessionBytes / Math.max(1, recordings.length)) - LINE_BYTES;
  const thumbnailBudget = Math.max(0, share - TEXT_BYTES);
  const lines: RecordingLine[] = [];
  const parts: Html[] = [];
  const notProven = new Set<string>();
  let sentence: string | null = null;
  for (const [index, verified] of recordings.entries()) {
    wish.signal?.throwIfAborted();
    const recording = await gatherRecording(verified, { thumbnails, thumbnailBudget });
    const line = lineOf(recording, `recording-${index + 1}`);
    const part = recordingPart(recording, line);
    lines.push(line);
    parts.push(Buffer.byteLength(part.html.text) <= share ? part.html : shortPart(line, part.sentence));
    sentence = part.sentence;
    for (const said of part.notProven) notProven.add(said);
  }
  const only = recordings.length === 1 ? sentence : null;
  const html = reportPage({ name, madeMs, lines, parts, notProven: [...notProven], sentence: only, problems });
  return { html, sentence: headline(lines, only).text };
}
