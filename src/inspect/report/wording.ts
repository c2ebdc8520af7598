import type { Finding, Verdict, VerifiedRecording } from '../verdict.js';
import { counted, grouped } from '../figures-as-text.js';
import { lostIn, type RecordingLine, verdictWord, worstOf } from './report-data.js';

/** What a report says in sentences. */

/** One sentence about a recording. */
export function sentenceAbout(verified: VerifiedRecording, hasSensorTimes: boolean): string {
  const { findings } = verified;
  const first = (kind: 'failed' | 'lost' | 'note'): string | undefined =>
    findings.find((found) => found.kind === kind)?.message;
  switch (verified.verdict) {
    case 'damaged':
      return `Damaged: ${damageText(findings)}`;
    case 'unchecked':
      if (verified.state === 'recording') return 'Not checked: it is still being recorded.';
      return `Not checked: ${asSentence(verified.problem ?? first('failed') ?? first('note') ?? 'it could not be read')}`;
    case 'lost':
      return lossSentence(verified, first('lost'));
    case 'proven':
      if (verified.account !== null) return 'Every frame is there.';
      return hasSensorTimes
        ? 'No frame is missing between the first and the last one.'
        : 'Every check holds, but without sensor times and without an info file nobody can say whether frames are missing.';
  }
}

function damageText(findings: readonly Finding[]): string {
  const failed = findings.filter(({ kind }) => kind === 'failed');
  const [worst] = failed;
  if (worst === undefined) return 'a check failed.';
  const others = new Set(failed.map(({ id }) => id)).size - 1;
  const more = others > 0 ? ` ${counted(others, 'other check fails', 'other checks fail')}, too.` : '';
  return `${worst.frame === null ? '' : `frame ${grouped(worst.frame)}: `}${asSentence(worst.message)}${more}`;
}

function lossSentence(verified: VerifiedRecording, finding: string | undefined): string {
  const lost = lostIn(verified);
  // Nobody counted: what is missing at the end is not known.
  if (lost === null) return startingWithACapital(asSentence(finding ?? 'it ended early'));
  if (lost === 0)
    return `No frame is lost, but ${asSentence(finding ?? 'it ended early').replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase())}`;
  const places = verified.gapsTotal > 0 ? ` in ${counted(verified.gapsTotal, 'place')}` : '';
  return `${counted(lost, 'frame was', 'frames were')} lost${places}${isExplained(verified) ? ', all accounted for' : ', and no account says why'}.`;
}

function isExplained({ account, gaps }: VerifiedRecording): boolean {
  return account !== null && !gaps.some(({ reason }) => reason === 'not explained');
}

/** The headline of a report: its worst verdict, and a sentence that a person understands. */
export function headline(
  lines: readonly RecordingLine[],
  sentence: string | null,
): { readonly verdict: Verdict; readonly text: string } {
  const verdict = worstOf(lines.map(({ verified }) => verified.verdict));
  if (lines.length === 1 && sentence !== null) return { verdict, text: sentence };
  if (lines.length === 0) return { verdict, text: 'There is no recording here.' };
  const of = (wanted: Verdict): readonly RecordingLine[] => lines.filter(({ verified }) => verified.verdict === wanted);
  const all = counted(lines.length, 'recording');
  const lost = lines.reduce((sum, line) => sum + (line.verified.verdict === 'damaged' ? 0 : (line.lost ?? 0)), 0);
  const parts: string[] = [];
  if (of('damaged').length > 0) parts.push(`Damaged: ${share(of('damaged').length, lines.length)}.`);
  if (of('unchecked').length > 0) parts.push(`Not checked: ${share(of('unchecked').length, lines.length)}.`);
  if (of('lost').length > 0) {
    if (lost === 0) {
      const isEarly = of('lost').some(({ verified: one }) => verdictWord(one) === 'Ended early');
      const what = isEarly
        ? ' ended early; no frame before the end is lost'
        : ': sensor times in disorder; no frame is lost';
      parts.push(`${share(of('lost').length, lines.length)}${what}.`);
    } else
      parts.push(
        `${counted(lost, 'frame was', 'frames were')} lost in ${share(of('lost').length, lines.length)}${of('lost').every(({ verified: one }) => isExplained(one)) ? ', all accounted for' : ', and not all is accounted for'}.`,
      );
  }
  if (verdict !== 'proven') {
    const proven = of('proven');
    const others = proven.length === 1 ? 'other one' : `other ${grouped(proven.length)}`;
    const isCounted = proven.every(({ verified }) => verified.account !== null);
    if (proven.length > 0) parts.push(`In the ${others} ${isCounted ? 'every frame is there' : 'every check holds'}.`);
    return { verdict, text: parts.join(' ') };
  }
  const isCounted = lines.every(({ verified }) => verified.account !== null);
  return { verdict, text: isCounted ? `Every frame of ${all} is there.` : `Every check holds for ${all}.` };
}

const share = (count: number, of: number): string => `${grouped(count)} of ${counted(of, 'recording')}`;

/** Without the word that stands before it in a page. */
export function withoutVerdict(sentence: string): string {
  const rest = sentence.replace(/^(?:Damaged|Not checked): /, '');
  return startingWithACapital(rest);
}

const startingWithACapital = (text: string): string => text.replace(/^[a-z]/, (letter) => letter.toUpperCase());

function asSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

const REASONS: Readonly<Record<string, string>> = {
  buffer_full: 'dropped by the recorder: its buffer was full, because the disk or the computer was too slow',
  timeout: 'dropped by the recorder: the frame took too long to write',
  write_error: 'dropped by the recorder: the disk refused the write',
  source_gap: 'never came from the camera',
  skipped: 'left out on purpose, by the rate that was asked for',
  'not explained': 'not explained: no account says why',
};

/** Why frames are missing, for a person. */
export function reasonInWords(reason: string): string {
  return REASONS[reason] ?? reason;
}

/** What the report cannot prove of this recording: sentences. */
export function notProven(
  verified: VerifiedRecording,
  facts: { readonly hasInfo: boolean; readonly hasSensorTimes: boolean },
): readonly string[] {
  return [
    ...(verified.state === 'left_open'
      ? ['Its recorder died before it closed the files. What had not reached the disk by then is gone and not counted.']
      : []),
    ...(facts.hasInfo
      ? []
      : [
          'Without an info file nobody counted what the recorder itself dropped. A gap shows in the sensor times alone, and frames missing before the first or behind the last one do not show.',
        ]),
    ...(facts.hasSensorTimes
      ? []
      : [
          'The camera gave no sensor times. Times are those of arrival in the recorder, and a missing frame shows only as a pause.',
        ]),
    ...(verified.areBytesProven
      ? []
      : ['Without checksums of the frames a changed bit inside a picture can go unseen.']),
    ...decodedSentence(verified),
  ];
}

function decodedSentence({ depth }: VerifiedRecording): readonly string[] {
  return depth === 'whole'
    ? ['Whether the pictures can be decoded was not tried: csi-cameras verify --decode does.']
    : [];
}

/** What no report of this kind can prove. */
export const NEVER_PROVEN: readonly string[] = [
  'The sensor time is the start of the readout, not of the exposure. Exposures of cameras or modes that differ begin elsewhere in the frame.',
  'Digests and checksums find accidents. Whoever can change a video can also change them.',
];
