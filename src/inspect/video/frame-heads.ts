import { CHUNK_HEAD_BYTES } from '../../recording/avi/avi-layout.js';
import type { FramePlaces } from './frame-places.js';
import { readInto } from './positional-read.js';
import type { ReadSteps } from './read-steps.js';
import type { VideoFindings } from './video-findings.js';
import { FRAME_WORD } from './walk.js';

const BLOCK = 2 ** 18;
/** Frames that are smaller than this are read in blocks: a call for each head alone costs more than the copy. */
const SMALL_FRAME = 12_000;
const HEADS_A_TURN = 4096;

/** V5 without reading the frames: the head of each frame's chunk has its name and the length that the index has. */
export async function checkFrameHeads(
  fd: number,
  places: FramePlaces,
  count: number,
  steps: ReadSteps,
  findings: VideoFindings,
): Promise<void> {
  const { dataAt, dataBytes } = places;
  const span = count === 0 ? 0 : (dataAt[count - 1] ?? 0) - (dataAt[0] ?? 0);
  const target = Buffer.allocUnsafe(span / count < SMALL_FRAME ? BLOCK : CHUNK_HEAD_BYTES);
  steps.expect((span / count < SMALL_FRAME ? span : 0) + CHUNK_HEAD_BYTES * count);
  let [from, to] = [0, 0];
  for (let index = 0; index < count; index += 1) {
    if (findings.isBlamed(index)) continue;
    const at = (dataAt[index] ?? 0) - CHUNK_HEAD_BYTES;
    if (at < from || at + CHUNK_HEAD_BYTES > to) {
      const bytes = readInto(fd, target, at);
      steps.read(bytes);
      [from, to] = [at, at + bytes];
    }
    const trouble = at + CHUNK_HEAD_BYTES > to ? undefined : headTrouble(target, at - from, dataBytes[index] ?? 0);
    if (trouble !== undefined) findings.fail('V5', trouble, index + 1);
    if (index % HEADS_A_TURN === HEADS_A_TURN - 1 && steps.isDue) await steps.step();
  }
}

/** V5 of one frame; its chunk's head is at `at` of `bytes`, and `length` is what the index says. */
export function headTrouble(bytes: Buffer, at: number, length: number): string | undefined {
  const told = bytes.readUInt32LE(at + 4);
  if (bytes.readUInt32LE(at) !== FRAME_WORD) {
    return `the chunk's head says ${JSON.stringify(bytes.toString('latin1', at, at + 4))} instead of "00dc"`;
  }
  return told === length ? undefined : `the chunk's head says ${told} bytes, the index ${length}`;
}
