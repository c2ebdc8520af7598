import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameTimes } from '../../src/core/frame.js';
import { type DiskOperation, type DiskState, FileImage, stateAfter } from './disk-image.js';
import { type Granularity, afterPowerCut, afterTornHeader } from './power-cut.js';
import { type Finding, type Reader, md5 } from './readers.js';
import { type RecordedWrites, arrivalMs } from './recorded-writes.js';
import { seededRandom } from './seeded-random.js';
import { problemOfVerify } from './verified-states.js';

/** Number of frames in the header block. */
const FRAMES_AT = 140;

/** The files as a death left them, and what must be in them. */
export interface CrashState {
  /** For people: enough to make it again. */
  readonly name: string;
  readonly files: DiskState;
  /** Frames that were promised by then. */
  readonly promised: number;
  /** The recording's own clock at the death, milliseconds; absent where it makes no difference. */
  readonly nowMs?: number;
  /** Closed: there are exactly as many rows as frames, nothing follows the last RIFF, and nobody owns the file. */
  readonly isClosed?: boolean;
}

/** The recording that states are held against. */
export interface Truth {
  readonly video: string;
  /** The timing file and, where there is one, the metadata file. */
  readonly tables: readonly Table[];
  /** MD5 of each frame. */
  readonly hashes: readonly string[];
  readonly times: readonly FrameTimes[];
}

/** A file with one row for each frame. */
interface Table {
  readonly name: string;
  /** Header line and rows; each with its line break. */
  readonly rows: readonly Buffer[];
}

export function truthOf(recorded: RecordedWrites): Truth {
  const { operations, video, timing, metadata, frames } = recorded;
  const complete = stateAfter(operations, operations.length);
  const tableOf = (name: string): Table => {
    const image = complete.get(name) ?? new FileImage();
    const lines = image
      .read(0, image.size)
      .toString('utf8')
      .split(/(?<=\n)/);
    return { name, rows: lines.map((line) => Buffer.from(line)) };
  };
  return {
    video,
    tables: [timing, ...(metadata === null ? [] : [metadata])].map(tableOf),
    hashes: frames.map(({ bytes }) => md5(Buffer.concat(bytes))),
    times: frames.map(({ times }) => times),
  };
}

/** A promise is a second old, or what the last commit (after a power cut: the last but one) reported as done. */
function promisedAt(recorded: RecordedWrites, count: number, isPowerCut: boolean): { promised: number; nowMs: number } {
  const nowMs = recorded.timesMs[count - 1] ?? 0;
  const done = recorded.commits.filter(({ operations }) => operations <= count);
  const committed = done.at(isPowerCut ? -2 : -1)?.frames ?? 0;
  let old = 0;
  while (old < recorded.frames.length && arrivalMs(old + 1) <= nowMs - 1000) old += 1;
  return { promised: Math.max(committed, old), nowMs };
}

/** From here on a power cut leaves at least the first frames: the commit behind the first has made their header durable. */
function firstPromised(recorded: RecordedWrites, isPowerCut: boolean): number {
  return recorded.commits[isPowerCut ? 1 : 0]?.operations ?? 0;
}

/** The files after each operation, from the first commit on. */
export function* killedStates(recorded: RecordedWrites, every = 1): Generator<CrashState> {
  const { operations } = recorded;
  for (let count = firstPromised(recorded, false); count <= operations.length; count += every) {
    const name = `killed after operation ${count}`;
    yield { name, files: stateAfter(operations, count), ...promisedAt(recorded, count, false) };
  }
}

/** The files when a header names new frames, and the cover over these is not lifted yet. */
export function* killedBehindHeaders(recorded: RecordedWrites): Generator<CrashState> {
  const { operations, video } = recorded;
  for (const [index, operation] of operations.entries()) {
    const isHeader = operation.kind === 'write' && operation.file === video && operation.position === 0;
    if (!isHeader || operation.bytes.readUInt32LE(FRAMES_AT) === 0) continue;
    const count = index + 1;
    yield {
      name: `killed behind header ${count}`,
      files: stateAfter(operations, count),
      ...promisedAt(recorded, count, false),
    };
  }
}

/** `samples` power cuts of each granularity at random moments; the same for the same seed. */
export function* powerCutStates(recorded: RecordedWrites, samples: number, seed: number): Generator<CrashState> {
  const { operations } = recorded;
  const first = firstPromised(recorded, true);
  const random = seededRandom(seed);
  for (const granularity of ['writes', 'blocks'] satisfies Granularity[]) {
    for (let sample = 0; sample < samples; sample += 1) {
      const count = randomMoment(operations, first, random);
      const files = afterPowerCut(operations, count, granularity, random);
      const name = `power cut ${sample} of seed ${seed} after operation ${count}, ${granularity}`;
      yield { name, files, ...promisedAt(recorded, count, true) };
    }
  }
}

/** `samples` power cuts that tear the header block: what the next start makes of them is what counts. */
export function* tornHeaderStates(recorded: RecordedWrites, samples: number, seed: number): Generator<CrashState> {
  const { operations, video } = recorded;
  const first = firstPromised(recorded, true);
  const random = seededRandom(seed);
  for (let made = 0; made < samples;) {
    const count = randomMoment(operations, first, random);
    const files = afterTornHeader(operations, count, video, random);
    if (files === undefined) continue;
    made += 1;
    const name = `torn header ${made} of seed ${seed} after operation ${count}`;
    yield { name, files, ...promisedAt(recorded, count, true) };
  }
}

/** Every other one is the moment before a sync, when most can be lost. */
function randomMoment(operations: readonly DiskOperation[], first: number, random: () => number): number {
  const count = first + Math.floor(random() * (operations.length + 1 - first));
  if (random() < 0.5) return count;
  const nextSync = operations.findIndex(({ kind }, index) => index >= count && kind === 'sync');
  return nextSync === -1 ? count : nextSync;
}

export interface ReaderTally {
  readonly reader: string;
  states: number;
  good: number;
}

export interface ProofResult {
  readonly states: number;
  readonly readers: readonly ReaderTally[];
  /** States whose files of rows had the row of each frame. */
  readonly goodRows: number;
  /** States that `verify` called sound: proven, or ended early. */
  readonly verified: number;
  /** Age of the oldest frame that any state lost, milliseconds. */
  readonly oldestLostMs: number;
  /** Each with the name of its state. */
  readonly problems: readonly string[];
}

export interface ProofOptions {
  readonly readers: readonly Reader[];
  /** Made and removed. */
  readonly folder: string;
  /** Files that are opened by one process. */
  readonly batch?: number;
  /** Problems after which it ends. */
  readonly maxProblems?: number;
  readonly onProgress?: (states: number) => void;
}

/** Makes the files of each state and holds them against every reader. */
export async function prove(
  truth: Truth,
  states: Iterable<CrashState> | AsyncIterable<CrashState>,
  options: ProofOptions,
): Promise<ProofResult> {
  const { readers, folder, batch = 40, maxProblems = 20 } = options;
  const tallies = readers.map(({ name }): ReaderTally => ({ reader: name, states: 0, good: 0 }));
  const problems: string[] = [];
  let [count, goodRows, verified, oldestLostMs] = [0, 0, 0, 0];
  const examine = async (some: readonly CrashState[]): Promise<void> => {
    await mkdir(folder, { recursive: true });
    const paths = some.map((_, index) => join(folder, `${index}.avi`));
    for (const [index, state] of some.entries()) await state.files.get(truth.video)?.writeTo(paths[index] ?? '');
    const findings = await Promise.all(readers.map((reader) => reader.read(paths)));
    for (const [index, state] of some.entries()) {
      const inHeader = state.files.get(truth.video)?.read(140, 4).readUInt32LE() ?? 0;
      for (const [at, tally] of tallies.entries()) {
        const wrong = problemsOf(expectedIn(truth, inHeader), state.promised, findings[at]?.[index]);
        tally.states += 1;
        if (wrong.length === 0) tally.good += 1;
        problems.push(...wrong.map((problem) => `${state.name}: ${tally.reader}: ${problem}`));
      }
      if (hasRows(truth, state, inHeader)) goodRows += 1;
      else problems.push(`${state.name}: a file has no row for each of ${inHeader} frames`);
      if (state.isClosed === true) problems.push(...looseEnds(truth, state, inHeader));
      const wrong = await problemOfVerify(truth, state, join(folder, 'verified'));
      if (wrong === undefined) verified += 1;
      else problems.push(`${state.name}: ${wrong}`);
      if (inHeader < truth.hashes.length && state.nowMs !== undefined) {
        oldestLostMs = Math.max(oldestLostMs, state.nowMs - arrivalMs(inHeader + 1));
      }
    }
    count += some.length;
    options.onProgress?.(count);
    await rm(folder, { recursive: true });
  };
  const waiting: CrashState[] = [];
  for await (const state of states) {
    waiting.push(state);
    if (waiting.length < batch) continue;
    await examine(waiting.splice(0));
    if (problems.length >= maxProblems) break;
  }
  if (waiting.length > 0 && problems.length < maxProblems) await examine(waiting);
  return { states: count, readers: tallies, goodRows, verified, oldestLostMs, problems };
}

/** What a reader must find: as many frames as the header says, these ones, for so long. */
export interface Expected {
  readonly frames: number;
  readonly hashes: readonly string[];
  readonly durationS: number;
}

export function expectedIn(truth: Pick<Truth, 'hashes' | 'times'>, frames: number): Expected {
  return { frames, hashes: truth.hashes, durationS: durationOf(truth.times, frames) };
}

/** `promised`: how many frames there must be at least. */
export function problemsOf(expected: Expected, promised: number, finding: Finding | undefined): string[] {
  if (finding === undefined) return ['no answer'];
  const { frames, told = frames, durationS, hashes, seeks, messages } = finding;
  const problems: string[] = [];
  if (messages.trim() !== '') problems.push(`said ${messages.trim().slice(0, 200)}`);
  if (frames < promised) problems.push(`${frames} frames, ${promised} were promised`);
  if (frames !== expected.frames || told !== expected.frames) {
    problems.push(`${frames} frames (${told} told), ${expected.frames} in the header`);
  }
  const oneFrameS = expected.durationS / Math.max(1, expected.frames);
  if (Math.abs(durationS - expected.durationS) > oneFrameS) {
    problems.push(`lasts ${durationS} s, not ${expected.durationS} s`);
  }
  const wrong = hashes?.findIndex((hash, index) => hash !== expected.hashes[index]) ?? -1;
  if (wrong >= 0) problems.push(`frame ${wrong + 1} is not the one that was recorded`);
  for (const [frame, found] of seeks) {
    const isThere = typeof found === 'boolean' ? found : found === expected.hashes[frame];
    if (!isThere) problems.push(`a jump to frame ${frame + 1} came to another`);
  }
  return problems;
}

/** Playing time of the first `frames` frames at their mean rate, seconds. */
function durationOf(times: readonly FrameTimes[], frames: number): number {
  const [first, last] = [times[0], times[frames - 1]];
  if (first === undefined || last === undefined) return 0;
  if (frames === 1) return 1 / 60;
  const spanS = Number(last.sensorTimestampNs - first.sensorTimestampNs) / 1e9;
  return (spanS * frames) / (frames - 1);
}

/** The files of rows begin with the header line and the row of each frame, byte for byte. */
function hasRows(truth: Truth, state: CrashState, frames: number): boolean {
  return truth.tables.every(({ name, rows }) => {
    const expected = Buffer.concat(rows.slice(0, frames + 1));
    const file = state.files.get(name);
    return file !== undefined && file.size >= expected.length && file.read(0, expected.length).equals(expected);
  });
}

function looseEnds(truth: Truth, { name, files }: CrashState, frames: number): string[] {
  const video = files.get(truth.video);
  if (video === undefined) return [`${name}: the video is missing`];
  const problems: string[] = [];
  for (const table of truth.tables) {
    const rowBytes = table.rows.slice(0, frames + 1).reduce((sum, row) => sum + row.length, 0);
    const left = (files.get(table.name)?.size ?? 0) - rowBytes;
    if (left !== 0) problems.push(`${name}: ${left} bytes follow the last row of ${table.name}`);
  }
  let end = 0;
  while (video.read(end, 4).toString('latin1') === 'RIFF') end += 8 + video.read(end + 4, 4).readUInt32LE();
  if (video.size !== end) problems.push(`${name}: the video has ${video.size} bytes, its RIFFs ${end}`);
  if (video.read(4040, 16).some((byte) => byte !== 0)) problems.push(`${name}: somebody owns the closed file`);
  return problems;
}
