import { availableParallelism } from 'node:os';
import type { DecodeJob } from './decode-frames.js';
import { type Decoders, decodeThreads, decodersHere } from './decode-threads.js';
import { LARGEST_FRAME } from './frame-blocks.js';
import type { FramePlaces } from './frame-places.js';
import type { ReadSteps } from './read-steps.js';
import type { VideoFindings } from './video-findings.js';

/** Of a video whose pictures are not all to be decoded: the first, the last, and these between. */
const BETWEEN = 50;
/** Decoding less than this takes no longer than the start of a thread (some 50 ms). */
const FEW_BYTES = 3_000_000;
/** Bytes of a job: some 50 ms of work. */
const JOB_BYTES = 3_000_000;
/** With so many broken pictures it is said that the video is broken. */
const ENOUGH_BROKEN = 1000;

/** Which pictures are decoded, as indexes from 0. */
export interface PictureChoice {
  readonly isEach: boolean;
  readonly count: number;
}

/**
 * V10: the entropy code of each picture, or of 52 spread over the video, gives exactly its blocks. `isLeftOut`: frames that an
 * earlier check blamed. Resolves to what is wrong, since it may run beside the other checks, which come first.
 */
export async function decodePictures(
  fd: number,
  places: FramePlaces,
  { isEach, count }: PictureChoice,
  steps: ReadSteps,
  isLeftOut: (index: number) => boolean,
): Promise<readonly { readonly frame: number; readonly message: string }[]> {
  const chosen = (isEach ? range(count) : spread(count)).filter(
    (index) => !isLeftOut(index) && (places.dataBytes[index] ?? 0) <= LARGEST_FRAME,
  );
  const bytes = chosen.reduce((sum, index) => sum + (places.dataBytes[index] ?? 0), 0);
  steps.expect(bytes);
  const broken: { frame: number; message: string }[] = [];
  const decoders = decodersFor(fd, bytes, isEach);
  try {
    await decoders.run(jobsOf(places, chosen), async (answer) => {
      steps.read(answer.bytesRead);
      broken.push(...answer.broken);
      if (steps.isDue) await steps.step();
      if (broken.length >= ENOUGH_BROKEN) await decoders.close();
    });
  } catch (failure) {
    if (broken.length < ENOUGH_BROKEN) throw failure;
  } finally {
    await decoders.close();
  }
  return broken.sort((a, b) => a.frame - b.frame);
}

/** Puts what `decodePictures` resolved to among the findings. */
export function tellBroken(
  broken: readonly { readonly frame: number; readonly message: string }[],
  findings: VideoFindings,
): void {
  for (const { frame, message } of broken) {
    if (!findings.isBlamed(frame - 1)) findings.fail('V10', message, frame);
  }
}

function decodersFor(fd: number, bytes: number, isEach: boolean): Decoders {
  if (bytes < FEW_BYTES) return decodersHere(fd);
  // The few pictures of a whole check are decoded beside its reading, by one more thread.
  return decodeThreads(fd, isEach ? availableParallelism() : 1);
}

function range(count: number): Uint32Array {
  return new Uint32Array(count).map((_, index) => index);
}

function spread(count: number): Uint32Array {
  const most = BETWEEN + 2;
  if (count <= most) return range(count);
  return new Uint32Array(most).map((_, number) => Math.round((number * (count - 1)) / (most - 1)));
}

function* jobsOf({ dataAt, dataBytes }: FramePlaces, chosen: Uint32Array): Generator<DecodeJob> {
  for (let from = 0; from < chosen.length;) {
    let [to, bytes] = [from, 0];
    while (to < chosen.length && bytes < JOB_BYTES) {
      bytes += dataBytes[chosen[to] ?? 0] ?? 0;
      to += 1;
    }
    const some = chosen.subarray(from, to);
    yield {
      frames: some.map((index) => index + 1),
      dataAt: Float64Array.from(some, (index) => dataAt[index] ?? 0),
      dataBytes: some.map((index) => dataBytes[index] ?? 0),
    };
    from = to;
  }
}
