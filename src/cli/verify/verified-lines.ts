import { basename } from 'node:path';
import { printable } from '../../core/safe-text.js';
import type { Depth, Finding, Gap, Verdict, VerifiedRecording } from '../../inspect/verdict.js';
import { clockOf, counted, grouped } from '../../inspect/figures-as-text.js';
import type { VerifiedAll } from '../../inspect/verify/verify-all.js';
import { formatBytes } from '../../core/figures.js';

export interface LineOptions {
  readonly depth: Depth;
  readonly hasColours: boolean;
  /** Logs were held against accounts. */
  readonly hasLogs: boolean;
}

/** Gaps that are shown of a recording: the largest. */
const SHOWN_GAPS = 5;
const INDENT = '      ';

const WORDS: Readonly<Record<Verdict, string>> = { proven: 'ok', lost: 'LOST', unchecked: 'SKIP', damaged: 'BAD' };
/** SGR colours. The word says the same without them. */
const COLOURS: Readonly<Record<Verdict, number>> = { proven: 32, lost: 33, unchecked: 35, damaged: 31 };
const SUMMED: Readonly<Record<Verdict, string>> = {
  proven: 'proven',
  lost: 'with losses',
  unchecked: 'not checked',
  damaged: 'damaged',
};

/** What a person reads: a line for each recording, what is wrong below it, the sum, and what was not proven. */
export function linesOf(verified: VerifiedAll, options: LineOptions): readonly string[] {
  const { recordings } = verified;
  const lines: string[] = [];
  for (const [place, some] of bySession(recordings)) {
    lines.push(printable(`${basename(place)}: ${counted(some.length, 'recording')}`));
    const rows = some.map(headOf);
    // A sentence is the last of its line: it widens no column.
    const widths = [0, 1, 2, 3].map((column) =>
      Math.max(...rows.map((row) => (column < row.length - 1 ? (row[column]?.length ?? 0) : 0))),
    );
    for (const [index, recording] of some.entries()) {
      const cells = rows[index] ?? [];
      const head = cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   ');
      lines.push(`${verdictWord(recording.verdict, options.hasColours)}${printable(head).trimEnd()}`);
      lines.push(...detailsOf(recording).map((line) => INDENT + printable(line)));
    }
  }
  lines.push(sumOf(verified), ...unprovenLines(recordings, options));
  return lines;
}

function bySession(recordings: readonly VerifiedRecording[]): ReadonlyMap<string, readonly VerifiedRecording[]> {
  const places = new Map<string, VerifiedRecording[]>();
  for (const recording of recordings) {
    const place = recording.files.sessionDir ?? recording.files.folder;
    const some = places.get(place);
    if (some === undefined) places.set(place, [recording]);
    else some.push(recording);
  }
  return places;
}

function verdictWord(verdict: Verdict, hasColours: boolean): string {
  const word = WORDS[verdict];
  const space = ' '.repeat(INDENT.length - word.length);
  return hasColours ? `\u001b[${COLOURS[verdict]}m${word}\u001b[0m${space}` : `${word}${space}`;
}

/** Camera and trial, then figures; where it is damaged or was not checked, why. */
function headOf(recording: VerifiedRecording): readonly string[] {
  const { verdict, problem, findings } = recording;
  const name = nameOf(recording);
  const [first] = findings;
  if (verdict === 'damaged' && first !== undefined) return [name, sentenceOf(first)];
  if (problem !== null) return [name, problem];
  const { frames, rows, durationS, fps, bytesRead } = recording;
  const figures = `${grouped(frames ?? 0)} frames ${frames === rows ? '=' : '/'} ${grouped(rows ?? 0)} rows`;
  const time = durationS === null || fps === null ? '' : `${durationS.toFixed(1)} s at ${fps.toFixed(2)}`;
  const places = losses(recording.gaps);
  const inPlaces = places.length === 0 ? '' : ` (${counted(Math.max(places.length, lossPlaces(recording)), 'place')})`;
  const lost = findings
    .filter(({ kind }) => kind === 'lost')
    .map(({ id, message }) => (id === 'V22' ? message + inPlaces : message));
  return [name, figures, time, `${formatBytes(bytesRead)} read`, lost[0] ?? '0 lost'];
}

function nameOf({ files, deviceId, trial, take }: VerifiedRecording): string {
  if (trial === null) return files.stem;
  const camera = deviceId ?? files.cameraLabel ?? files.stem;
  return `${camera} trial ${trial}${take === null || take === 1 ? '' : ` take ${take}`}`;
}

function detailsOf(recording: VerifiedRecording): readonly string[] {
  const { findings, problem, verdict } = recording;
  const shownInHead = verdict === 'damaged' ? findings[0] : findings.find(({ kind }) => kind === 'lost');
  const others = findings.filter((finding) => finding !== shownInHead && !isNoInfo(finding));
  const lines = others.map((finding) =>
    finding.kind === 'note' ? `note ${sentenceOf(finding)}` : sentenceOf(finding),
  );
  if (verdict === 'damaged' && problem !== null) lines.push(problem);
  return [...gapLines(recording), ...lines];
}

function gapLines(recording: VerifiedRecording): readonly string[] {
  const all = losses(recording.gaps);
  const shown = all
    .toSorted((a, b) => b.frames - a.frames)
    .slice(0, SHOWN_GAPS)
    .sort((a, b) => a.afterFrame - b.afterFrame);
  const lines = shown.map(({ afterFrame, atS, frames, reason }) => {
    const at = atS === null ? '' : ` (${clockOf(atS)})`;
    return `after frame ${grouped(afterFrame)}${at}: ${grouped(frames)} missing, ${reason === 'source_gap' ? 'in the camera' : reason}`;
  });
  const more = lossPlaces(recording) - shown.length;
  return more > 0 ? [...lines, `and ${counted(more, 'more place')}`] : lines;
}

/** Skipped frames are no loss. */
function losses(gaps: readonly Gap[]): readonly Gap[] {
  return gaps.filter(({ reason }) => reason !== 'skipped');
}

/** Of more gaps than are listed nobody knows which were skipped. */
function lossPlaces({ gaps, gapsTotal }: VerifiedRecording): number {
  return losses(gaps).length + Math.max(0, gapsTotal - gaps.length);
}

function sentenceOf({ id, frame, message }: Finding): string {
  return `${id}${frame === null ? '' : ` frame ${grouped(frame)}`}: ${message}`;
}

function isNoInfo({ id, kind }: Finding): boolean {
  return id === 'V23' && kind === 'note';
}

function sumOf({ recordings, problems }: VerifiedAll): string {
  const verdicts: readonly Verdict[] = ['proven', 'lost', 'unchecked', 'damaged'];
  const parts = verdicts.flatMap((verdict) => {
    const inRecordings = recordings.filter((one) => one.verdict === verdict).length;
    const count = inRecordings + (verdict === 'unchecked' ? problems.length : 0);
    return count === 0 ? [] : [`${grouped(count)} ${SUMMED[verdict]}`];
  });
  return parts.length === 0 ? 'No recordings.' : `${parts.join(', ')}.`;
}

/** What this run could not prove. */
function unprovenLines(recordings: readonly VerifiedRecording[], { depth }: LineOptions): readonly string[] {
  const checked = recordings.filter(({ verdict, frames }) => verdict !== 'unchecked' && frames !== null);
  if (checked.length === 0) return [];
  const lines: string[] = [];
  const withoutInfo = checked.filter(({ files }) => files.infoPath === null).length;
  if (withoutInfo > 0)
    lines.push(`${ofThem(withoutInfo, checked.length)} no info file: what is lost there is not explained.`);
  if (depth === 'quick')
    lines.push('Not proven by --quick: the pictures; only indexes, chunk heads and rows were read.');
  else {
    const withoutSums = checked.filter(({ areBytesProven }) => !areBytesProven).length;
    if (withoutSums > 0)
      lines.push(
        `${ofThem(withoutSums, checked.length)} no checksums: a changed bit inside a picture can go unseen there.`,
      );
    if (depth === 'whole') lines.push('Not proven without --decode: that the pictures can be decoded.');
  }
  return lines;
}

function ofThem(count: number, all: number): string {
  if (count === all) return all === 1 ? 'It has' : 'They have';
  return `${grouped(count)} of ${grouped(all)} ${count === 1 ? 'has' : 'have'}`;
}
