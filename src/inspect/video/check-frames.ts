import {
  type FrameAnswer,
  type FrameDemands,
  type FrameJob,
  FramePass,
  MOST_FRAMES,
  type Sampling,
} from './frame-pass.js';
import type { FramePlaces } from './frame-places.js';
import type { FrameThreads } from './frame-threads.js';
import type { ReadSteps } from './read-steps.js';
import type { VideoFindings } from './video-findings.js';
import type { VideoCheckOptions } from './video-inspection.js';

/** With so many broken frames it is said that the file is broken. A sparse file of 800 GB is not read to its end. */
const ENOUGH_BROKEN = 1000;

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
 * Reads every byte of every frame that no earlier check blamed, once: V5, V9, and with depth `decode` V10. Returns the
 * pixel format of the first sound frame.
 */
export async function checkFrames(
  fd: number,
  { places, count, size }: FramesIn,
  { depth, isGentle = false, helpers = null, sums, onEmbedded }: VideoCheckOptions,
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
  let sampling: Sampling | null = null;
  let broken = 0;
  steps.expect(bytes);
  const jobs = jobsOf(places, count, jobBytes, isWanted, () => ({ demands, sampling }));
  for await (const answer of answersTo(jobs, new FramePass(fd), helpers, steps)) {
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
  return sampling?.pixelFormat ?? null;
}

function bytesOf({ dataBytes }: FramePlaces, count: number, isWanted: (index: number) => boolean): number {
  let sum = 0;
  for (let index = 0; index < count; index += 1) if (isWanted(index)) sum += dataBytes[index] ?? 0;
  return sum;
}

/** Each job is made when it is asked for, and so is the `rest` of it. */
function* jobsOf(
  { dataAt, dataBytes }: FramePlaces,
  count: number,
  jobBytes: number,
  isWanted: (index: number) => boolean,
  rest: () => Pick<FrameJob, 'demands' | 'sampling'>,
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
      ...rest(),
    };
  }
}

/** In the order of the jobs. This thread works, too; the others join it when they have started and the sampling is known. */
async function* answersTo(
  jobs: Iterable<FrameJob>,
  pass: FramePass,
  helpers: FrameThreads | null,
  steps: ReadSteps,
): AsyncGenerator<FrameAnswer, void, undefined> {
  const ahead: (FrameAnswer | Promise<FrameAnswer>)[] = [];
  for (const job of jobs) {
    const isGiven = helpers !== null && helpers.isFree && job.sampling !== null;
    ahead.push(isGiven ? helpers.look(job) : pass.look(job));
    if (helpers !== null) await steps.turn();
    const next = ahead.length > (helpers?.room ?? 0) ? ahead.shift() : undefined;
    if (next !== undefined) yield await next;
  }
  for (const answer of ahead) yield await answer;
}
