import { existsSync } from 'node:fs';
import { copyFile, mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import { infoPathOf } from '../../src/recording/takes/take-paths.js';
import { type ChildHost, childHost } from '../harness/child-host.js';
import { assertRecoveredInfo } from '../harness/recovered-info.js';
import { assertRowsInStep } from '../harness/rows-in-step.js';
import { readTiming, verifyRecording } from '../harness/verify-recording.js';
import { waitForFrames } from '../harness/whole-recording.js';
import { expectedIn, problemsOf, type Truth } from './proof.js';
import type { Reader } from './readers.js';
import { seededRandom } from './seeded-random.js';

/**
 * The built program records from the virtual camera, every other time with metadata, and dies by SIGKILL, again and again; the
 * next start closes what it left.
 */

export interface KillOptions {
  readonly readers: readonly Reader[];
  /** The test's own. */
  readonly folder: string;
  readonly kills: number;
  readonly random: () => number;
  /** Recorded for this long before a death, at most, milliseconds. */
  readonly longestMs?: number;
  readonly onProgress?: (kills: number) => void;
}

export interface KillResult {
  readonly kills: number;
  /** Per reader, in their order: videos that it read as it should. */
  readonly good: readonly number[];
  /** Videos that the next start closed, with as many rows as frames. */
  readonly closed: number;
  /** Age of the oldest lost frame at each death, milliseconds, sorted. */
  readonly lostMs: readonly number[];
  readonly problems: readonly string[];
}

/** What a killed recorder left. */
interface Remains {
  readonly videoPath: string;
  readonly timingPath: string;
  /** `null`: there is none. */
  readonly metadataPath: string | null;
  /** On the clock of the rows, nanoseconds. */
  readonly killedNs: bigint;
}

const FPS = 60;
const SIZE = { width: 320, height: 240 };
/** Recorded for this long before the death, at least, milliseconds. */
const SHORTEST_MS = 300;
const PROMISE_MS = 1000;
const PATIENCE_MS = 20_000;

/** Two recorders side by side, each killed half of the times. */
export async function killTwoSideBySide(options: KillOptions): Promise<KillResult> {
  const { folder, kills, random, onProgress } = options;
  const done = [0, 0];
  const lane = async (index: 0 | 1): Promise<KillResult> => {
    const own = join(folder, `lane${index}`);
    await mkdir(own);
    return killAgainAndAgain({
      ...options,
      folder: own,
      kills: index === 0 ? Math.ceil(kills / 2) : Math.floor(kills / 2),
      random: seededRandom(Math.floor(random() * 2 ** 31)),
      onProgress: (count) => {
        done[index] = count;
        onProgress?.((done[0] ?? 0) + (done[1] ?? 0));
      },
    });
  };
  const lanes = await Promise.all([lane(0), lane(1)]);
  return {
    kills: sumOf(lanes, (result) => result.kills),
    good: options.readers.map((_, reader) => sumOf(lanes, (result) => result.good[reader] ?? 0)),
    closed: sumOf(lanes, (result) => result.closed),
    lostMs: lanes.flatMap(({ lostMs }) => lostMs).sort((a, b) => a - b),
    problems: lanes.flatMap(({ problems }) => problems),
  };
}

function sumOf(results: readonly KillResult[], figure: (result: KillResult) => number): number {
  return results.reduce((sum, result) => sum + figure(result), 0);
}

export async function killAgainAndAgain(options: KillOptions): Promise<KillResult> {
  const { readers, folder, kills, random, longestMs = 2800 } = options;
  const problems: string[] = [];
  const lostMs: number[] = [];
  const left: Left[] = [];
  let closed = 0;
  for (let kill = 1; kill <= kills + 1; kill += 1) {
    const host = await startRecording(folder, kill % 2 === 1);
    const last = left.at(-1);
    if (last !== undefined) {
      const problem = await problemOfClosing(last.remains, last.frames);
      if (problem === undefined) closed += 1;
      else problems.push(`kill ${kill - 1}: ${problem}`);
    }
    if (kill > kills) {
      await host.end();
      break;
    }
    await later(SHORTEST_MS + random() * (longestMs - SHORTEST_MS));
    const examined = await examine(await killRecorder(host), join(folder, `${kill}.avi`));
    left.push(examined);
    lostMs.push(examined.lostMs);
    problems.push(...examined.problems.map((problem) => `kill ${kill}: ${problem}`));
    if (examined.lostMs > PROMISE_MS) problems.push(`kill ${kill}: lost a frame ${examined.lostMs} ms old`);
    options.onProgress?.(kill);
  }
  const read = await readAll(left, readers);
  problems.push(...read.flatMap((wrong) => wrong.problems));
  const good = read.map((reader) => reader.good);
  return { kills, good, closed, lostMs: lostMs.sort((a, b) => a - b), problems };
}

async function startRecording(folder: string, frameMetadata: boolean): Promise<ChildHost> {
  const config = { camera: { ...SIZE, fps: FPS }, recording: { frameMetadata } };
  const host = await childHost({ folder, config, env: { XDG_RUNTIME_DIR: folder } });
  await host.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
  const session = join(folder, 'session_kills');
  await host.expect('recording_started', { command: 'start_recording', session_dir: session, trial_number: 1 });
  await waitForFrames(host, 1);
  return host;
}

async function killRecorder(host: ChildHost): Promise<Remains> {
  const [started] = host.log.named('recording_started');
  if (started === undefined) throw new Error('The recording has not started.');
  const { video_path: videoPath, timing_path: timingPath, metadata_path: metadataPath = null } = started.data;
  const killedNs = process.hrtime.bigint();
  host.process.kill('SIGKILL');
  await host.exited;
  return { videoPath, timingPath, metadataPath, killedNs };
}

/** What a death left, as it was before the next start. */
interface Left {
  readonly remains: Remains;
  readonly frames: number;
  readonly times: Truth['times'];
  /** A copy of the video: the next start closes the video itself. */
  readonly copyPath: string;
  readonly lostMs: number;
  readonly problems: readonly string[];
}

async function examine(remains: Remains, copyPath: string): Promise<Left> {
  const { videoPath, timingPath, metadataPath, killedNs } = remains;
  await copyFile(videoPath, copyPath);
  const header = await readBytes(videoPath, 140, 4);
  const frames = header.readUInt32LE();
  const text = await readFile(timingPath, 'utf8');
  // Behind the rows of the frames there may be others, and half a row.
  const lines = text.split('\n').slice(1, -1);
  const times = lines.map((line) => {
    const fields = line.split(',');
    const arrivedMonotonicNs = BigInt((fields.at(-4) ?? '0').replace('.', ''));
    return { sensorTimestampNs: BigInt(fields.at(-2) ?? 0), arrivedMonotonicNs, wallClockUs: 0n };
  });
  const lastNs = times[frames - 1]?.arrivedMonotonicNs;
  const problems: string[] = [];
  if (lastNs === undefined) problems.push(`${frames} frames have ${times.length} rows`);
  const told = metadataPath === null ? lines.length : (await readFile(metadataPath, 'utf8')).split('\n').length - 2;
  if (told < frames) problems.push(`${frames} frames have ${told} rows of metadata`);
  // The frame after the last one arrived a period later.
  const lostMs = Number(killedNs - (lastNs ?? 0n)) / 1e6 - 1000 / FPS;
  return { remains, frames, times, copyPath, lostMs: Math.max(0, lostMs), problems };
}

interface ReadVideos {
  /** Videos that the reader read as it should. */
  readonly good: number;
  readonly problems: readonly string[];
}

/** Has each reader, in their order, read every video that was left: once for all, since its start takes longest. */
async function readAll(left: readonly Left[], readers: readonly Reader[]): Promise<ReadVideos[]> {
  const paths = left.map(({ copyPath }) => copyPath);
  const findings = await Promise.all(readers.map((reader) => reader.read(paths)));
  // The first reader that shows what stands in a file says it for all.
  const hashesOf = (index: number): readonly string[] =>
    findings.map((found) => found[index]?.hashes).find((hashes) => hashes !== undefined) ?? [];
  return readers.map(({ name }, reader) => {
    const wrongs = left.map(({ times, frames }, index) =>
      problemsOf(expectedIn({ hashes: hashesOf(index), times }, frames), 1, findings[reader]?.[index]),
    );
    return {
      good: wrongs.filter((wrong) => wrong.length === 0).length,
      problems: wrongs.flatMap((wrong, index) => wrong.map((problem) => `kill ${index + 1}: ${name}: ${problem}`)),
    };
  });
}

/** Waits until the new recorder has closed what the dead one left, and said so beside it. */
async function problemOfClosing(remains: Remains, frames: number): Promise<string | undefined> {
  const { videoPath, timingPath, metadataPath } = remains;
  const since = performance.now();
  const isOpen = async (): Promise<boolean> => (await readBytes(videoPath, 4040, 16)).some((byte) => byte !== 0);
  while ((await isOpen()) || !existsSync(infoPathOf(videoPath))) {
    if (performance.now() - since > PATIENCE_MS) return 'the next start did not close it';
    await later(20);
  }
  try {
    await readTiming(timingPath);
    const paths = { take: 1, videoPath, timingPath, ...(metadataPath === null ? {} : { metadataPath }) };
    await assertRowsInStep(paths, frames);
    await assertRecoveredInfo(paths);
    await verifyRecording({ videoPath, timingPath, frames, ...SIZE });
    return undefined;
  } catch (thrown) {
    return `closed, but ${String(thrown)}`;
  }
}

async function readBytes(path: string, position: number, length: number): Promise<Buffer> {
  const handle = await open(path);
  try {
    const bytes = Buffer.alloc(length);
    await handle.read(bytes, 0, length, position);
    return bytes;
  } finally {
    await handle.close();
  }
}
