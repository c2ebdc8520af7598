import { existsSync } from 'node:fs';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import { infoPathOf } from '../../src/recording/takes/take-paths.js';
import { type ChildHost, childHost } from '../harness/child-host.js';
import { assertRecoveredInfo } from '../harness/recovered-info.js';
import { assertRowsInStep } from '../harness/rows-in-step.js';
import { readTiming, verifyRecording } from '../harness/verify-recording.js';
import { waitForFrames } from '../harness/whole-recording.js';
import { expectedIn, problemsOf, type Truth } from './proof.js';
import type { Finding, Reader } from './readers.js';
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
  const good = readers.map(() => 0);
  const problems: string[] = [];
  const lostMs: number[] = [];
  let closed = 0;
  let left: { readonly remains: Remains; readonly frames: number } | undefined;
  for (let kill = 1; kill <= kills + 1; kill += 1) {
    const host = await startRecording(folder, kill % 2 === 1);
    if (left !== undefined) {
      const problem = await problemOfClosing(left.remains, left.frames);
      if (problem === undefined) closed += 1;
      else problems.push(`kill ${kill - 1}: ${problem}`);
    }
    if (kill > kills) {
      await host.end();
      break;
    }
    await later(SHORTEST_MS + random() * (longestMs - SHORTEST_MS));
    const remains = await killRecorder(host);
    const examined = await examine(remains, readers);
    left = { remains, frames: examined.frames };
    lostMs.push(examined.lostMs);
    for (const [index, wrong] of examined.byReader.entries()) {
      if (wrong.length === 0) good[index] = (good[index] ?? 0) + 1;
      problems.push(...wrong.map((problem) => `kill ${kill}: ${readers[index]?.name}: ${problem}`));
    }
    if (examined.lostMs > PROMISE_MS) problems.push(`kill ${kill}: lost a frame ${examined.lostMs} ms old`);
    options.onProgress?.(kill);
  }
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

interface Examined {
  readonly frames: number;
  readonly lostMs: number;
  readonly byReader: readonly (readonly string[])[];
}

async function examine(remains: Remains, readers: readonly Reader[]): Promise<Examined> {
  const { videoPath, timingPath, metadataPath, killedNs } = remains;
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
  const findings: Finding[] = [];
  for (const reader of readers) findings.push(...(await reader.read([videoPath])));
  const hashes = findings.find((finding) => finding.hashes !== undefined)?.hashes ?? [];
  const truth: Pick<Truth, 'hashes' | 'times'> = { hashes, times };
  const lastNs = times[frames - 1]?.arrivedMonotonicNs;
  const byReader = findings.map((finding) => problemsOf(expectedIn(truth, frames), 1, finding));
  if (lastNs === undefined) byReader.push([`${frames} frames have ${times.length} rows`]);
  const told = metadataPath === null ? lines.length : (await readFile(metadataPath, 'utf8')).split('\n').length - 2;
  if (told < frames) byReader.push([`${frames} frames have ${told} rows of metadata`]);
  // The frame after the last one arrived a period later.
  const lostMs = Number(killedNs - (lastNs ?? 0n)) / 1e6 - 1000 / FPS;
  return { frames, lostMs: Math.max(0, lostMs), byReader };
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
