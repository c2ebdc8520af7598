import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { findRecordings, type FindingProblem, type RecordingFiles } from '../recording-files.js';
import { openToInspect } from '../open-file.js';
import { type Depth, EXIT_CODES, type Finding, type Verdict, type VerifiedRecording } from '../verdict.js';
import { checkDropLog, readDropLog } from './drop-log.js';
import { checkParts } from './part-checks.js';
import { inspectRecording, type Inspected, type VerifyOptions } from './verify-recording.js';
import { peekVideo } from './video-peek.js';

export interface VerifyAllOptions {
  readonly depth: Depth;
  /** V26: where the logs are. */
  readonly logDir?: string | undefined;
  readonly signal?: AbortSignal;
  /** Told before each recording, and where one is long some times a second. `done` and `total`: bytes of its video. */
  readonly onProgress?: (files: RecordingFiles, done: number, total: number) => void;
  /** Told once, before anything is read, where a recording runs in one of the sessions: then all is read slowly. */
  readonly onGentle?: () => void;
  /** Told of each as soon as it was looked at; parts and logs are not held against it yet. */
  readonly onRecording?: (recording: VerifiedRecording) => void;
}

export interface VerifiedAll {
  /** By session, camera, trial and take. */
  readonly recordings: readonly VerifiedRecording[];
  /** What was named, or lies there, and could not be looked at. */
  readonly problems: readonly FindingProblem[];
  readonly verdict: Verdict;
  /** 0, 1, 3 or 4. */
  readonly exitCode: number;
}

/** The worst wins. */
const WORST_FIRST: readonly Verdict[] = ['damaged', 'unchecked', 'lost', 'proven'];

/** Verifies what `paths` lead to: `verifyRecording` for each, and what takes several (V24) or the logs (V26). */
export async function verifyAll(paths: readonly string[], options: VerifyAllOptions): Promise<VerifiedAll> {
  const found = await findRecordings(paths);
  const problems = [...found.problems];
  const isGentle = await anyRuns(found.recordings);
  if (isGentle) options.onGentle?.();
  const inspected: Inspected[] = [];
  for (const files of found.recordings) {
    if (isGentle && options.depth === 'decode') {
      problems.push({ path: files.folder, message: REFUSED });
      break;
    }
    options.signal?.throwIfAborted();
    const one = await inspectRecording(files, optionsFor(files, options, isGentle));
    options.onRecording?.(one.verified);
    inspected.push(one);
  }
  const recordings = await addLogs(inspected, await addParts(inspected), options.logDir, problems);
  const verdicts = new Set(recordings.map(({ verdict }) => verdict));
  if (problems.length > 0) verdicts.add('unchecked');
  const verdict = WORST_FIRST.find((one) => verdicts.has(one)) ?? 'unchecked';
  return { recordings, problems, verdict, exitCode: EXIT_CODES[verdict] };
}

const REFUSED =
  'A recording is running in this session, and --decode would take the processor from it. Verify without --decode, or when it has ended.';

function optionsFor(files: RecordingFiles, options: VerifyAllOptions, isGentle: boolean): VerifyOptions {
  const { depth, signal, onProgress } = options;
  return {
    depth,
    isGentle,
    ...(signal === undefined ? {} : { signal }),
    onProgress: (done, total) => onProgress?.(files, done, total),
  };
}

/** Whether any of these, or of their neighbours in the same sessions, is being recorded now. */
async function anyRuns(recordings: readonly RecordingFiles[]): Promise<boolean> {
  const sessions = new Set(recordings.flatMap(({ sessionDir }) => sessionDir ?? []));
  const neighbours = (await findRecordings([...sessions])).recordings;
  for (const { videoPath } of [...recordings, ...neighbours])
    if (videoPath !== null && (await runs(videoPath))) return true;
  return false;
}

async function runs(videoPath: string): Promise<boolean> {
  try {
    const handle = await openToInspect(videoPath);
    try {
      return (await peekVideo(handle)).state === 'recording';
    } finally {
      await handle.close();
    }
  } catch {
    return false; // it is told when it is verified
  }
}

async function addParts(inspected: readonly Inspected[]): Promise<VerifiedRecording[]> {
  const recordings: VerifiedRecording[] = [];
  for (const one of inspected) {
    const findings = await checkParts(one, inspected, (folder, trial, take) =>
      takeExists(one.verified.files, folder, trial, take),
    );
    recordings.push(findings === null ? one.verified : withFindings(one.verified, findings, 'V24'));
  }
  return recordings;
}

/** By the name that the take would have: that of `files` with another number. */
async function takeExists(files: RecordingFiles, folder: string, _trial: number, take: number): Promise<boolean> {
  const own = files.take === null || files.take === 1 ? '' : `_take${files.take}`;
  const stem = files.stem.slice(0, files.stem.length - own.length) + (take === 1 ? '' : `_take${take}`);
  return access(join(folder, `${stem}.avi`)).then(
    () => true,
    () => false,
  );
}

async function addLogs(
  inspected: readonly Inspected[],
  recordings: readonly VerifiedRecording[],
  logDir: string | undefined,
  problems: FindingProblem[],
): Promise<readonly VerifiedRecording[]> {
  if (logDir === undefined) return recordings;
  const log = await readDropLog(logDir);
  if (log.problem !== null) {
    problems.push({ path: logDir, message: log.problem });
    return recordings;
  }
  return recordings.map((recording, index) => {
    const one = inspected[index];
    const found = one === undefined ? null : checkDropLog(one, log);
    return found === null ? recording : withFindings(recording, found === 'held' ? [] : [found], 'V26');
  });
}

function withFindings(
  recording: VerifiedRecording,
  findings: readonly Finding[],
  id: 'V24' | 'V26',
): VerifiedRecording {
  const isDamaged = findings.some(({ kind }) => kind === 'failed');
  const all = [...recording.findings, ...findings];
  return {
    ...recording,
    verdict: isDamaged ? 'damaged' : recording.verdict,
    checked: [...recording.checked, id],
    findings: [...all.filter(({ kind }) => kind === 'failed'), ...all.filter(({ kind }) => kind !== 'failed')],
  };
}
