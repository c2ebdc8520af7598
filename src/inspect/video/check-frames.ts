import { availableParallelism } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type FrameAnswer,
  type FrameDemands,
  type FrameJob,
  FramePass,
  MOST_FRAMES,
  type Sampling,
} from './frame-pass.js';
import type { FramePlaces } from './frame-places.js';
import { FrameThreads } from './frame-threads.js';
import type { ReadSteps } from './read-steps.js';
import type { VideoFindings } from './video-findings.js';
import type { VideoCheckOptions } from './video-inspection.js';

/** With so many broken frames it is said that the file is broken. A sparse file of 800 GB is not read to its end. */
const ENOUGH_BROKEN = 1000;

/** What is read and decoded in the time that a thread takes to start and to become quick, some 100 ms. */
const FEW_DECODED = 5_000_000;
const FEW_READ = 500_000_000;
/** Summing up goes no faster with more of them, for they wait for the memory. */
const READERS = 2;

/** Bytes of a job: some 3 ms of work; where pictures are decoded, some 50; while a recording runs, there is a pause behind each. */
const JOB = 2 ** 24;
const DECODE_JOB = 3_000_000;
const GENTLE_JOB = 2 ** 20;

export interface FramesIn {
  readonly places: FramePlaces;
  readonly count: number;
  readonly size: FrameDemands['size'];
}

/**
 * Reads every byte of every frame that no earlier check blamed, once: V5, V9, and with depth `decode` V10. Threads do it where
 * it takes long. Returns the pixel format of the first sound frame.
 */
export async function checkFrames(
  fd: number,
  { places, count, size }: FramesIn,
  { depth, isGentle = false, sums, onEmbedded }: VideoCheckOptions,
  steps: ReadSteps,
  findings: VideoFindings,
): Promise<string | null> {
  const demands: FrameDemands = {
    size,
    isDecoded: depth === 'decode',
    framesPerSum: sums?.framesPerSum ?? 0,
    wantsEmbedded: onEmbedded !== undefined,
  };
  const isWanted = (index: number): boolean => !findings.isBlamed(index);
  const bytes = bytesOf(places, count, isWanted);
  const jobBytes = isGentle ? GENTLE_JOB : demands.isDecoded ? DECODE_JOB : JOB;
  const helpers = isGentle ? 0 : helpersFor(bytes, demands);
  const threads = helpers === 0 ? null : new FrameThreads({ fd, demands }, helpers);
  let sampling: Sampling | null = null;
  let broken = 0;
  steps.expect(bytes);
  try {
    const jobs = jobsOf(places, count, jobBytes, isWanted, () => sampling);
    for await (const answer of answersTo(jobs, new FramePass(fd, demands), threads)) {
      ({ sampling } = answer);
      steps.read(answer.bytesRead);
      for (const sum of answer.sums) sums?.add(sum);
      const { frames, numbers, sensorNs } = answer.embedded;
      for (const [place, frame] of frames.entries()) onEmbedded?.(frame, numbers[place] ?? 0, sensorNs[place] ?? 0n);
      for (const { id, message, frame } of answer.broken) findings.fail(id, message, frame);
      broken += answer.broken.length;
      if (broken >= ENOUGH_BROKEN) {
        const told = `${broken} frames are broken up to frame ${answer.lastFrame}; those behind were not looked at`;
        findings.note('V9', told);
        break;
      }
      if (steps.isDue) await steps.step();
    }
  } finally {
    await threads?.close();
  }
  return sampling?.pixelFormat ?? null;
}

function bytesOf({ dataBytes }: FramePlaces, count: number, isWanted: (index: number) => boolean): number {
  let sum = 0;
  for (let index = 0; index < count; index += 1) if (isWanted(index)) sum += dataBytes[index] ?? 0;
  return sum;
}

/** How many threads beside this one make it shorter. */
function helpersFor(bytes: number, { isDecoded }: FrameDemands): number {
  if (bytes < (isDecoded ? FEW_DECODED : FEW_READ)) return 0;
  return Math.min(availableParallelism(), isDecoded ? Infinity : READERS) - 1;
}

/** Each job is made when it is asked for, and so is its sampling. */
function* jobsOf(
  { dataAt, dataBytes }: FramePlaces,
  count: number,
  jobBytes: number,
  isWanted: (index: number) => boolean,
  sampling: () => Sampling | null,
): Generator<FrameJob, void, undefined> {
  const chosen = new Uint32Array(MOST_FRAMES);
  for (let next = 0; next < count;) {
    let [many, bytes] = [0, 0];
    for (; next < count && many < MOST_FRAMES && bytes < jobBytes; next += 1) {
      if (!isWanted(next)) continue;
      chosen[many] = next;
      many += 1;
      bytes += dataBytes[next] ?? 0;
    }
    if (many === 0) return;
    const indexes = chosen.subarray(0, many);
    yield {
      frames: indexes.map((index) => index + 1),
      dataAt: Float64Array.from(indexes, (index) => dataAt[index] ?? 0),
      dataBytes: indexes.map((index) => dataBytes[index] ?? 0),
      sampling: sampling(),
    };
  }
}

/** In the order of the jobs. This thread works, too; the others join it when they have started and the sampling is known. */
async function* answersTo(
  jobs: Iterable<FrameJob>,
  pass: FramePass,
  threads: FrameThreads | null,
): AsyncGenerator<FrameAnswer, void, undefined> {
  const ahead: (FrameAnswer | Promise<FrameAnswer>)[] = [];
  for (const job of jobs) {
    const isGiven = threads !== null && threads.isFree && job.sampling !== null;
    ahead.push(isGiven ? threads.look(job) : pass.look(job));
    // Answers of threads are heard between two jobs.
    if (threads !== null) await nextTurn();
    const next = ahead.length > (threads?.room ?? 0) ? ahead.shift() : undefined;
    if (next !== undefined) yield await next;
  }
  for (const answer of ahead) yield await answer;
}
