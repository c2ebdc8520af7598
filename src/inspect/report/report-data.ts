import type { InfoFile } from '../../recording/info/info-file.js';
import type { CheckId, Verdict, VerifiedRecording } from '../verdict.js';
import type { RowFigures } from './row-figures.js';

/** What a report is made of. Plain data: nothing is read any more. */

/** A picture of the recording. */
export interface Thumbnail {
  readonly frame: number;
  /** Since the first frame. `null`: no row tells. */
  readonly atS: number | null;
  readonly png: Buffer;
}

export interface Thumbnails {
  readonly pictures: readonly Thumbnail[];
  /** Sentences about those that are not shown. */
  readonly notes: readonly string[];
}

export interface FileFact {
  /** The name alone: a report travels without its folders. */
  readonly name: string;
  readonly bytes: number | null;
}

export interface ReportRecording {
  readonly verified: VerifiedRecording;
  readonly info: InfoFile | null;
  /** Why there is none; the end of a sentence that begins with "the info file". */
  readonly noInfo: string | null;
  readonly rows: RowFigures | null;
  /** Why there are none, or why they end early: a sentence. */
  readonly noRows: string | null;
  readonly files: readonly FileFact[];
  readonly thumbnails: Thumbnails;
}

/** A recording without what only its own part of the report shows. */
export interface RecordingLine {
  /** Names its part in the page. */
  readonly anchor: string;
  readonly verified: VerifiedRecording;
  readonly label: string;
  readonly camera: string;
  /** Wall clock of the first row, ms since 1970. */
  readonly startMs: number | null;
  readonly spanS: number | null;
  /** Lost without wanting it; `null` where nobody counted. */
  readonly lost: number | null;
}

const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  proven: 'Proven',
  lost: 'Frames lost',
  unchecked: 'Not checked',
  damaged: 'Damaged',
};

/** The verdict in a word or two. One that is not proven may have all of its frames: the word says what it lacks. */
export function verdictWord(verified: VerifiedRecording): string {
  const { verdict, findings } = verified;
  if (verdict !== 'lost' || (lostIn(verified) ?? 0) > 0) return VERDICT_WORDS[verdict];
  const has = (id: CheckId): boolean => findings.some((found) => found.kind === 'lost' && found.id === id);
  if (has('V2')) return 'Ended early';
  return has('V16') ? 'Times in disorder' : VERDICT_WORDS.lost;
}

/** Of all recordings of a page: where frames were lost in one, that is what counts. */
export function verdictWordOf(lines: readonly RecordingLine[]): string {
  const verdict = worstOf(lines.map(({ verified }) => verified.verdict));
  const words = lines
    .filter(({ verified }) => verified.verdict === verdict)
    .map(({ verified }) => verdictWord(verified));
  return words.find((word) => word === VERDICT_WORDS[verdict]) ?? words[0] ?? VERDICT_WORDS[verdict];
}

/** The worst first. */
export const VERDICTS_BY_WEIGHT: readonly Verdict[] = ['damaged', 'unchecked', 'lost', 'proven'];

export function worstOf(verdicts: readonly Verdict[]): Verdict {
  return VERDICTS_BY_WEIGHT.find((verdict) => verdicts.includes(verdict)) ?? 'unchecked';
}

export function lineOf(recording: ReportRecording, anchor: string): RecordingLine {
  const { verified, rows, info } = recording;
  const deviceId = verified.deviceId ?? rows?.deviceId ?? null;
  const folderName = info?.csi_cameras.camera_label ?? verified.files.cameraLabel ?? verified.files.stem;
  return {
    anchor,
    verified,
    label: rows?.label ?? info?.csi_cameras.trial_label ?? '',
    camera: deviceId === null ? folderName : `${deviceId} ${folderName}`,
    startMs: rows === null || rows.count === 0 ? null : rows.startMs,
    // Rows that end early because of damage tell nothing about the end.
    spanS: rows === null || recording.noRows !== null ? verified.durationS : rows.spanS,
    lost: lostIn(verified),
  };
}

/** Frames that are missing and were wanted: dropped by the recorder, lost by the camera, or not explained. */
export function lostIn({ account, gaps }: VerifiedRecording): number | null {
  const unexplained = gaps
    .filter(({ reason }) => reason === 'not explained')
    .reduce((sum, { frames }) => sum + frames, 0);
  if (account === null) return unexplained > 0 ? unexplained : null;
  return account.dropped + account.source_gaps + unexplained;
}
