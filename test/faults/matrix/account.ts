import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { StatusData } from '../../../src/protocol/statuses.js';
import type { MockHost } from '../../harness/mock-host.js';
import { readMetadata } from '../../harness/rows-in-step.js';
import { verifyRecording, type RecordingFacts } from '../../harness/verify-recording.js';
import { readLogs, type LogRecord } from './read-logs.js';
import type { RowHost } from './rig.js';

/** What became of the frames of a row, over all of its recordings. */
export interface Account {
  readonly framesUnaccounted: number;
  readonly framesLost: number;
  readonly lostWhy: string;
}

interface AccountParts {
  readonly hosts: readonly RowHost[];
  readonly sessions: readonly string[];
  /** Videos that the row itself has looked at: of them only the reported counts are compared. */
  readonly judged: ReadonlySet<string>;
  /** Where a file is that was moved. */
  readonly placeOf: (path: string) => string;
}

type Stopped = StatusData<'recording_stopped'>;

/** Of many recordings (rapid start and stop) so many are decoded; all have their rows and counts compared. */
const MAX_DECODED = 12;
const GAPS: readonly string[] = ['source_gap'];
/** Reasons of lines in `frame_drops.jsonl` that are frames the camera delivered and the video has not. */
const DROPPED: readonly string[] = ['buffer_full', 'timeout', 'write_error'];

/**
 * Holds everything that the hosts of a row heard against what there is: exit codes, capture processes, files, logs, and for
 * each recording delivered = in the video + dropped + skipped, with rows = decoded frames = reported frames. The
 * numbers that the virtual camera puts into its frames tell what was delivered independently of the module's own counts.
 * Throws where anything but the count of frames disagrees.
 */
export async function account({ hosts, sessions, judged, placeOf }: AccountParts): Promise<Account> {
  let framesUnaccounted = 0;
  const lost = new Map<string, number>();
  const reported = new Set<string>();
  const isAnyKilled = hosts.some(({ isKilled }) => isKilled);
  for (const { host, isKilled, exitCode } of hosts) {
    const logs = await readLogs(host.logDir);
    if (!isKilled) assert.equal(await exitCode(), 0, 'exit code of the module');
    assertNothingUnexpected(logs.application);
    assertNoProcessLeft(logs.application);
    if (!isAnyKilled) assertOneAnswerEach(logs.commands);
    const recordings = host.log.named('recording_stopped').map(({ data }) => ({
      ...data,
      video_path: data.video_path && placeOf(data.video_path),
      timing_path: data.timing_path && placeOf(data.timing_path),
      ...(data.metadata_path ? { metadata_path: placeOf(data.metadata_path) } : {}),
    }));
    const made = recordings.filter(({ video_path: path }) => path !== null);
    for (const empty of recordings.filter(({ video_path: path }) => path === null))
      framesUnaccounted += byTheBooks(empty);
    const step = Math.ceil(made.length / MAX_DECODED);
    for (const [index, stopped] of made.entries()) {
      for (const { video_path: video, timing_path: timing, metadata_path: metadata } of stopped.parts ?? [stopped])
        for (const path of [video, timing, metadata]) reported.add(path ?? '');
      const isJudged = judged.has(stopped.video_path ?? '');
      framesUnaccounted += isJudged ? byTheBooks(stopped) : await unaccounted(stopped, index % step === 0);
    }
    if (logs.isWhole && !isKilled) assertDropsLogged(recordings, logs.drops, hasToldAll(host));
    for (const { reason, count } of dropsOf(logs.drops)) {
      if (reason !== 'gate_skip' && reason !== 'corrupt') lost.set(reason, (lost.get(reason) ?? 0) + count);
    }
    const skipped = recordings.reduce((sum, stopped) => sum + stopped.skipped, 0);
    if (skipped > 0) lost.set('skipped on purpose', skipped);
  }
  for (const session of sessions) await assertNoStrayFiles(session, isAnyKilled ? null : reported);
  return {
    framesUnaccounted,
    framesLost: [...lost].reduce((sum, [reason, count]) => (reason === 'skipped on purpose' ? sum : sum + count), 0),
    lostWhy: [...lost].map(([reason, count]) => `${reason} ${count}`).join(', '),
  };
}

/** The equation of the specification, by what was reported. */
function byTheBooks({ delivered, frames, dropped, skipped }: Stopped): number {
  return Math.abs(delivered - (frames + dropped + skipped));
}

/** Frames of one recording that nobody can account for. Throws where its files are not what was reported. */
async function unaccounted(stopped: Stopped, isDecoded: boolean): Promise<number> {
  const { dropped, skipped, source_gaps: gaps } = stopped;
  const facts: RecordingFacts[] = [];
  for (const part of stopped.parts ?? [stopped]) {
    const { video_path: videoPath, timing_path: timingPath, metadata_path: metadataPath, frames } = part;
    assert(videoPath !== null && timingPath !== null, 'a recording has both files or none');
    if (metadataPath) assert.equal((await readMetadata(metadataPath)).length, frames, `rows of ${metadataPath}`);
    if (isDecoded) {
      facts.push(await verifyRecording({ videoPath, timingPath, frames, width: 640, height: 480 }));
      continue;
    }
    const rows = (await readFile(timingPath, 'utf8')).trimEnd().split('\n').length - 1;
    assert.equal(rows, frames, `rows of ${timingPath}`);
    assert((await stat(videoPath)).size > 0, `${videoPath} is empty`);
  }
  return byTheBooks(stopped) + (isDecoded ? unexplainedGaps(facts, dropped + skipped, gaps) : 0);
}

/**
 * Frames that are missing between the first and the last one of a recording's videos by the numbers in the frames, beyond those that
 * were reported as dropped, skipped or lost by the camera. Frames dropped before the first or behind the last leave no gap.
 */
function unexplainedGaps(parts: readonly RecordingFacts[], lostByUs: number, lostByCamera: number): number {
  const rows = parts.flatMap((part) => part.rows);
  const embedded = parts.flatMap((part) => part.embedded ?? []);
  const [first, last] = [embedded[0], embedded.at(-1)];
  if (first === undefined || last === undefined) return 0;
  // Without sensor timestamps nobody but these numbers can see what the camera lost.
  if (rows.some(({ sensorTimestampNs }) => sensorTimestampNs === 0n)) return 0;
  const missing = last.number - first.number + 1 - rows.length;
  if (lostByUs === 0) return Math.abs(missing - lostByCamera);
  return Math.max(0, missing - lostByUs - lostByCamera);
}

/** `isAllTold`: no recording failed before it began; the frames that one was to have are logged, but it was never stopped. */
function assertDropsLogged(recordings: readonly Stopped[], lines: readonly LogRecord[], isAllTold: boolean): void {
  for (const { reasons, key } of [
    { reasons: DROPPED, key: 'dropped' },
    { reasons: GAPS, key: 'source_gaps' },
  ] as const) {
    const logged = dropsOf(lines).reduce((sum, { reason, count }) => (reasons.includes(reason) ? sum + count : sum), 0);
    const told = recordings.reduce((sum, recording) => sum + recording[key], 0);
    const isRight = isAllTold ? logged === told : logged >= told;
    assert(isRight, `${key}: ${logged} in frame_drops.jsonl, ${told} in recording_stopped`);
  }
}

/** Those of recordings: what is lost while nobody records is nobody's loss. */
function dropsOf(lines: readonly LogRecord[]): { readonly reason: string; readonly count: number }[] {
  return lines
    .filter(({ trial, reason }) => typeof trial === 'number' && reason !== undefined)
    .map(({ reason, count }) => ({ reason: String(reason), count: Number(count ?? 1) }));
}

/** A `recording_error` that answers a start is of a recording that never began: it has no `recording_stopped`. */
function hasToldAll({ log }: MockHost): boolean {
  return log.named('recording_error').every(({ in_reply_to: id }) => id?.startsWith('start_recording') !== true);
}

/** Sentences that may never stand in the log. */
const NEVER = new Set([
  'Unexpected error.',
  'The counts of a recording do not agree.',
  'A frame could not be handled.',
]);

function assertNothingUnexpected(log: readonly LogRecord[]): void {
  const found = log.find(({ msg }) => NEVER.has(String(msg)));
  assert.equal(found, undefined, `csicameras.log: ${JSON.stringify(found)}`);
}

function assertNoProcessLeft(log: readonly LogRecord[]): void {
  for (const record of log) {
    const { msg, pid_: pid } = record;
    if (msg === 'The capture process started.' && typeof pid === 'number')
      assert(!isAlive(pid), `capture process ${pid} was left behind`);
  }
}

function assertOneAnswerEach(lines: readonly LogRecord[]): void {
  const open = new Map<string, number>();
  for (const { id, state } of lines) {
    if (typeof id !== 'string') continue;
    if (state === 'received') open.set(id, (open.get(id) ?? 0) + 1);
    if (state === 'completed' || state === 'failed') open.set(id, (open.get(id) ?? 0) - 1);
  }
  // A command whose arrival is not on record came before the log was removed, in the rows that remove it.
  const received = new Set(lines.filter(({ state }) => state === 'received').map(({ id }) => id));
  const wrong = [...open].filter(([id, count]) => count !== 0 && received.has(id)).map(([id]) => id);
  // Where a burst was more than the log's queue holds, it says so; a command at the edge of that gap is on record by half.
  const gaps = lines.filter(({ event }) => event === 'lines_lost').length;
  if (wrong.length > gaps) assert.deepEqual(wrong, [], 'commands without exactly one answer');
}

/** No empty file, no empty folder, and (unless `reported` is null) no file that nobody reported. */
async function assertNoStrayFiles(folder: string, reported: ReadonlySet<string> | null): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      assert((await readdir(path)).length > 0, `${path} is an empty folder`);
      await assertNoStrayFiles(path, reported);
      continue;
    }
    assert((await stat(path)).size > 0, `${path} is an empty file`);
    const isRecording = path.endsWith('.avi') || path.endsWith('.csv');
    if (reported !== null && isRecording) assert(reported.has(path), `${path} was reported to nobody`);
  }
}

/** A process that has ended and waits for its parent to notice counts as ended. */
export function isAlive(pid: number): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !text.slice(text.lastIndexOf(')')).startsWith(') Z');
  } catch {
    return false;
  }
}
